"""A status line or a progress bar on standard error, if that is a terminal."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from kevents.cli.terminal import Terminal, encodable
from kevents.escape import escape
from kevents.render.units import size

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

_PAUSE = 0.1  # seconds between two drawings
Seconds = Callable[[], float]


class StatusLine:
    """A line on standard error that is rewritten in place, for work that runs until it is stopped."""

    def __init__(self, terminal: Terminal, seconds: Seconds = time.monotonic) -> None:
        self._terminal = terminal
        self._pace = _Pace(seconds)
        self._is_shown = False
        terminal.attach(self)

    def show(self, line: Callable[[], str]) -> None:
        """Draw the line unless it was drawn just before. line: called only if the line is drawn."""
        if self._terminal.shows_progress and self._pace.is_due():
            self._draw(line())
            self._is_shown = True

    def hide(self) -> None:
        """Erase the line until the next call of show."""
        if self._is_shown:
            self._draw("")
            self._is_shown = False
            self._pace.reset()

    def close(self) -> None:
        """Erase the line for good."""
        self.hide()
        self._terminal.detach(self)

    def _draw(self, line: str) -> None:
        stderr = self._terminal.stderr
        stderr.write("\r\x1b[K" + encodable(line[: self._terminal.error_width - 1], stderr))
        stderr.flush()


class Progress:
    """A progress bar on standard error, with the rate and the remaining time."""

    def __init__(
        self,
        terminal: Terminal,
        total: int | None = None,
        amount: Callable[[int], str] = size,
        seconds: Seconds = time.monotonic,
    ) -> None:
        """total: the amount of work, None if unknown, as for standard input. amount: formats an amount of work."""
        self._terminal = terminal
        self._total = total
        self._amount = amount
        self._seconds = seconds
        self._pace = _Pace(seconds)
        self._started = seconds()
        self._bar: RichProgress | None = None
        self._is_shown = False
        terminal.attach(self)

    def update(self, done: int, total: int | None = None, doing: str = "", detail: str = "") -> None:
        """Show the progress. total: replaces the earlier one. doing: text left of the bar; detail: right of it."""
        self._total = total or self._total
        if not (self._terminal.shows_progress and self._pace.is_due()):
            return
        bar = self._bar = self._bar or self._new_bar()
        amount = self._amount(done) + (f" of {self._amount(self._total)}" if self._total else "")
        bar.update(
            bar.tasks[0].id,
            completed=done,
            total=self._total,
            description=escape(doing),
            amount=amount,
            detail=escape(detail),
        )
        if self._is_shown:
            bar.refresh()
        else:
            bar.start()
            self._is_shown = True

    def rate(self, number: int) -> str:
        """The number per second since the start, such as `2,500/s`."""
        elapsed = self._seconds() - self._started
        return f"{number / elapsed:,.0f}/s" if elapsed > 0 else ""

    def hide(self) -> None:
        """Erase the bar until the next update."""
        if self._bar is not None and self._is_shown:
            self._bar.stop()
            self._is_shown = False
            self._pace.reset()

    def close(self) -> None:
        """Erase the bar for good."""
        self.hide()
        self._terminal.detach(self)

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _new_bar(self) -> RichProgress:
        from rich.console import Console
        from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        terminal = self._terminal
        console = Console(
            file=terminal.stderr,
            width=terminal.error_width,
            no_color=not terminal.use_color(),
            force_terminal=True,
            legacy_windows=False,
        )
        columns = [
            TextColumn("{task.description}", markup=False),
            *([BarColumn(bar_width=None), TaskProgressColumn()] if self._total else []),
            TextColumn("{task.fields[amount]}", markup=False),
            TextColumn("{task.fields[detail]}", markup=False),
            *([TimeRemainingColumn(compact=True)] if self._total else []),
        ]
        bar = RichProgress(
            *columns,
            console=console,
            transient=True,
            auto_refresh=False,
            expand=bool(self._total),
            get_time=self._seconds,
        )
        bar.add_task("", total=self._total, amount="", detail="")
        return bar


class _Pace:
    """Limits how often something is drawn."""

    def __init__(self, seconds: Seconds) -> None:
        self._seconds = seconds
        self._drawn: float | None = None

    def is_due(self) -> bool:
        now = self._seconds()
        if self._drawn is not None and now - self._drawn < _PAUSE:
            return False
        self._drawn = now
        return True

    def reset(self) -> None:
        self._drawn = None
