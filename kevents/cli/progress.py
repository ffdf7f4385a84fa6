"""What standard error shows while work goes on: a status line, or a bar with rate and time left; nothing in a pipe."""

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
    """A line on standard error that is rewritten in place, for work without an end."""

    def __init__(self, terminal: Terminal, seconds: Seconds = time.monotonic) -> None:
        self._terminal = terminal
        self._pace = _Pace(seconds)
        self._is_shown = False
        terminal.attach(self)

    def show(self, line: Callable[[], str]) -> None:
        """Draw the line, if it is time to; only then is it made."""
        if self._terminal.shows_progress and self._pace.is_due():
            self._draw(line())
            self._is_shown = True

    def hide(self) -> None:
        """Erase the line until it is shown again."""
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
    """A bar on standard error: how much of the work is done, how fast, and how long the rest will take."""

    def __init__(
        self,
        terminal: Terminal,
        total: int | None = None,
        amount: Callable[[int], str] = size,
        seconds: Seconds = time.monotonic,
    ) -> None:
        """total: of the work, None if unknown, as with standard input. amount: writes a number of the work's units."""
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
        """Show how far the work is. total: replaces the first one. doing: left of the bar; detail: right of it."""
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
        """So many per second since the start: `2,500/s`."""
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
    """Whether it is time to draw again."""

    def __init__(self, seconds: Seconds) -> None:
        self._seconds = seconds
        self._drawn: float | None = None

    def is_due(self) -> bool:
        moment = self._seconds()
        if self._drawn is not None and moment - self._drawn < _PAUSE:
            return False
        self._drawn = moment
        return True

    def reset(self) -> None:
        self._drawn = None
