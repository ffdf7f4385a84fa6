"""The world as a value: the three streams and the environment, and everything that is said on standard error."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TextIO

from kevents.errors import KeventsError
from kevents.escape import encodable as text_encodable
from kevents.escape import escape

_FALLBACK = (80, 24)


@dataclass(frozen=True)
class Terminal:
    """What a command talks to; tests bring their own.

    columns: the width of a terminal's line; None measures it.
    """

    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    env: Mapping[str, str] = field(default_factory=dict)
    columns: int | None = None
    _lines: list[Line] = field(default_factory=list, init=False, repr=False, compare=False)

    @classmethod
    def of_process(cls) -> Terminal:
        """The streams and the environment of this process."""
        return cls(sys.stdin, sys.stdout, sys.stderr, os.environ)

    @property
    def is_interactive(self) -> bool:
        """Whether standard output is a terminal."""
        return _is_terminal(self.stdout)

    @property
    def is_asked(self) -> bool:
        """Whether somebody can type and see the answer."""
        return self.is_interactive and _is_terminal(self.stdin)

    @property
    def shows_progress(self) -> bool:
        """Whether standard error is a terminal that can rewrite a line."""
        return _is_terminal(self.stderr) and self.env.get("TERM") != "dumb"

    @property
    def encoding(self) -> str:
        """What standard output can encode."""
        return getattr(self.stdout, "encoding", None) or "utf-8"

    @property
    def width(self) -> int | None:
        """The cells of a line on standard output; None where nobody counts them, as in a pipe."""
        if not self.is_interactive:
            return None
        return self.columns or _measured(self.stdout, self.env).columns

    @property
    def is_dumb(self) -> bool:
        """Whether standard output is a terminal that shows letters and nothing else."""
        return self.is_interactive and self.env.get("TERM") == "dumb"

    @property
    def height(self) -> int | None:
        """The lines of the terminal that standard output is; None where it is none."""
        return _measured(self.stdout, self.env).lines if self.is_interactive else None

    def use_color(self, flag: bool | None = None) -> bool:
        """Whether standard output is coloured: the flag, else what the environment asks for, else a terminal is."""
        if flag is not None:
            return flag
        if self.env.get("NO_COLOR"):
            return False
        if any(self.env.get(name, "0") not in {"", "0"} for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
            return True
        if self.env.get("CLICOLOR") == "0" or self.env.get("TERM") == "dumb":
            return False
        return self.is_interactive

    def note(self, text: str) -> None:
        """Say something beside the answer, on standard error."""
        self._say(text)

    def warn(self, text: str) -> None:
        """Say what the user should not overlook, on standard error."""
        self._say(f"kevents: {text}")

    def fail(self, error: KeventsError) -> int:
        """Say an error and its hint on standard error; the exit status is the answer."""
        self._say(f"kevents: {error}")
        if error.hint:
            self._say(f"  {error.hint}")
        return error.exit_status

    def _say(self, text: str) -> None:
        for line in self._lines:
            line.hide()
        self.stderr.write(encodable(escape(text, keep_newlines=True), self.stderr) + "\n")
        self.stderr.flush()


class Line:
    """A line on standard error that is rewritten in place; silent when that is no terminal."""

    _PAUSE = 0.1  # seconds: ten times a second is as much as an eye can use

    def __init__(self, terminal: Terminal, seconds: Callable[[], float] = time.monotonic) -> None:
        self._terminal = terminal
        self._seconds = seconds
        self._started = seconds()
        self._drawn: float | None = None
        terminal._lines.append(self)

    def show(self, line: Callable[[float], str]) -> None:
        """Draw the line that is made when it is time to; it is told the seconds since the beginning."""
        if not self._terminal.shows_progress:
            return
        moment = self._seconds()
        if self._drawn is not None and moment - self._drawn < self._PAUSE:
            return
        self._drawn = moment
        self._draw(line(moment - self._started))

    def hide(self) -> None:
        """Take the line away until it is shown again, to make room for what is said."""
        if self._drawn is not None:
            self._draw("")
            self._drawn = None

    def close(self) -> None:
        """Take the line away for good."""
        self.hide()
        self._terminal._lines.remove(self)

    def _draw(self, line: str) -> None:
        stderr = self._terminal.stderr
        width = self._terminal.columns or _measured(stderr, self._terminal.env).columns
        stderr.write("\r\x1b[K" + encodable(line[: width - 1], stderr))
        stderr.flush()


class Progress(Line):
    """How far long work is.

    total_bytes: how much there is to read, None where nobody knows, as with standard input.
    """

    def __init__(
        self, terminal: Terminal, total_bytes: int | None, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(terminal, seconds)
        self._total = total_bytes

    def update(self, done_bytes: int, events: int, name: str = "") -> None:
        """Tell how far the work is: bytes and events so far, in all, and what is being read."""
        self.show(lambda elapsed: self._line(done_bytes, events, name, elapsed))

    def _line(self, done_bytes: int, events: int, name: str, elapsed: float) -> str:
        from kevents.render.units import size

        amount = size(done_bytes)
        if self._total:
            amount += f" of {size(self._total)} ({min(100 * done_bytes // self._total, 100)}%)"
        rate = f"{events / elapsed:,.0f} events/s" if elapsed > 0 else ""
        read = f"{events:,} {'event' if events == 1 else 'events'}"
        return "  ".join(part for part in (amount, read, rate, escape(name)) if part)


def encodable(text: str, stream: TextIO) -> str:
    r"""The text as the stream can write it: `\u4e2d` for what its encoding does not hold."""
    return text_encodable(text, getattr(stream, "encoding", None) or "utf-8")


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # closed
        return False


def _measured(stream: TextIO, env: Mapping[str, str]) -> os.terminal_size:
    """The size of the terminal behind a stream, COLUMNS and LINES first as everywhere."""
    try:
        columns, lines = os.get_terminal_size(stream.fileno())
    except (OSError, ValueError):
        columns, lines = shutil.get_terminal_size(_FALLBACK)
    told = (env.get("COLUMNS", ""), env.get("LINES", ""))
    sizes = (columns or _FALLBACK[0], lines or _FALLBACK[1])
    wide, high = (int(word) if word.isdecimal() and int(word) else size for word, size in zip(told, sizes, strict=True))
    return os.terminal_size((wide, high))
