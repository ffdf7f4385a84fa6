"""From raw fields to observations, in DuckDB; the rules are in observe.sql."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from kevents.event.schema import STORED

if TYPE_CHECKING:
    import pyarrow as pa

    from kevents.duck import Connection

# Observations with the same values in these columns are duplicates, whatever their resourceVersion:
# `kubectl get events -w` prints expired events again, and the two API groups serve the same stored object.
IDENTITY = (
    *("cluster", "namespace", "kind", "name", "event_name", "clock_ns", "uid"),
    *("reason", "message", "count", "first_seen", "last_seen"),
)

_MACROS = """
CREATE MACRO time_of(text) AS (
    -- Go's zero time means "not set"; 'infinity' and 'epoch' are not times; offsets must not leave the years 1 to 9999
    CASE
        WHEN text[5] = '-' AND text[11] = 'T'
            AND (text[-1] = 'Z' OR text BETWEEN '0001-01-02' AND '9999-12-30')
            THEN nullif(try_cast(text AS TIMESTAMPTZ), TIMESTAMPTZ '0001-01-01 00:00:00Z')
    END
);
CREATE MACRO is_seconds(text) AS (length(text) = 20 AND text[20] = 'Z');
CREATE MACRO is_microseconds(text) AS (length(text) = 27 AND text[27] = 'Z');
"""


class Observer:
    """Turns tables of raw fields into observations: `select` is SQL over the tables loaded last."""

    def __init__(self, connection: Connection, cluster: str) -> None:
        """cluster: the label for documents that name no cluster."""
        self._connection = connection
        self.select = files("kevents.event").joinpath("observe.sql").read_text("utf-8")
        connection.execute(_MACROS)
        connection.execute("SET VARIABLE cluster = $1", [cluster])

    def load(self, tables: list[pa.Table]) -> None:
        """Let `select` read these tables, which `with_file_number` returned."""
        import pyarrow as pa

        self._connection.register("raw", pa.concat_tables(tables))

    def unload(self) -> None:
        """Free the tables loaded last."""
        self._connection.unregister("raw")


def with_file_number(raw: pa.Table, number: int) -> pa.Table:
    """The table, in the schema raw.RAW, with the number of the file that it was read from."""
    import pyarrow as pa

    return raw.append_column("file", pa.repeat(pa.scalar(number, pa.int32()), len(raw)))


def column_definitions() -> str:
    """The columns of `Observer.select` for CREATE TABLE."""
    stored = ", ".join(f'"{field.name}" {field.stored}' for field in STORED)
    return f"file INTEGER, cluster VARCHAR, {stored}"
