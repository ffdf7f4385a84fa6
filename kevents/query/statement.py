"""Which SQL may run: one statement that only reads. Everything else is refused before it starts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from kevents import duck
from kevents.duck import Connection, Error, Statement
from kevents.errors import QueryError, UsageError
from kevents.query.errors import failure

ParameterValue = str | int | float | bool | datetime | timedelta | list[datetime] | list[str] | None
Parameters = Mapping[str, ParameterValue]

# DuckDB's statement types; DESCRIBE, SUMMARIZE and SHOW count as SELECT, a PIVOT is a MULTI
_READING = {"SELECT", "EXPLAIN", "MULTI"}
# DuckDB accepts COPY inside WITH and EXPLAIN ANALYZE, and a PIVOT inside COPY, so the keyword itself is refused
_WRITING = {"COPY", "EXPORT"}

_HINT = "Use SELECT, FROM, WITH, PIVOT, DESCRIBE, SUMMARIZE or EXPLAIN."


def reading_statement(connection: Connection, sql: str) -> Statement:
    """The only statement of the SQL, if it only reads."""
    statements = _parse(connection, sql)
    if not statements:
        raise QueryError(
            "no SQL to run", 'For example: kevents query "SELECT reason, count(*) FROM events GROUP BY ALL"'
        )
    if len(statements) > 1:
        raise QueryError("only one statement at a time", f"Found {len(statements)} statements; run them one by one.")
    (statement,) = statements
    _refuse_writing(statement)
    return statement


def check_parameters(statement: Statement, parameters: Parameters) -> None:
    """Raise UsageError unless exactly the statement's parameters are given."""
    expected, given = set(statement.named_parameters), set(parameters)
    if missing := sorted(expected - given):
        raise UsageError(f"missing value for SQL parameter ${missing[0]}", f"Use --param {missing[0]}=VALUE.")
    if unused := sorted(given - expected):
        names = ", ".join(f"${name}" for name in sorted(expected)) or "none"
        raise UsageError(f"the SQL has no parameter ${unused[0]}", f"Its parameters: {names}.")


def literal(value: ParameterValue) -> str:
    """The value as an SQL literal."""
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
    keywords = {statement.query.split(maxsplit=1)[0].upper()} if statement.type.name not in _READING else set()
    for keyword in sorted(keywords | (duck.keywords(statement.query) & _WRITING)):
        raise QueryError(f"{keyword} is not allowed: queries are read-only", _HINT)
