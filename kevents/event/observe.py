"""Raw fields → observations, in DuckDB: the rules themselves are in observe.sql."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from kevents.event.schema import STORED

if TYPE_CHECKING:
    import pyarrow as pa

    from kevents.duck import Connection

# Two observations that agree in these are one observation, whatever their resourceVersion: `kubectl get events -w`
# prints expired events again, and the two API groups serve one stored object.
IDENTITY = (
    *("cluster", "namespace", "kind", "name", "event_name", "clock_ns", "uid"),
    *("reason", "message", "count", "first_seen", "last_seen"),
)

_MACROS = """
CREATE MACRO instant(written) AS (
    -- Go's zero time means "not set"; 'infinity' and 'epoch' are no times; offsets must not leave the years 1 to 9999
    CASE
        WHEN written[5] = '-' AND written[11] = 'T'
            AND (written[-1] = 'Z' OR written BETWEEN '0001-01-02' AND '9999-12-30')
            THEN nullif(try_cast(written AS TIMESTAMPTZ), TIMESTAMPTZ '0001-01-01 00:00:00Z')
    END
);
CREATE MACRO seconds(written) AS (length(written) = 20 AND written[20] = 'Z');
CREATE MACRO microseconds(written) AS (length(written) = 27 AND written[27] = 'Z');
"""


class Observer:
    """Turns tables of raw fields into observations: `select` is SQL over the one that `look` was given last."""

    def __init__(self, connection: Connection, cluster: str) -> None:
        """cluster: the label of documents that name none."""
        self._connection = connection
        self.select = files("kevents.event").joinpath("observe.sql").read_text("utf-8")
        connection.execute(_MACROS)
        connection.execute("SET VARIABLE cluster = $1", [cluster])

    def look(self, tables: list[pa.Table]) -> None:
        """Make tables that `of_file` gave the ones to select from."""
        import pyarrow as pa

        self._connection.register("raw", pa.concat_tables(tables))


def of_file(raw: pa.Table, number: int) -> pa.Table:
    """A table in event.raw.RAW, marked with the number of the file that it came from."""
    import pyarrow as pa

    return raw.append_column("file", pa.repeat(pa.scalar(number, pa.int32()), len(raw)))


def columns() -> str:
    """The columns of `Observer.select`, as CREATE TABLE takes them."""
    stored = ", ".join(f'"{field.name}" {field.stored}' for field in STORED)
    return f"file INTEGER, cluster VARCHAR, {stored}"
