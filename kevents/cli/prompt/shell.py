"""Interprets the input of the prompt: SQL that ends with a semicolon, or a command that starts with a backslash."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path
from typing import Protocol

from kevents.errors import KeventsError, UsageError
from kevents.render import formats
from kevents.suggest import nearest

HELP = """\
End SQL statements with a semicolon; they can span several lines. Queries are read-only.
  \\d             list the views             \\d VIEW     describe the columns of a view
  \\df            list the functions         \\o FORMAT   set the output format: table, wide, json, csv, …
  \\x             one line per column on/off \\i FILE     run the SQL in a file
  \\e             edit the last query        \\q          quit (also Ctrl-D)
Tab completes, arrow keys recall history, Ctrl-C cancels the query."""

COMMANDS = ("d", "df", "e", "i", "o", "q", "x", "?")

# quoted text and comments, in which a semicolon does not end the statement; and the start of an unclosed one
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*(?:\n|$)|/[*].*?[*]/", re.DOTALL)
_OPEN = re.compile(r"['\"]|/[*]")


class Backend(Protocol):
    """Runs SQL and commands for the prompt. Errors are raised as KeventsError."""

    def sql(self, text: str, output: str | None) -> None: ...
    def views(self) -> None: ...
    def view(self, name: str) -> None: ...
    def functions(self) -> None: ...
    def note(self, text: str) -> None: ...
    def fail(self, error: KeventsError) -> None: ...


class NextStep(Enum):
    """What the prompt does next."""

    CONTINUE = auto()
    QUIT = auto()
    EDIT = auto()  # continue with the last SQL as the input


@dataclass
class Shell:
    """The state of a session. output: the format of results, None for the default."""

    backend: Backend
    output: str | None = None
    last_sql: str = ""
    _earlier_output: str | None = field(default=None, init=False)  # the format before \x

    def handle(self, text: str) -> NextStep:
        """Run the input. Errors are written, and the session continues."""
        text = text.strip()
        try:
            if text.startswith("\\"):
                return self._command(text)
            self._run(text)
        except KeventsError as error:
            self.backend.fail(error)
        except KeyboardInterrupt:
            self.backend.note("Canceled.")
        return NextStep.QUIT if text in {"exit", "quit", "exit;", "quit;"} else NextStep.CONTINUE

    def _run(self, text: str) -> None:
        sql = text.rstrip(";").rstrip()
        if sql and sql not in {"exit", "quit"}:
            self.last_sql = sql
            self.backend.sql(sql, self.output)

    def _command(self, text: str) -> NextStep:
        name, _, argument = text[1:].partition(" ")
        actions: dict[str, Callable[[str], None]] = {
            "d": lambda view: self.backend.view(view) if view else self.backend.views(),
            "df": lambda _: self.backend.functions(),
            "o": self._set_output,
            "x": lambda _: self._toggle_yaml(),
            "i": self._run_file,
            "?": lambda _: self.backend.note(HELP),
        }
        if name in {"q", "e"}:
            return NextStep.QUIT if name == "q" else NextStep.EDIT
        if name not in actions:
            similar = nearest(name, COMMANDS)
            raise UsageError(f"unknown command \\{name}; try \\?", f"Did you mean \\{similar}?" if similar else None)
        actions[name](argument.strip().rstrip(";"))
        return NextStep.CONTINUE

    def _set_output(self, name: str) -> None:
        if name:
            self.output = formats.find(name).name
        self._note_output()

    def _toggle_yaml(self) -> None:
        is_yaml = self.output == "yaml"
        self.output, self._earlier_output = (self._earlier_output, None) if is_yaml else ("yaml", self.output)
        self._note_output()

    def _note_output(self) -> None:
        self.backend.note(f"Output format: {self.output or 'table'}.")

    def _run_file(self, name: str) -> None:
        if not name:
            raise UsageError("\\i needs a file name")
        try:
            sql = Path(name).expanduser().read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
            raise UsageError(f"cannot read {name}: {reason}") from error
        self._run(sql.strip())


def is_complete(text: str) -> bool:
    """Whether the input can be run: a command, or SQL that ends with a semicolon outside of quotes and comments."""
    text = text.strip()
    if not text or text.startswith("\\") or text in {"exit", "quit"}:
        return True
    bare = _QUOTED.sub("", text).strip()
    return bare.endswith(";") and not _OPEN.search(bare)
