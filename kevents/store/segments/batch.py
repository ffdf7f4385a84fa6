"""Observations that wait in DuckDB, each once, with its day and the hash by which it is found in the store."""

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

# What the views take for granted of every row; a file from elsewhere may hold anything.
_SOUND = """
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
            THEN DATE '1970-01-01' + (epoch_us(last_seen) // 86400000000)::INTEGER  -- by ICU it takes ten times as long
    END AS day,
    hash({ROW}) AS identity
FROM ({{observations}})
"""


class Batch:
    """The table `batch` of a connection."""

    def __init__(self, connection: Connection, cluster: str, now: datetime) -> None:
        """cluster: the label of rows that name none; now: last_seen a day later than this is absurd and has no day."""
        self._connection = connection
        self._run = connection.execute
        self._observer = Observer(connection, cluster)
        self._run("SET VARIABLE earliest = $1", [_EARLIEST])
        self._run("SET VARIABLE latest = $1", [now + timedelta(days=1)])
        self._run("SET VARIABLE first = TIMESTAMPTZ '0001-01-01 00:00:00Z'")
        self._run("SET VARIABLE last = TIMESTAMPTZ '9999-12-31 23:59:59.999999Z'")
        self.empty()

    def empty(self) -> None:
        """Begin anew, with a new table: deleted rows hold on to their memory."""
        self._run(f"CREATE OR REPLACE TABLE batch ({observe.column_definitions()}, day DATE, identity UBIGINT)")

    def take(self, raw: list[pa.Table]) -> None:
        """Add the observations of tables that `observe.with_file_number` gave."""
        if raw:
            self._observer.load(raw)
            self._run("SET preserve_insertion_order = false")  # lets every core insert
            self._run(_INSERT.format(observations=self._observer.select))
            self._run("SET preserve_insertion_order = true")  # files are sorted

    def take_rows(self, rows: pa.Table, file: int) -> int:
        """Add observations of another store, as they are; how many were none and were left out."""
        self._connection.register("rows", rows)
        fitted = "coalesce(nullif(cluster, ''), getvariable('cluster')) AS cluster, uid::UUID AS uid"
        select = f"SELECT {file} AS file, * REPLACE ({fitted}) FROM rows WHERE coalesce({_SOUND}, false)"
        ((taken,),) = self._run(_INSERT.format(observations=select)).fetchall()
        self._connection.unregister("rows")
        return len(rows) - int(taken)

    def drop_twins(self) -> None:
        """Keep of the observations that are the same one of the first file.

        Twins are looked for by hash, which costs a tenth of comparing every column, and then compared.
        """
        self._run(
            f"""
            DELETE FROM batch WHERE rowid IN (
                WITH twins AS (SELECT identity FROM batch GROUP BY identity HAVING count(*) > 1)
                SELECT row FROM (
                    SELECT rowid AS row, row_number() OVER (PARTITION BY {ROW} ORDER BY file, rowid) AS place
                    FROM batch SEMI JOIN twins USING (identity)
                ) WHERE place > 1
            )
            """
        )
