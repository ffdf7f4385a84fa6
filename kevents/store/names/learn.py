"""Updates the name index of a store: `python -m kevents.store.names.learn STORE INDEX`.

Completion starts this process and waits only a moment. The newest segment comes first and is committed at once, so the
most useful names are there in a fraction of a second, even if the rest takes seconds.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from kevents import clock, duck
from kevents.store import disk
from kevents.store.catalog import StoreFile
from kevents.store.lock import Lock
from kevents.store.names.index import Index
from kevents.store.names.state import state_of
from kevents.store.segments.segment import hive_scan
from kevents.store.store import Store
from kevents.worker_process import run

_BATCH_ROWS = 2_000_000  # of segments that are read together
_SEGMENTS = hive_scan("$1")
_OBJECTS = "SELECT DISTINCT kind, name, coalesce(namespace, ''), cluster FROM {rows} WHERE kind <> '' AND name <> ''"
# Nodes are taken from kubelet events, and images from Pulling events. Parsing every message, as the views do, takes a
# second per segment and finds hardly any more.
_WORDS = """
SELECT 'cluster', cluster FROM {rows} GROUP BY ALL UNION ALL
SELECT 'namespace', namespace FROM {rows} GROUP BY ALL UNION ALL
SELECT 'kind', kind FROM {rows} GROUP BY ALL UNION ALL
SELECT 'reason', reason FROM {rows} GROUP BY ALL UNION ALL
SELECT 'component', coalesce(nullif(source_component, ''), reporting_controller) FROM {rows} GROUP BY ALL UNION ALL
SELECT 'node', source_host FROM {rows} GROUP BY ALL UNION ALL
SELECT 'node', name FROM {rows} WHERE kind = 'Node' GROUP BY ALL UNION ALL
SELECT 'image', regexp_extract(message, '"([^"]+)"', 1)
FROM (SELECT DISTINCT message FROM {rows} WHERE reason = 'Pulling')
"""


def learn(store: Path, path: Path, now: datetime) -> None:
    """Add to the index what is new in the store. Does nothing if another process is doing that."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = Lock(path.with_suffix(".lock"))
    if not lock.acquire(0):
        return
    try:
        index = _open(path)
        try:
            _update(store, index, now)
        finally:
            index.close()
    finally:
        lock.release()


def _open(path: Path) -> Index:
    try:
        return Index(path, is_writer=True)
    except sqlite3.DatabaseError:  # damaged: it can be rebuilt
        path.unlink()
        return Index(path, is_writer=True)


def _update(store: Path, index: Index, now: datetime) -> None:
    state = state_of(store)  # before listing the files: later changes are for the next update
    snapshot = Store.open(store).snapshot()
    index.keep(map(_label, snapshot.files))
    known = index.segments
    connection = duck.connect()
    for files in _batches(
        [file for file in snapshot.files if _label(file) not in known and not disk.kind_of(file.path)]
    ):
        _add_segments(index, files, connection)
    fresh = snapshot.fresh(now)
    if fresh is not None:
        connection.register("fresh", fresh.table)
        _add_names(index, "", "fresh", connection, [])
    index.complete(state)


def _add_segments(index: Index, files: Sequence[StoreFile], connection: duck.Connection) -> None:
    """Add segments together, or one by one if one of them cannot be read."""
    try:
        _add_names(index, max(map(_label, files)), _SEGMENTS, connection, [[str(file.path) for file in files]])
    except duck.Error:
        if len(files) > 1:
            for file in files:
                _add_segments(index, [file], connection)
        return  # `kevents store verify` reports damaged files
    for file in files:
        index.add(_label(file), (), ())


def _add_names(index: Index, file: str, rows: str, connection: duck.Connection, parameters: list[list[str]]) -> None:
    objects = connection.execute(_OBJECTS.format(rows=rows), parameters).fetchall()
    words = connection.execute(_WORDS.format(rows=rows), parameters).fetchall()
    index.add(file, objects, [(category, word) for category, word in words if word])


def _batches(files: Sequence[StoreFile]) -> Iterator[list[StoreFile]]:
    """The newest segment on its own, then larger batches, from new to old."""
    batch: list[StoreFile] = []
    limit = 1
    for file in sorted(files, key=_label, reverse=True):
        batch.append(file)
        if sum(other.rows for other in batch) >= limit:
            yield batch
            batch, limit = [], _BATCH_ROWS
    if batch:
        yield batch


def _label(file: StoreFile) -> str:
    """The name of a segment in the index. Newer days sort after older ones."""
    run_id, _, number = file.path.stem.partition("-")
    return f"{file.day:%y%m%d}{run_id[:8]}{number}" if file.day else f"000000{run_id[:8]}{number}"


if __name__ == "__main__":
    sys.exit(run(lambda: learn(Path(sys.argv[1]), Path(sys.argv[2]), clock.now())))
