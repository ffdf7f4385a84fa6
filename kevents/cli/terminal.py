"""The standard streams and the environment as a value, and all messages on standard error."""

from __future__ import annotations

import io
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
    """A status line or progress bar on the last line of standard error."""

    def hide(self) -> None: ...


@dataclass(frozen=True)
class Terminal:
    """The streams and the environment of a command; tests pass their own.

    columns: the width of the terminal, measured if None.
    """

    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    env: Mapping[str, str] = field(default_factory=dict)
    columns: int | None = None
    _drawings: list[Drawing] = field(default_factory=list, init=False, repr=False, compare=False)

    @classmethod
    def of_process(cls) -> Terminal:
        """The streams and the environment of this process; a closed standard input is an empty one."""
        return cls(sys.stdin or io.TextIOWrapper(io.BytesIO()), sys.stdout, sys.stderr, os.environ)

    @property
    def is_process(self) -> bool:
        """Whether these are the streams of the process itself, and not those of a test or of a prompt."""
        return self.stdout is sys.stdout

    @property
    def is_interactive(self) -> bool:
        """Whether standard output is a terminal."""
        return _is_terminal(self.stdout)

    @property
    def can_prompt(self) -> bool:
        """Whether a user can be prompted: standard input and output are terminals."""
        return self.is_interactive and _is_terminal(self.stdin)

    @property
    def shows_progress(self) -> bool:
        """Whether standard error is a terminal that can rewrite a line."""
        return _is_terminal(self.stderr) and self.env.get("TERM") != "dumb"

    @property
    def encoding(self) -> str:
        """The encoding of standard output."""
        return getattr(self.stdout, "encoding", None) or "utf-8"

    @property
    def width(self) -> int | None:
        """The columns of standard output; None if it is not a terminal."""
        if not self.is_interactive:
            return None
        return self.columns or _terminal_size(self.stdout, self.env).columns

    @property
    def is_dumb(self) -> bool:
        """Whether standard output is a dumb terminal (TERM=dumb)."""
        return self.is_interactive and self.env.get("TERM") == "dumb"

    @property
    def height(self) -> int | None:
        """The lines of standard output; None if it is not a terminal."""
        return _terminal_size(self.stdout, self.env).lines if self.is_interactive else None

    def use_color(self, flag: bool | None = None) -> bool:
        """Whether to write colors: the flag decides, then the environment, then whether stdout is a terminal."""
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
        """The columns of standard error."""
        return self.columns or _terminal_size(self.stderr, self.env).columns

    def attach(self, drawing: Drawing) -> None:
        """Hide the drawing from now on whenever a message is written to standard error."""
        self._drawings.append(drawing)

    def detach(self, drawing: Drawing) -> None:
        """Stop hiding the drawing."""
        self._drawings.remove(drawing)

    def note(self, text: str) -> None:
        """Write a note to standard error."""
        self._write_error(text)

    def warn(self, text: str) -> None:
        """Write a warning to standard error, with the name of the program."""
        self._write_error(f"kevents: {text}")

    def fail(self, error: KeventsError) -> int:
        """Write an error and its hint to standard error. Returns the exit status."""
        self._write_error(f"kevents: {error}")
        if error.hint:
            self._write_error(f"  {error.hint}")
        return error.exit_status

    def _write_error(self, text: str) -> None:
        for drawing in self._drawings:
            drawing.hide()
        self.stderr.write(encodable(escape(text, keep_newlines=True), self.stderr) + "\n")
        self.stderr.flush()


def encodable(text: str, stream: TextIO) -> str:
    r"""The text with characters that the stream can't encode written as escapes (`\u4e2d`)."""
    return text_encodable(text, getattr(stream, "encoding", None) or "utf-8")


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # closed
        return False


def _terminal_size(stream: TextIO, env: Mapping[str, str]) -> os.terminal_size:
    """The size of the stream's terminal; COLUMNS and LINES override it, as in other programs."""
    try:
        columns, lines = os.get_terminal_size(stream.fileno())
    except (OSError, ValueError):
        columns, lines = shutil.get_terminal_size(_FALLBACK)
    return os.terminal_size(
        (
            _positive(env.get("COLUMNS", "")) or columns or _FALLBACK[0],
            _positive(env.get("LINES", "")) or lines or _FALLBACK[1],
        )
    )


def _positive(text: str) -> int | None:
    return int(text) or None if text.isdecimal() else None
