"""DuckDB connections that load no extensions and cannot read Python variables. No other module imports duckdb."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import duckdb

Connection = duckdb.DuckDBPyConnection
Relation = duckdb.DuckDBPyRelation
Statement = duckdb.Statement
Error = duckdb.Error
InputOutputError = duckdb.IOException

_FLUSH_THRESHOLD = "1MB"  # freed memory is returned to the system from this size, so that the limit holds for it, too
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def connect(*, memory: str | None = None, spill: str | None = None, most_spilled: int | None = None) -> Connection:
    """An in-memory database in UTC without extension downloads or replacement scans.

    memory: DuckDB's memory limit, for example "200MB". spill: the directory for data that exceeds it.
    most_spilled: the most bytes in that directory.
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "python_enable_replacements": "false",
    }
    if memory:
        config["memory_limit"] = memory
        config["allocator_flush_threshold"] = _FLUSH_THRESHOLD
        config["allocator_bulk_deallocation_flush_threshold"] = _FLUSH_THRESHOLD
    if spill:
        config["temp_directory"] = spill
    if most_spilled is not None:
        config["max_temp_directory_size"] = f"{most_spilled}B"
    connection = duckdb.connect(":memory:", config=config)
    connection.execute("SET GLOBAL TimeZone = 'UTC'")  # an ICU setting, unknown until the database is open
    return connection


def instant(microseconds: int | None) -> datetime | None:
    """The time of a number of microseconds since 1970, the inverse of `epoch_us`."""
    return None if microseconds is None else _EPOCH + timedelta(microseconds=microseconds)


def pattern_fault(patterns: Sequence[str]) -> str | None:
    """The first pattern that is not a valid RE2 regular expression, with the reason: `"(": missing )`; or None."""
    if not patterns:
        return None
    connection = connect()
    for pattern in patterns:
        try:
            connection.execute("SELECT regexp_matches('', $1)", [pattern]).fetchall()
        except Error as error:
            reason = str(error).partition(": ")[2]
            return f'"{pattern}": {reason.removesuffix(f": {pattern}")}'
    return None


def words(sql: str) -> list[str]:
    """The words and signs of the SQL in order, without comments: keywords in upper case, the others as NAME or TEXT."""
    text = sql.encode()
    tokens = duckdb.tokenize(sql)
    ends = [start for start, _ in tokens[1:]] + [len(text)]
    return [
        _word(text[start:end].decode().strip(), kind)
        for (start, kind), end in zip(tokens, ends, strict=True)
        if kind != duckdb.token_type.comment
    ]


def _word(text: str, kind: duckdb.token_type) -> str:
    if kind == duckdb.token_type.keyword:
        return text.upper()
    return "NAME" if kind == duckdb.token_type.identifier else "TEXT" if text[:1] in "'\"$" else text
