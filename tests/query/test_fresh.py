"""Rows of the journal that are not in a segment yet are in every result, exactly once."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from kevents.event.schema import PARTITION, STORED
from kevents.query.engine import Engine
from kevents.query.selection import Selection
from kevents.store.recording.journal import Limits
from kevents.store.recording.seal import seal
from kevents.store.store import Store
from tests.store.small_recorder import CLUSTER, NOW, document, open_journal, record, seen


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def query(store: Store, sql: str, **filters: object) -> list[dict[str, object]]:
    snapshot = store.snapshot()
    fresh = snapshot.fresh(NOW)
    engine = Engine(snapshot.files, Selection(**filters), NOW, fresh and fresh.table)  # type: ignore[arg-type]
    return engine.rows(sql)


def test_a_store_without_a_journal_has_no_fresh_rows(store: Store) -> None:
    journal = open_journal(store)
    assert Store.open(store.directory).snapshot().fresh(NOW) is None
    record(journal, 1)
    journal.close()
    seal(store, CLUSTER, 1, NOW)
    assert store.snapshot().fresh(NOW) is None


def test_fresh_rows_equal_the_rows_of_the_segment_written_later(store: Store) -> None:
    journal = open_journal(store, Limits(bytes=1))
    unusual = [
        document(3, related={"kind": "Node", "name": "a"}, series={"count": 9, "lastObservedTime": None}),
        document(4, lastTimestamp="9999-01-01T00:00:00Z", count=0),
        document(5, metadata={"name": "web-5.18e9e724e31e1fb1", "managedFields": [{"manager": "kubelet"}]}),
        document(6, message="zwölf \u2028 \x85", eventTime="2026-11-20T09:00:00.123456Z"),
    ]
    record(journal, 1, 2)
    journal.write(unusual)
    journal.sync()
    columns = ", ".join(f'"{field.name}", typeof("{field.name}")' for field in (*STORED, *PARTITION))
    sql = f"SELECT {columns} FROM stored.rows ORDER BY message"
    before = query(store, sql)
    seal(store, CLUSTER, 2, NOW)
    assert len(before) == 6
    assert query(store, sql) == before
    journal.close()


def test_an_event_that_is_written_twice_or_already_stored_is_seen_once(store: Store) -> None:
    journal = open_journal(store, Limits(bytes=1))
    record(journal, 1, 2, 3)
    seal(store, CLUSTER, 1, NOW)
    record(journal, 2, 3, 4)
    repeat = json.loads(document(4))
    repeat["metadata"]["resourceVersion"] = "99"
    journal.write([json.dumps(repeat).encode(), document(1), document(1, count=50)])
    journal.sync()
    assert seen(store) == [1, 2, 3, 4, 49]
    fresh = store.snapshot().fresh(NOW)
    assert fresh
    assert len(fresh.table) == 2
    journal.close()


def test_the_same_event_in_two_clusters_is_two_events(store: Store) -> None:
    for cluster in ("one", "two/../2"):
        journal = open_journal(store, cluster=cluster)
        record(journal, 1)
        journal.close()
    rows = query(store, "SELECT cluster FROM events ORDER BY ALL")
    assert [row["cluster"] for row in rows] == ["one", "two/../2"]
    assert query(store, "SELECT cluster FROM events", clusters=("one",)) == [{"cluster": "one"}]


def test_filters_windows_and_counts_span_segments_and_fresh_rows(store: Store) -> None:
    journal = open_journal(store, Limits(bytes=1))
    journal.write([document(0, count=3, lastTimestamp="2026-11-20T09:00:00Z")])
    journal.sync()
    seal(store, CLUSTER, 1, NOW)
    journal.write([document(0, count=8, lastTimestamp="2026-11-20T11:30:00Z")])
    journal.sync()
    since = NOW - timedelta(hours=1)
    assert query(store, "SELECT count, occurrences FROM occurrences", since=since) == [{"count": 8, "occurrences": 2}]
    assert query(store, "SELECT count FROM events") == [{"count": 8}]
    assert query(store, "SELECT count FROM events", until=since) == [{"count": 3}]
    assert query(store, "SELECT count FROM events", names=("web-1",)) == []
    journal.close()


def test_an_incomplete_line_is_ignored_until_it_is_complete(store: Store) -> None:
    journal = open_journal(store)
    record(journal, 1)
    (path,) = journal.directory.glob("*.ndjson")
    with path.open("ab") as file:
        file.write(document(2)[:100])
        file.flush()
        assert seen(store) == [1]
    journal.close()


def test_the_newest_fresh_event_is_not_one_from_the_far_future(store: Store) -> None:
    journal = open_journal(store)
    record(journal, 1)
    journal.write([document(2, lastTimestamp="2999-01-01T00:00:00Z")])
    journal.sync()
    fresh = store.snapshot().fresh(NOW)
    assert fresh
    assert fresh.newest
    assert fresh.newest.isoformat() == "2026-11-11T09:00:01+00:00"
    journal.close()
