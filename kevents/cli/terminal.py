"""The world as a value: the three streams and the environment, and everything that is said on standard error."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, TextIO

from kevents.errors import KeventsError
from kevents.escape import encodable as text_encodable
from kevents.escape import escape

_FALLBACK = (80, 24)


class Drawing(Protocol):
    """What stands on the last line of standard error while work goes on: a status line, a progress bar."""

    def hide(self) -> None: ...


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
    _drawings: list[Drawing] = field(default_factory=list, init=False, repr=False, compare=False)

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

    @property
    def error_width(self) -> int:
        """The cells of a line on standard error."""
        return self.columns or _measured(self.stderr, self.env).columns

    def attach(self, drawing: Drawing) -> None:
        """From now on, hide the drawing before anything is written to standard error."""
        self._drawings.append(drawing)

    def detach(self, drawing: Drawing) -> None:
        """Forget the drawing."""
        self._drawings.remove(drawing)

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
        for drawing in self._drawings:
            drawing.hide()
        self.stderr.write(encodable(escape(text, keep_newlines=True), self.stderr) + "\n")
        self.stderr.flush()


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
