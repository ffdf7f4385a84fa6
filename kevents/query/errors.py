"""DuckDB's errors as errors of kevents: one sentence with line and column, the line with carets, and DuckDB's hint."""

from __future__ import annotations

import json
from typing import NamedTuple

from kevents import duck
from kevents.errors import KeventsError, OutOfMemoryError, QueryError, StoreError

# types of errors that the SQL or the machine causes, whatever the files contain
_NOT_FROM_FILES = {"Parser", "Syntax", "Binder", "Catalog", "Permission", "INTERRUPT", "Interrupt", "Out of Memory"}


def failure(error: Exception, sql: str) -> KeventsError:
    """The error to raise for an error of DuckDB, or of Arrow while it reads from DuckDB, in that SQL."""
    parsed = _parse(str(error))
    if isinstance(error, duck.InputOutputError) or parsed.type == "IO":
        return unreadable(parsed.message)
    if parsed.type == "Permission":
        return QueryError("SQL can only read the views of the store", parsed.message)
    if parsed.type == "Out of Memory":
        return out_of_memory(parsed.message)
    sentence, _, advice = parsed.message.partition("\n")
    if sentence.startswith("Arrow Appender: The maximum total string size"):
        return OutOfMemoryError("the rows of the result are too large", "Select fewer or shorter columns.")
    if parsed.position is None:
        return QueryError(sentence, advice or None)
    place = _Place.of(sql, parsed.position)
    hint = f"{place.line}\n  {' ' * place.indent}{'^' * place.carets(parsed.length)}"
    return QueryError(
        f"line {place.number}, column {place.indent + 1}: {sentence}", f"{hint}\n  {advice}" if advice else hint
    )


def out_of_memory(message: str = "") -> OutOfMemoryError:
    """The error to raise if a query needs more memory or temporary disk space than it may use. message: DuckDB's."""
    kind = "temporary disk space" if "max_temp_directory_size" in message else "memory"
    return OutOfMemoryError(f"the query needs more {kind} than it may use", "Use filters, such as --since 1h.")


def may_be_damage(error: Exception) -> bool:
    """Whether a damaged file can be the cause of a DuckDB error, judging by its message; few messages name a file."""
    return isinstance(error, UnicodeDecodeError) or _parse(str(error)).type not in _NOT_FROM_FILES


def unreadable(message: str) -> StoreError:
    """The error to raise if a file of the store is missing or broken. message: DuckDB's."""
    reason = message.partition(" Error: ")[2] or message
    return StoreError(
        f"cannot read the store: {reason.partition(chr(10))[0]}",
        "Check the disk; `kevents store info` shows where the store is.",
    )


class _DuckError(NamedTuple):
    type: str
    message: str
    position: int | None = None
    length: int = 1


def _parse(text: str) -> _DuckError:
    """The message of a DuckDB error, which is JSON under errors_as_json: `Binder Error: {"exception_message": …}`."""
    category, _, rest = text.partition(" Error: ")
    try:
        fields = json.loads(rest)
    except ValueError:
        return _DuckError(category, rest or text)
    if not isinstance(fields, dict) or "exception_message" not in fields:
        return _DuckError(category, rest)
    start, length = json.loads(fields.get("location", "[null,1]"))
    return _DuckError(fields.get("exception_type", category), fields["exception_message"], start, length)


class _Place(NamedTuple):
    """A position in SQL text. number: of the line, from 1; indent: characters before the position."""

    number: int
    line: str
    indent: int

    @classmethod
    def of(cls, sql: str, position: int) -> _Place:
        """The place of a position, which DuckDB counts in bytes."""
        before = sql.encode()[:position].decode(errors="ignore")
        number = before.count("\n")
        lines = sql.split("\n")
        return cls(number + 1, lines[min(number, len(lines) - 1)], len(before) - before.rfind("\n") - 1)

    def carets(self, length: int) -> int:
        """How many carets mark a text of this length without exceeding the line."""
        return max(1, min(length, len(self.line) - self.indent))
