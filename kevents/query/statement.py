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
# DuckDB accepts COPY and INSERT inside WITH, anything inside EXPLAIN ANALYZE, and a PIVOT inside CREATE and COPY
_WRITING = frozenset(
    {
        *(
            "ALTER",
            "ATTACH",
            "CALL",
            "COPY",
            "CREATE",
            "DELETE",
            "DETACH",
            "DROP",
            "EXPORT",
            "IMPORT",
            "INSERT",
            "INSTALL",
        ),
        *("LOAD", "MERGE", "PRAGMA", "RESET", "SET", "TRUNCATE", "UPDATE", "USE", "VACUUM"),
    }
)
# after these, such a word is a column: `(copy IS NULL)`, `(load + 1)`
_IN_EXPRESSIONS = frozenset({"AND", "AS", "ASC", "BETWEEN", "DESC", "ILIKE", "IN", "IS", "LIKE", "NOT", "OR", "ORDER"})

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
    words = duck.words(statement.query)
    if statement.type.name not in _READING:
        raise _refusal(statement.query.split(maxsplit=1)[0].upper())
    start = _after_explain(words)
    if words[start : start + 1] and words[start] in _WRITING:
        raise _refusal(words[start])
    for before, word, after in zip(words, words[1:], words[2:], strict=False):
        if before == "(" and word in _WRITING and (after.isalpha() or after == "(") and after not in _IN_EXPRESSIONS:
            raise _refusal(word)


def _after_explain(words: list[str]) -> int:
    """The index of the first word of the statement that EXPLAIN explains; 0 if there is no EXPLAIN."""
    if words[:1] != ["EXPLAIN"]:
        return 0
    index = 1
    while words[index : index + 1] and words[index] in {"ANALYZE", "ANALYSE", "VERBOSE"}:
        index += 1
    if words[index : index + 1] == ["("]:  # its options
        index = words.index(")", index) + 1
    return index


def _refusal(keyword: str) -> QueryError:
    return QueryError(f"{keyword} is not allowed: queries are read-only", _HINT)
