"""DuckDB's errors as ours: one sentence that names the place, the line with a caret, and DuckDB's own hint."""

from __future__ import annotations

import json
from typing import NamedTuple

from kevents import duck
from kevents.errors import KeventsError, QueryError, StoreError

# kinds of errors that are of the SQL or of the machine, whatever the files hold
_OF_THE_STATEMENT = {"Parser", "Syntax", "Binder", "Catalog", "Permission", "INTERRUPT", "Interrupt", "Out of Memory"}


def failure(error: Exception, sql: str) -> KeventsError:
    """What to raise for an error of DuckDB, or of Arrow while it reads from DuckDB, about that SQL."""
    told = _read(str(error))
    if isinstance(error, duck.InputOutputError) or told.type == "IO":
        return unreadable(told.message)
    if told.type == "Permission":
        return QueryError("SQL here reads the views of the store and nothing else", told.message)
    sentence, _, advice = told.message.partition("\n")
    if told.position is None:
        return QueryError(sentence, advice or None)
    place = _Place.of(sql, told.position)
    hint = f"{place.line}\n  {' ' * place.indent}{'^' * place.length_of(told.length)}"
    return QueryError(
        f"line {place.number}, column {place.indent + 1}: {sentence}", f"{hint}\n  {advice}" if advice else hint
    )


def may_be_damage(error: Exception) -> bool:
    """Whether a damaged file can be why DuckDB failed, as far as its words tell; they seldom name a file."""
    return isinstance(error, UnicodeDecodeError) or _read(str(error)).type not in _OF_THE_STATEMENT


def unreadable(told: str) -> StoreError:
    """What to raise where a file of the store is missing or broken."""
    reason = told.partition(" Error: ")[2] or told
    return StoreError(
        f"cannot read the store: {reason.partition(chr(10))[0]}",
        "Is the disk whole? `kevents store info` tells where the store is.",
    )


class _Told(NamedTuple):
    type: str
    message: str
    position: int | None = None
    length: int = 1


def _read(text: str) -> _Told:
    """DuckDB's words, which are JSON under errors_as_json: `Binder Error: {"exception_message": …}`."""
    category, _, rest = text.partition(" Error: ")
    try:
        fields = json.loads(rest)
    except ValueError:
        return _Told(category, rest or text)
    if not isinstance(fields, dict) or "exception_message" not in fields:
        return _Told(category, rest)
    start, length = json.loads(fields.get("location", "[null,1]"))
    return _Told(fields.get("exception_type", category), fields["exception_message"], start, length)


class _Place(NamedTuple):
    number: int
    line: str
    indent: int

    @classmethod
    def of(cls, sql: str, position: int) -> _Place:
        """The line at a position, which DuckDB counts in bytes."""
        before = sql.encode()[:position].decode(errors="ignore")
        number = before.count("\n")
        lines = sql.split("\n")
        return cls(number + 1, lines[min(number, len(lines) - 1)], len(before) - before.rfind("\n") - 1)

    def length_of(self, wanted: int) -> int:
        """How many carets fit under the line."""
        return max(1, min(wanted, len(self.line) - self.indent))
