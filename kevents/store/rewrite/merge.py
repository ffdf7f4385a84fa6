"""Rewriting rows into new files with bounded memory: part by part, each with other objects, sorted in memory."""

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
_THREADS = 2  # each has its buffers, and who records goes first
_PART = 250_000  # rows: an object's history is read from one part, so parts are small, …
_MOST_PARTS = 16  # … but a day's files few
_SAMPLE = 50_000  # rows from which the bounds of parts are taken
_OBJECT = [f"coalesce({name}, '')" for name in ("namespace", "kind", "name")]

Object = tuple[str, str, str]  # namespace, kind, name
Built = Callable[[int], None]  # told of each part's rows


class Merger:
    """Builds files below a directory; close it in any case."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.connection = duck.connect(memory=_MEMORY, spill=str(spill_of(directory)))
        self._run = self.connection.execute
        self._run(f"SET threads = {min(_THREADS, os.cpu_count() or 1)}")
        self._run("SET preserve_insertion_order = false")  # what is sorted is written in its order all the same

    def merge(
        self, files: Sequence[StoreFile], condition: str | None = None, built: Built = lambda _: None
    ) -> list[StoreFile]:
        """New files with the rows of files of one cluster and day, or with those for which the condition is true."""
        free_space.check(self._directory, sum(file.bytes for file in files))
        run, rows = secrets.token_hex(8), sum(file.rows for file in files)
        place = files[0].cluster, files[0].day, self._directory
        parts = list(_parts(self._bounds(files, min(max(rows // _PART, 1), _MOST_PARTS))))
        written = []
        for number, (part, values) in enumerate(parts):
            where = " AND ".join(filter(None, (part, condition and f"({condition})"))) or "true"
            select = f"SELECT {segment.COLUMNS} FROM {_scan(files)} WHERE {where}"
            name = run if len(parts) == 1 else f"{run}-{number:02}"
            file = segment.write_rows(self.connection, select, values, (*place, name))
            if file.rows:
                written.append(replace(file, least=_least(files)))
                built(file.rows)
            else:
                disk.remove(file.path)
        if condition is None and sum(file.rows for file in written) != rows:
            raise StoreError(f"merging {rows:,} rows gave {sum(file.rows for file in written):,}: nothing was replaced")
        return written

    def count(self, files: Sequence[StoreFile], condition: str) -> int:
        """For how many rows of the files the condition is true."""
        ((count,),) = self._run(f"SELECT count(*) FROM {_scan(files)} WHERE {condition}").fetchall()
        return int(count)

    def close(self) -> None:
        self.connection.close()

    def _bounds(self, files: Sequence[StoreFile], parts: int) -> list[Object]:
        """The objects that begin the second part and those after it, from every so many rows."""
        if parts == 1:
            return []
        every = max(sum(file.rows for file in files) // _SAMPLE, 1)
        sample: list[Object] = self._run(
            f"SELECT {', '.join(_OBJECT)} FROM {_scan(files, ', file_row_number = true')}"
            f" WHERE file_row_number % {every} = 0 ORDER BY ALL"
        ).fetchall()
        return sorted({sample[len(sample) * number // parts] for number in range(1, parts)})


def _least(files: Iterable[StoreFile]) -> str | None:
    """The lowest severity that one of the files was left with; None where one has them all."""
    found = [file.least for file in files]
    return max((least for least in found if least), key=SEVERITIES.index) if all(found) else None


def _parts(bounds: Sequence[Object]) -> Iterator[tuple[str, list[str]]]:
    """The condition of each part with its values; one without a condition where there are no bounds.

    What is said of namespaces alone follows from the rest, and lets row groups be passed over.
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
    """The object is the one of three parameters or one behind it; DuckDB compares no tuples in files."""
    namespace, kind, name = _OBJECT
    a, b, c = (f"${first + place}" for place in range(3))
    return f"({namespace} > {a} OR ({namespace} = {a} AND ({kind} > {b} OR ({kind} = {b} AND {name} >= {c}))))"


def _scan(files: Iterable[StoreFile], options: str = "") -> str:
    """All rows of the files; what one of an older schema lacks is null."""
    by_schema: dict[int, list[str]] = {}
    for file in files:
        by_schema.setdefault(file.schema, []).append(segment.literal(file.path))
    scans = [f"read_parquet([{', '.join(paths)}], hive_partitioning = false{options})" for paths in by_schema.values()]
    if by_schema.keys() == {SCHEMA}:
        return scans[0]
    nothing = ", ".join(f'NULL::{field.stored} AS "{field.name}"' for field in STORED)
    return f"({' UNION ALL BY NAME '.join((*(f'FROM {scan}' for scan in scans), f'SELECT {nothing} WHERE false'))})"
