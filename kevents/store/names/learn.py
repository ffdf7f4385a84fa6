"""`python -m kevents.store.names.learn STORE INDEX`: bring the index of names up to what the store holds.

A completion starts it and waits a moment at most. The newest segment comes first and counts at once, so that the names
that matter are there in a fraction of a second, also where the rest takes seconds.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from kevents import clock, duck
from kevents.store.catalog import StoreFile
from kevents.store.lock import Lock
from kevents.store.names.index import Index
from kevents.store.names.state import state_of
from kevents.store.store import Store

_ROWS = 2_000_000  # of segments that are read together
_SEGMENTS = "read_parquet($1, hive_partitioning = true, hive_types = {'cluster': VARCHAR, 'day': DATE})"
_OBJECTS = "SELECT DISTINCT kind, name, coalesce(namespace, ''), cluster FROM {rows} WHERE kind <> '' AND name <> ''"
# Nodes by what kubelets say of themselves, images by pulls that begin: to look into every message as the views do
# takes a second a segment, and finds hardly another.
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
    """Read what the index does not have yet. Where another process is at it already, there is nothing to do."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = Lock(path.with_suffix(".lock"))
    if not lock.acquire(0):
        return
    try:
        index = _open(path)
        try:
            _learn(store, index, now)
        finally:
            index.close()
    finally:
        lock.release()


def _open(path: Path) -> Index:
    try:
        return Index(path, is_writer=True)
    except sqlite3.DatabaseError:  # broken: everything in it can be had again
        path.unlink()
        return Index(path, is_writer=True)


def _learn(store: Path, index: Index, now: datetime) -> None:
    state = state_of(store)  # before the files: what comes meanwhile is learned the next time
    snapshot = Store.open(store).snapshot()
    index.keep(map(_label, snapshot.files))
    known = index.segments
    connection = duck.connect()
    for files in _lots([file for file in snapshot.files if _label(file) not in known]):
        _take(index, files, connection)
    fresh = snapshot.fresh(now)
    if fresh is not None:
        connection.register("fresh", fresh.table)
        _enter(index, "", "fresh", connection, [])
    index.complete(state)


def _take(index: Index, files: Sequence[StoreFile], connection: duck.Connection) -> None:
    """Learn segments together; of those, each by itself, where one cannot be read."""
    try:
        _enter(index, max(map(_label, files)), _SEGMENTS, connection, [[str(file.path) for file in files]])
    except duck.Error:
        if len(files) > 1:
            for file in files:
                _take(index, [file], connection)
        return  # `kevents store verify` tells of a broken one; a prompt does not
    for file in files:
        index.take(_label(file), (), ())


def _enter(index: Index, file: str, rows: str, connection: duck.Connection, bound: list[list[str]]) -> None:
    objects = connection.execute(_OBJECTS.format(rows=rows), bound).fetchall()
    words = [(of, word) for of, word in connection.execute(_WORDS.format(rows=rows), bound).fetchall() if word]
    index.take(file, objects, words)


def _lots(files: Sequence[StoreFile]) -> Iterator[list[StoreFile]]:
    """The newest segment by itself, then as many at a time as are read well together, from the newest on."""
    lot: list[StoreFile] = []
    most = 1
    for file in sorted(files, key=_label, reverse=True):
        lot.append(file)
        if sum(one.rows for one in lot) >= most:
            yield lot
            lot, most = [], _ROWS
    if lot:
        yield lot


def _label(file: StoreFile) -> str:
    """What the index calls a segment: newer days sort behind older ones."""
    run, _, number = file.path.stem.partition("-")
    return f"{file.day:%y%m%d}{run[:8]}{number}" if file.day else f"000000{run[:8]}{number}"


if __name__ == "__main__":
    learn(Path(sys.argv[1]), Path(sys.argv[2]), clock.now())
