"""Merges files in bounded memory: part by part, each with different objects and sorted in memory."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from kevents import duck
from kevents.errors import StoreError
from kevents.event.schema import SCHEMA, STORED
from kevents.event.severity import SEVERITIES
from kevents.store import disk, free_space
from kevents.store.paths import spill_of
from kevents.store.segments import segment

if TYPE_CHECKING:
    from kevents.store.catalog import StoreFile

_MEMORY = "600MB"
_THREADS = 2  # each needs buffers, and a recorder has priority
_PART_ROWS = 250_000  # small, because the history of an object is read from one part
_MAX_PARTS = 16  # of a day
_SAMPLE_ROWS = 50_000  # from which the bounds of the parts are chosen
_OBJECT = [f"coalesce({name}, '')" for name in ("namespace", "kind", "name")]

Object = tuple[str, str, str]  # namespace, kind, name
OnPart = Callable[[int], None]  # called with the rows of each part


class Merger:
    """Builds files below a directory. It must be closed."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.connection = duck.connect(memory=_MEMORY, spill=str(spill_of(directory)))
        self._run = self.connection.execute
        self._run(f"SET threads = {min(_THREADS, os.cpu_count() or 1)}")
        self._run("SET preserve_insertion_order = false")  # sorted rows are still written in order

    def merge(
        self, files: Sequence[StoreFile], condition: str | None = None, on_part: OnPart = lambda _: None
    ) -> list[StoreFile]:
        """New files with the rows of these files, which have one cluster and day. condition: limits the rows."""
        free_space.check(self._directory, sum(file.bytes for file in files))
        run, rows = secrets.token_hex(8), sum(file.rows for file in files)
        partition = files[0].cluster, files[0].day, self._directory
        parts = list(_parts(self._bounds(files, min(max(rows // _PART_ROWS, 1), _MAX_PARTS))))
        written = []
        for number, (part, values) in enumerate(parts):
            where = " AND ".join(filter(None, (part, condition and f"({condition})"))) or "true"
            select = f"SELECT {segment.COLUMNS} FROM {_scan(files)} WHERE {where}"
            name = run if len(parts) == 1 else f"{run}-{number:02}"
            file = segment.write_rows(self.connection, select, values, (*partition, name))
            if file.rows:
                written.append(replace(file, least=_lowest_severity(files)))
                on_part(file.rows)
            else:
                disk.remove(file.path)
        if condition is None and sum(file.rows for file in written) != rows:
            raise StoreError(
                f"merging {rows:,} rows resulted in {sum(file.rows for file in written):,}",
                hint="Nothing was replaced.",
            )
        return written

    def count(self, files: Sequence[StoreFile], condition: str) -> int:
        """The number of rows in the files for which the condition is true."""
        ((count,),) = self._run(f"SELECT count(*) FROM {_scan(files)} WHERE {condition}").fetchall()
        return int(count)

    def close(self) -> None:
        self.connection.close()

    def _bounds(self, files: Sequence[StoreFile], parts: int) -> list[Object]:
        """The first objects of the second and later parts, chosen from a sample of rows."""
        if parts == 1:
            return []
        step = max(sum(file.rows for file in files) // _SAMPLE_ROWS, 1)
        sample: list[Object] = self._run(
            f"SELECT {', '.join(_OBJECT)} FROM {_scan(files, ', file_row_number = true')}"
            f" WHERE file_row_number % {step} = 0 ORDER BY ALL"
        ).fetchall()
        return sorted({sample[len(sample) * number // parts] for number in range(1, parts)})


def _lowest_severity(files: Iterable[StoreFile]) -> str | None:
    """The lowest severity that pruning has left in any of the files; None if one was not pruned."""
    severities = [file.least for file in files]
    return max((severity for severity in severities if severity), key=SEVERITIES.index) if all(severities) else None


def _parts(bounds: Sequence[Object]) -> Iterator[tuple[str, list[str]]]:
    """The SQL condition of each part, with its parameters. Without bounds, there is one part without a condition.

    The conditions on the namespace alone are redundant, but let DuckDB skip row groups.
    """
    for low, high in pairwise((None, *bounds, None)):
        conditions: list[str] = []
        values: list[str] = []
        if low:
            values += low
            conditions.append(_at_or_after(1))
            if low[0]:
                conditions.append("namespace >= $1")
        if high:
            first = len(values) + 1
            values += high
            conditions += [f"NOT {_at_or_after(first)}", f"(namespace <= ${first} OR namespace IS NULL)"]
        yield " AND ".join(conditions), values


def _at_or_after(first: int) -> str:
    """SQL: the object is at or after that of three parameters. DuckDB cannot push a comparison of tuples into files."""
    namespace, kind, name = _OBJECT
    a, b, c = (f"${first + offset}" for offset in range(3))
    return f"({namespace} > {a} OR ({namespace} = {a} AND ({kind} > {b} OR ({kind} = {b} AND {name} >= {c}))))"


def _scan(files: Iterable[StoreFile], options: str = "") -> str:
    """The SQL to read the files. Columns that a file of an older schema does not have are null."""
    by_schema: dict[int, list[str]] = {}
    for file in files:
        by_schema.setdefault(file.schema, []).append(segment.literal(file.path))
    scans = [f"read_parquet([{', '.join(paths)}], hive_partitioning = false{options})" for paths in by_schema.values()]
    if by_schema.keys() == {SCHEMA}:
        return scans[0]
    all_columns = ", ".join(f'NULL::{field.stored} AS "{field.name}"' for field in STORED)
    return f"({' UNION ALL BY NAME '.join((*(f'FROM {scan}' for scan in scans), f'SELECT {all_columns} WHERE false'))})"
