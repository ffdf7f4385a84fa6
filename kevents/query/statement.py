"""What may run: one statement that reads. Everything else is refused before it starts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from kevents import duck
from kevents.duck import Connection, Error, Statement
from kevents.errors import QueryError, UsageError
from kevents.query.errors import failure

ParameterValue = str | int | float | bool | datetime | timedelta | list[datetime] | list[str] | None
Parameters = Mapping[str, ParameterValue]

# DESCRIBE, SUMMARIZE and SHOW count as SELECT, a PIVOT is a MULTI
_READING = {"SELECT", "EXPLAIN", "MULTI"}
# DuckDB takes a COPY inside WITH and under EXPLAIN ANALYZE, and a PIVOT inside COPY: so the word itself is refused
_WRITING = {"COPY", "EXPORT"}

_HINT = "SELECT, FROM, WITH, PIVOT, DESCRIBE, SUMMARIZE and EXPLAIN are the statements that read."


def reading_statement(connection: Connection, sql: str) -> Statement:
    """The one statement of the text, if it only reads."""
    statements = _parse(connection, sql)
    if not statements:
        raise QueryError(
            "there is no SQL to run", 'Such as: kevents query "SELECT reason, count(*) FROM events GROUP BY ALL"'
        )
    if len(statements) > 1:
        raise QueryError(f"these are {len(statements)} statements; one is run at a time", "Ask them one by one.")
    (statement,) = statements
    _refuse_writing(statement)
    return statement


def check_parameters(statement: Statement, parameters: Parameters) -> None:
    """Every parameter of the statement is given, and no other."""
    wanted, given = set(statement.named_parameters), set(parameters)
    if missing := sorted(wanted - given):
        raise UsageError(f"the SQL asks for ${missing[0]}", f"Give it with --param {missing[0]}=VALUE.")
    if unused := sorted(given - wanted):
        names = ", ".join(f"${name}" for name in sorted(wanted)) or "no parameter"
        raise UsageError(f"the SQL has no ${unused[0]}", f"It has {names}.")


def literal(value: ParameterValue) -> str:
    """The value as SQL writes it."""
    match value:
        case None:
            return "NULL"
        case bool() | int() | float():
            return str(value).lower()
        case datetime():
            return f"TIMESTAMPTZ '{value.isoformat()}'"
        case timedelta():
            return f"to_microseconds({value // timedelta(microseconds=1)})"
        case list():
            return f"[{', '.join(map(literal, value))}]"
        case str():
            return "'" + value.replace("'", "''") + "'"


def _parse(connection: Connection, sql: str) -> list[Statement]:
    try:
        return connection.extract_statements(sql)
    except Error as error:
        raise failure(error, sql) from error


def _refuse_writing(statement: Statement) -> None:
    words = {statement.query.split(maxsplit=1)[0].upper()} if statement.type.name not in _READING else set()
    for word in sorted(words | (duck.keywords(statement.query) & _WRITING)):
        raise QueryError(f"{word} is refused: SQL here reads and never writes", _HINT)
