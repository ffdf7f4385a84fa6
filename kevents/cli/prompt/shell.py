"""What a prompt does with what was typed: SQL up to a semicolon, or a command that begins with a backslash."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path
from typing import Protocol

from kevents.errors import KeventsError, UsageError
from kevents.render import formats
from kevents.suggest import hint

HELP = """\
SQL ends with a semicolon and may go over several lines; it reads the views and writes nothing.
  \\d             the views                  \\d VIEW     its columns and what they mean
  \\df            the functions              \\o FORMAT   write answers so: table, wide, json, csv, …
  \\x             each row as its own lines  \\i FILE     run the SQL of a file
  \\e             the last SQL, to edit      \\q          leave, as Ctrl-D does
Tab completes, the arrows bring back what was asked, Ctrl-C stops a question."""

COMMANDS = ("d", "df", "e", "i", "o", "q", "x", "?")


# quoted text and comments, in which a semicolon ends nothing; and what opens one that is not closed
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*(?:\n|$)|/[*].*?[*]/", re.DOTALL)
_OPEN = re.compile(r"['\"]|/[*]")


class Asked(Protocol):
    """What answers a prompt; a mistake is a KeventsError."""

    def sql(self, text: str, output: str | None) -> None: ...
    def views(self) -> None: ...
    def view(self, name: str) -> None: ...
    def functions(self) -> None: ...
    def say(self, text: str) -> None: ...
    def fail(self, error: KeventsError) -> None: ...


class Next(Enum):
    """What the prompt does after a line."""

    GO_ON = auto()
    LEAVE = auto()
    EDIT = auto()  # begin with the last SQL


@dataclass
class Shell:
    """The state of a session: how answers are written, and the last SQL."""

    asked: Asked
    output: str | None = None
    last: str = ""
    _before: str | None = field(default=None, init=False)  # the format that \x goes back to

    def take(self, typed: str) -> Next:
        """Answer what was typed; every mistake is told, and the session goes on."""
        text = typed.strip()
        try:
            if text.startswith("\\"):
                return self._command(text)
            self._ask(text)
        except KeventsError as error:
            self.asked.fail(error)
        except KeyboardInterrupt:
            self.asked.say("Stopped.")
        return Next.LEAVE if text in {"exit", "quit", "exit;", "quit;"} else Next.GO_ON

    def _ask(self, text: str) -> None:
        sql = text.rstrip(";").rstrip()
        if sql and sql not in {"exit", "quit"}:
            self.last = sql
            self.asked.sql(sql, self.output)

    def _command(self, text: str) -> Next:
        word, _, rest = text[1:].partition(" ")
        actions: dict[str, Callable[[str], None]] = {
            "d": lambda name: self.asked.view(name) if name else self.asked.views(),
            "df": lambda _: self.asked.functions(),
            "o": self._write_as,
            "x": lambda _: self._toggle(),
            "i": self._run_file,
            "?": lambda _: self.asked.say(HELP),
        }
        if word in {"q", "e"}:
            return Next.LEAVE if word == "q" else Next.EDIT
        if word not in actions:
            raise UsageError(f"there is no \\{word}", hint(word, COMMANDS) + " \\? explains them.")
        actions[word](rest.strip().rstrip(";"))
        return Next.GO_ON

    def _write_as(self, name: str) -> None:
        if name:
            self.output = formats.find(name).name
        self.asked.say(f"Answers are written as {self.output or 'table'}.")

    def _toggle(self) -> None:
        self.output, self._before = (self._before, None) if self.output == "yaml" else ("yaml", self.output)
        self.asked.say(f"Answers are written as {self.output or 'table'}.")

    def _run_file(self, name: str) -> None:
        try:
            self._ask(Path(name).expanduser().read_text("utf-8").strip())
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise UsageError(f"cannot read {name or 'a file without a name'}: {reason}") from error


def is_whole(typed: str) -> bool:
    """Whether nothing more is to be typed: a command, or SQL whose semicolon is not inside quotes or a comment."""
    text = typed.strip()
    if not text or text.startswith("\\") or text in {"exit", "quit"}:
        return True
    bare = _QUOTED.sub("", text).strip()
    return bare.endswith(";") and not _OPEN.search(bare)
