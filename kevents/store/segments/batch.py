"""Observations in a DuckDB table, on their way into the store, each with its day and a hash of its identity."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from kevents.event import observe
from kevents.event.observe import Observer
from kevents.store.segments.dedup import ROW

if TYPE_CHECKING:
    import pyarrow as pa

    from kevents.duck import Connection

_EARLIEST = datetime(2014, 6, 1, tzinfo=UTC)  # no cluster is older than Kubernetes

# The views rely on this for every row, and rows of an imported file can contain anything.
_VALID = """
    "count" >= 1
    AND (last_seen IS NULL OR last_seen BETWEEN getvariable('first') AND getvariable('last'))
    AND (first_seen IS NULL OR first_seen BETWEEN getvariable('first') AND getvariable('last'))
    AND (created IS NULL OR created BETWEEN getvariable('first') AND getvariable('last'))
    AND (clock_ns IS NULL OR (
        clock_ns BETWEEN -2000000000 AND 2000000000
        AND first_seen BETWEEN TIMESTAMPTZ '2007-01-01 00:00:00Z' AND TIMESTAMPTZ '2262-01-01 00:00:00Z'
    ))
    AND (extra IS NULL OR CASE WHEN json_valid(extra) THEN json_type(extra) END = 'OBJECT')
    AND (related IS NULL OR CASE WHEN json_valid(related) THEN json_type(related) END = 'OBJECT')
"""

_INSERT = f"""
INSERT INTO batch BY NAME
SELECT
    *,
    CASE
        WHEN last_seen BETWEEN getvariable('earliest') AND getvariable('latest')
            -- the date functions of ICU take ten times as long
            THEN DATE '1970-01-01' + (epoch_us(last_seen) // 86400000000)::INTEGER
    END AS day,
    hash({ROW}) AS identity
FROM ({{observations}})
"""


class Batch:
    """The table `batch` of a connection."""

    def __init__(self, connection: Connection, cluster: str, now: datetime) -> None:
        """cluster: the label of rows without one.

        A last_seen more than a day after now is out of range: such rows get no day.
        """
        self._connection = connection
        self._run = connection.execute
        self._observer = Observer(connection, cluster)
        self._run("SET VARIABLE earliest = $1", [_EARLIEST])
        self._run("SET VARIABLE latest = $1", [now + timedelta(days=1)])
        self._run("SET VARIABLE first = TIMESTAMPTZ '0001-01-01 00:00:00Z'")
        self._run("SET VARIABLE last = TIMESTAMPTZ '9999-12-31 23:59:59.999999Z'")
        self.clear()

    def clear(self) -> None:
        """Replace the table with an empty one. Deleting its rows would not free their memory."""
        self._run(f"CREATE OR REPLACE TABLE batch ({observe.column_definitions()}, day DATE, identity UBIGINT)")

    def add(self, raw: list[pa.Table]) -> None:
        """Add the observations of tables from `observe.with_file_number`."""
        if raw:
            self._observer.load(raw)
            self._run("SET preserve_insertion_order = false")  # so that all cores can insert
            self._run(_INSERT.format(observations=self._observer.select))
            self._run("SET preserve_insertion_order = true")  # segments are sorted
            self._observer.unload()

    def add_rows(self, rows: pa.Table, file: int) -> int:
        """Add rows of another store unchanged. Returns the number of invalid rows, which are skipped."""
        self._connection.register("rows", rows)
        columns = "coalesce(nullif(cluster, ''), getvariable('cluster')) AS cluster, uid::UUID AS uid"
        select = f"SELECT {file} AS file, * REPLACE ({columns}) FROM rows WHERE coalesce({_VALID}, false)"
        ((added,),) = self._run(_INSERT.format(observations=select)).fetchall()
        self._connection.unregister("rows")
        return len(rows) - int(added)

    def drop_duplicates(self) -> None:
        """Keep one of several identical observations, that of the first file.

        Candidates are found by hash and then compared, which takes a tenth of the time of comparing all rows.
        """
        self._run(
            f"""
            DELETE FROM batch WHERE rowid IN (
                WITH repeated AS (SELECT identity FROM batch GROUP BY identity HAVING count(*) > 1)
                SELECT row FROM (
                    SELECT rowid AS row, row_number() OVER (PARTITION BY {ROW} ORDER BY file, rowid) AS position
                    FROM batch SEMI JOIN repeated USING (identity)
                ) WHERE position > 1
            )
            """
        )
