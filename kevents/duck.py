"""The one door to DuckDB: connections that load nothing, fetch nothing and see no Python variable."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import duckdb

Connection = duckdb.DuckDBPyConnection
Relation = duckdb.DuckDBPyRelation
Statement = duckdb.Statement
Error = duckdb.Error
InputOutputError = duckdb.IOException

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def connect(*, memory: str | None = None, spill: str | None = None) -> Connection:
    """An in-memory database in UTC without extension downloads or replacement scans.

    memory: DuckDB's own limit, such as "200MB"; spill: the directory it may write to when that is not enough.
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "python_enable_replacements": "false",
    }
    if memory:
        config["memory_limit"] = memory
    if spill:
        config["temp_directory"] = spill
    connection = duckdb.connect(":memory:", config=config)
    connection.execute("SET GLOBAL TimeZone = 'UTC'")  # an ICU setting: not known before the database is open
    return connection


def instant(microseconds: int | None) -> datetime | None:
    """The time of a number of microseconds since 1970, as `epoch_us` gives it."""
    return None if microseconds is None else _EPOCH + timedelta(microseconds=microseconds)


def pattern_fault(patterns: Sequence[str]) -> str | None:
    """What is wrong with the first pattern that is no regular expression of RE2; None when all can be used."""
    if not patterns:
        return None
    asked = connect()
    for pattern in patterns:
        try:
            asked.execute("SELECT regexp_matches('', $1)", [pattern]).fetchall()
        except Error as error:
            return f'"{pattern}" is no regular expression: {str(error).partition(": ")[2]}'
    return None


def keywords(sql: str) -> set[str]:
    """The words of SQL that are neither quoted nor commented nor names, in upper case."""
    text = sql.encode()
    tokens = duckdb.tokenize(sql)
    ends = [start for start, _ in tokens[1:]] + [len(text)]
    return {
        text[start:end].decode().strip().upper()
        for (start, kind), end in zip(tokens, ends, strict=True)
        if kind == duckdb.token_type.keyword
    }
