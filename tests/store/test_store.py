"""The store has each observation once, publishes all or nothing, and has one writer at a time."""

from __future__ import annotations

import json
import stat
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from kevents.errors import StoreError, UsageError
from kevents.event import raw
from kevents.store import catalog, paths
from kevents.store.catalog import StoreFile
from kevents.store.segments.ingest_batch import IngestBatch
from kevents.store.store import Store

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def event(name: str, last: str = "2026-11-21T00:15:53Z", **fields: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "namespace": "shop"},
        "involvedObject": {"kind": "Pod", "name": "web-1"},
        "lastTimestamp": last,
        "firstTimestamp": last,
        **fields,
    }


def store_events(store: Store, *events: dict[str, Any], cluster: str = "here", publish: bool = True) -> dict[int, int]:
    """Store each event as a separate input file. Returns the number of new observations by file."""
    with store.writing(lambda _: None):
        ingest = IngestBatch(store.files(), store.staging, cluster, NOW)
        for number, document in enumerate(events):
            ingest.add(raw.from_documents([(document, None)]), number)
        staged = ingest.finish()
        if publish:
            store.publish(staged)
        ingest.close()
        return {number: counts.new for number, counts in ingest.counts.items()}


def rows(store: Store) -> int:
    return sum(pq.read_metadata(file.path).num_rows for file in store.files())


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def test_the_same_observation_is_stored_once_from_one_batch_and_from_two(store: Store) -> None:
    assert store_events(store, event("a"), event("a"), event("b")) == {0: 1, 1: 0, 2: 1}
    assert store_events(store, event("b"), event("c")) == {0: 0, 1: 1}
    assert rows(store) == 3


def test_an_event_with_only_another_resource_version_is_the_same_observation(store: Store) -> None:
    first = event("a", metadata={"name": "a", "resourceVersion": "1"})
    repeated = event("a", metadata={"name": "a", "resourceVersion": "2"})
    assert store_events(store, first, repeated) == {0: 1, 1: 0}


@pytest.mark.parametrize(
    "change",
    [
        {"count": 2},
        {"message": "other"},
        {"lastTimestamp": "2026-11-21T00:15:54Z"},
        {"metadata": {"name": "a", "namespace": "shop", "uid": "62c729fc-6804-4fc8-a9e5-0cd981f491b8"}},
    ],
)
def test_a_new_count_message_time_or_uid_is_a_new_observation(store: Store, change: dict[str, Any]) -> None:
    assert store_events(store, event("a"), {**event("a"), **change}) == {0: 1, 1: 1}


def test_the_same_event_of_two_clusters_is_two_observations(store: Store) -> None:
    store_events(store, event("a"), cluster="one")
    assert store_events(store, event("a"), cluster="two") == {0: 1}


def test_files_are_in_directories_by_cluster_and_utc_day(store: Store) -> None:
    store_events(store, event("a"), event("b", last="2026-11-20T23:59:59-05:00"), cluster="gke_eu/../Ü 1")
    directories = {file.path.parent.relative_to(store.directory).as_posix() for file in store.files()}
    assert directories == {"observations/cluster=gke_eu%2F..%2F%C3%9C%201/day=2026-11-21"}
    assert {file.cluster for file in store.files()} == {"gke_eu/../Ü 1"}


@pytest.mark.parametrize("last", ["0001-06-01T00:00:00Z", "9999-01-01T00:00:00Z", "2026-11-23T00:00:00Z", "null"])
def test_a_time_out_of_range_does_not_create_a_partition(store: Store, last: str) -> None:
    store_events(store, event("a", last=last))
    (file,) = store.files()
    assert file.day is None
    assert file.path.parent.name == "day=__HIVE_DEFAULT_PARTITION__"


def test_an_event_from_the_future_is_not_stored_again_when_its_day_has_come(store: Store) -> None:
    store_events(store, event("a", last="2026-11-23T00:00:00Z"))
    with store.writing(lambda _: None):
        ingest = IngestBatch(store.files(), store.staging, "here", datetime(2026, 11, 24, tzinfo=UTC))
        ingest.add(raw.from_documents([(event("a", last="2026-11-23T00:00:00Z"), None)]), 0)
        assert ingest.finish() == []


def test_directories_are_0700_and_files_0600(store: Store) -> None:
    store_events(store, event("a"))
    for path in [store.directory, *store.directory.rglob("*")]:
        expected = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == expected, path


def test_unpublished_files_are_not_visible_and_the_next_writer_deletes_them(store: Store) -> None:
    store_events(store, event("a"))
    store_events(store, event("b"), publish=False)
    assert rows(store) == 1
    assert store_events(store, event("b")) == {0: 1}
    assert rows(store) == 2


def test_a_kill_after_moving_files_and_before_the_catalog_leaves_the_store_unchanged(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_events(store, event("a"))

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(catalog, "save", killed)
        with pytest.raises(KeyboardInterrupt):
            store_events(store, event("b"))
    assert rows(store) == 1
    assert store_events(store, event("b")) == {0: 1}
    on_disk = set((store.directory / "observations").rglob("*.parquet"))
    assert on_disk == {file.path for file in store.files()}


def test_other_tools_can_read_the_files(store: Store) -> None:
    store_events(store, event("web-1.18e9e724e31e1fb1", last="2026-11-21T00:14:32Z", count=3))
    table = pq.read_table(store.directory / "observations")
    assert table.column_names[-2:] == ["cluster", "day"]
    (row,) = table.select(["namespace", "kind", "name", "count", "last_seen"]).to_pylist()
    assert row["last_seen"] == datetime(2026, 11, 21, 0, 14, 32, tzinfo=UTC)
    assert (row["namespace"], row["kind"], row["name"], row["count"]) == ("shop", "Pod", "web-1", 3)


def test_the_catalog_has_rows_bytes_time_range_and_checksum(store: Store) -> None:
    import hashlib

    store_events(store, event("a", last="2026-11-21T00:00:01Z"), event("b", last="2026-11-21T09:00:00Z"))
    (file,) = store.files()
    assert file == StoreFile(
        path=file.path,
        cluster="here",
        day=date(2026, 11, 21),
        rows=2,
        bytes=file.path.stat().st_size,
        min_last_seen=datetime(2026, 11, 21, 0, 0, 1, tzinfo=UTC),
        max_last_seen=datetime(2026, 11, 21, 9, tzinfo=UTC),
        sha256=hashlib.sha256(file.path.read_bytes()).hexdigest(),
        order=2,
    )


def test_a_directory_with_other_files_is_refused_and_unchanged(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(StoreError, match="is not empty and not a kevents store"):
        store_events(Store(tmp_path), event("a"))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_the_root_of_an_ext4_volume_is_an_empty_directory(tmp_path: Path) -> None:
    (tmp_path / "lost+found").mkdir()
    Store(tmp_path).create()
    assert Store(tmp_path).staging.is_dir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "lost+found").mkdir()
    (tmp_path / "other" / "file").touch()
    with pytest.raises(StoreError, match="not empty"):
        Store(tmp_path / "other").create()


def test_a_path_that_looks_like_a_partition_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="would take for a partition"):
        store_events(Store(tmp_path / "cluster=prod" / "store"), event("a"))


def test_a_newer_store_and_a_damaged_catalog_are_errors(store: Store) -> None:
    store_events(store, event("a"))
    path = store.directory / "catalog.json"
    path.write_text(json.dumps({"format": 99, "files": []}))
    with pytest.raises(StoreError, match="newer kevents"):
        store.files()
    for damaged in ("{", "[]", '{"format": 1}', '{"format": 1, "files": [{"path": 5}]}'):
        path.write_text(damaged)
        with pytest.raises(StoreError, match="damaged"):
            store.files()


def test_the_error_for_a_missing_store_suggests_an_import(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store") as error:
        Store.open(tmp_path / "nowhere")
    assert error.value.hint is not None
    assert "kevents import" in error.value.hint


def test_the_flag_overrides_the_environment_which_overrides_the_default_directory(tmp_path: Path) -> None:
    assert paths.store_directory("/a", {"KEVENTS_STORE": "/b"}) == Path("/a")
    assert paths.store_directory(None, {"KEVENTS_STORE": "/b"}) == Path("/b")
    assert paths.store_directory(None, {}).parts[-2:] == ("kevents", "store")


def test_a_cluster_label_too_long_for_a_directory_is_refused() -> None:
    with pytest.raises(UsageError, match="too long"):
        paths.partition("x" * 300, None)
