"""A line that says how far a look at the whole store is."""

from __future__ import annotations

from kevents.cli.console import Line, Terminal


class Looking(Line):
    """The line, from the first byte to the last."""

    def __init__(self, terminal: Terminal) -> None:
        super().__init__(terminal)

    def watch(self, done: int, total: int) -> None:
        """Tell how many bytes were looked at, and how many there are to look at in all."""
        from kevents.render.units import size

        self.show(lambda _: f"verifying: {size(done)} of {size(total)} ({100 * done // max(total, 1)}%)")

    def __enter__(self) -> Looking:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
