"""The one door to DuckDB: connections that load nothing, fetch nothing and see no Python variable."""

from __future__ import annotations

import duckdb

Connection = duckdb.DuckDBPyConnection
Error = duckdb.Error


def connect(*, memory: str | None = None, spill: str | None = None) -> Connection:
    """An in-memory database in UTC without extension downloads or replacement scans.

    memory: DuckDB's own limit, such as "200MB"; spill: the folder it may write to when that is not enough.
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
    connection.execute("SET TimeZone = 'UTC'")  # an ICU setting: not known before the database is open
    return connection
