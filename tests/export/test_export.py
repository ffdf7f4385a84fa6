"""Exporting and importing reproduces a store: every column, whatever events contain, and the coverage."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kevents import duck
from kevents.event import raw
from kevents.event.observe import IDENTITY
from kevents.event.schema import STORED
from kevents.query.engine import Engine
from kevents.query.selection import Selection
from kevents.source.dump import unwrap
from kevents.source.dump.pieces import Document
from kevents.store.coverage import ALL, Span, State
from kevents.store.segments.ingest_batch import IngestBatch
from kevents.store.store import Store
from tests.event.test_observe import events
from tests.screen import Screen, run
from tests.store.small_recorder import NOW, document, open_journal, record

NAMES = ("slice/", "slice.parquet", "slice.json", "slice.ndjson")  # one for each format
EXACT = ("slice/", "slice.parquet")  # those that keep all columns and the coverage
ALL_COLUMNS = ("cluster", "day", *(field.name for field in STORED))
_WATCHED = Span(ALL, State.WATCHED, NOW - timedelta(hours=3), NOW)
_GAP = Span(ALL, State.GAP, NOW - timedelta(hours=5), NOW - timedelta(hours=3), "no contact", "latest")


def fill(store: Store, documents: Iterable[dict[str, Any]], cluster: str = "prod", *spans: Span) -> None:
    """Add Events to the store like an import, with this coverage."""
    with store.writing(lambda _: None):
        batch = IngestBatch(store.files(), store.staging, cluster, NOW)
        envelope = {"kind": "Event", "apiVersion": "v1"}
        pieces = [piece for fields in documents for piece in unwrap.events({**fields, **envelope})]
        batch.add(raw.from_documents((piece.event, None) for piece in pieces if isinstance(piece, Document)), 0)
        store.publish(batch.finish(), {cluster: spans} if spans else {})
        batch.close()


def numbered(*numbers: int, **fields: Any) -> list[dict[str, Any]]:
    """Events with these numbers, and other values for some fields."""
    return [json.loads(document(number)) | fields for number in numbers]


def rows(directory: Path, columns: Iterable[str] = ALL_COLUMNS) -> list[str]:
    """All rows of a store's files and journals as text, sorted."""
    snapshot = Store.open(directory).snapshot()
    connection = duck.connect()
    scans = []
    if snapshot.files:
        paths = ", ".join(f"'{file.path}'" for file in snapshot.files)
        types = "{'cluster': VARCHAR, 'day': DATE}"
        scans.append(f"SELECT * FROM read_parquet([{paths}], hive_partitioning = true, hive_types = {types})")
    if fresh := snapshot.fresh(NOW):
        connection.register("fresh", fresh.table)
        scans.append("SELECT * REPLACE (uid::UUID AS uid) FROM fresh")
    if not scans:
        return []
    values = ", ".join(f'"{name}"::VARCHAR' for name in columns)
    select = f"SELECT row({values})::VARCHAR, {values} FROM ({' UNION ALL BY NAME '.join(scans)})"
    texts = sorted(map(repr, connection.execute(select).fetchall()))
    connection.close()
    return texts


def export(directory: Path, to: Path | str, *flags: str) -> Screen:
    return run("store", "export", "--store", str(directory), "-o", str(to), *flags)


def imported(into: Path, *paths: Path) -> int:
    """Import the paths into a store; returns the number of new observations."""
    screen = run("import", "--store", str(into), *map(str, paths), "-o", "jsonl")
    assert screen.status == 0, screen.err
    return int(json.loads(screen.out.rstrip().split("\n")[-1])["new"])


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=[Phase.generate])
@given(
    st.lists(events, min_size=20, max_size=60),
    st.lists(events, max_size=10),
    st.sampled_from(["a/b", "..", "ü"]),
    st.sampled_from(NAMES),
)
def test_any_store_is_the_same_after_export_and_import(
    tmp_path_factory: pytest.TempPathFactory,
    prod_events: list[dict[str, Any]],
    other_events: list[dict[str, Any]],
    other_cluster: str,
    name: str,
) -> None:
    directory = tmp_path_factory.mktemp("any")
    store = Store(directory / "store")
    fill(store, prod_events)
    fill(store, other_events, other_cluster)
    before = rows(store.directory)
    path, copy = directory / name.removesuffix("/"), directory / "copy"
    assert export(store.directory, f"{directory}/{name}").status == 0
    assert imported(copy, path) == len(before)
    assert imported(copy, path) == 0
    assert imported(store.directory, path) == 0
    columns = ALL_COLUMNS if name in EXACT else IDENTITY
    assert rows(copy, columns) == rows(store.directory, columns)


def test_real_dumps_are_the_same_after_export_and_import(shared: Path, tmp_path: Path) -> None:
    run("import", "--store", str(tmp_path / "store"), str(shared / "dumps"))
    for name in ("slice.parquet", "slice.json"):
        path, copy = tmp_path / name, tmp_path / f"{name}.copy"
        assert export(tmp_path / "store", path).status == 0
        imported(copy, path)
        assert rows(copy) == rows(tmp_path / "store")


@pytest.mark.parametrize("name", EXACT)
def test_coverage_is_exported(name: str, store: Store, tmp_path: Path) -> None:
    fill(store, numbered(1, 2), "prod", _WATCHED, _GAP)
    export(store.directory, f"{tmp_path}/{name}")
    imported(tmp_path / "copy", tmp_path / name.removesuffix("/"))
    assert Store(tmp_path / "copy").coverage() == {"prod": (_GAP, _WATCHED)}


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (["-n", "shop"], ("shop", State.WATCHED)),
        (["--reason", "Started"], (ALL, State.IMPORTED)),
        (["-n", "!bank"], (ALL, State.IMPORTED)),
    ],
)
def test_a_filtered_export_does_not_claim_complete_coverage(
    flags: list[str], expected: tuple[str, State], store: Store, tmp_path: Path
) -> None:
    fill(store, numbered(1, 2), "prod", _WATCHED)
    export(store.directory, tmp_path / "slice.parquet", *flags)
    imported(tmp_path / "copy", tmp_path / "slice.parquet")
    (span,) = Store(tmp_path / "copy").coverage()["prod"]
    assert (span.scope, span.state, span.start) == (*expected, _WATCHED.start)


def test_an_exported_directory_is_a_valid_store(store: Store, tmp_path: Path) -> None:
    fill(store, numbered(*range(30)))
    export(store.directory, f"{tmp_path}/incident/")
    screen = run("list", "--store", str(tmp_path / "incident"), "-o", "jsonl")
    assert len(screen.out.splitlines()) == 30
    assert run("store", "verify", "--store", str(tmp_path / "incident")).status == 0


def test_filters_and_time_range_apply_to_exports(store: Store, tmp_path: Path) -> None:
    fill(store, numbered(*range(30)))  # three on each of ten days, starting on the 10th
    fill(store, numbered(3), "other")
    since, until = "2026-11-12T00:00:00Z", "2026-11-14T00:00:00Z"
    export(store.directory, tmp_path / "slice.parquet", "--since", since, "--until", until, "--cluster", "prod")
    assert imported(tmp_path / "copy", tmp_path / "slice.parquet") == 6
    assert {file.cluster for file in Store(tmp_path / "copy").files()} == {"prod"}


def test_all_observations_of_an_event_are_exported(store: Store, tmp_path: Path) -> None:
    fill(store, [*numbered(1), *numbered(1, count=9), *numbered(1, count=70)])
    export(store.directory, tmp_path / "slice.json")
    assert imported(tmp_path / "copy", tmp_path / "slice.json") == 3


@pytest.mark.parametrize("name", NAMES)
def test_events_in_the_journal_are_exported(name: str, store: Store, tmp_path: Path) -> None:
    fill(store, numbered(1, 2))
    journal = open_journal(store)
    record(journal, 2, 3, 4)
    assert export(store.directory, f"{tmp_path}/{name}").status == 0
    assert imported(tmp_path / "copy", tmp_path / name.removesuffix("/")) == 4
    assert rows(tmp_path / "copy") == rows(store.directory)
    journal.close()


def test_a_store_can_be_imported_including_its_journal(store: Store, tmp_path: Path) -> None:
    fill(store, numbered(1, 2))
    journal = open_journal(store)
    record(journal, 3)
    assert imported(tmp_path / "copy", store.directory) == 3
    assert rows(tmp_path / "copy") == rows(store.directory)
    before = rows(store.directory)
    imported(store.directory, store.directory)
    assert rows(store.directory) == before
    journal.close()


def test_hostile_text_is_exported_unchanged_and_escaped_in_messages(store: Store, tmp_path: Path) -> None:
    hostile = "\x1b[31m'; DROP TABLE rows; --\u202e\u2028=1+1"
    fill(store, numbered(1, message=hostile), hostile)
    for name in NAMES:
        screen = export(store.directory, f"{tmp_path}/{name}")
        assert screen.status == 0
        assert "\x1b" not in screen.err
        path = tmp_path / name.removesuffix("/")
        copy = path.with_name(f"{path.name}.copy")
        imported(copy, path)
        assert rows(copy) == rows(store.directory)


def test_json_is_a_list_as_from_kubectl_and_ndjson_has_one_event_per_line(store: Store, tmp_path: Path) -> None:
    fill(store, numbered(1, 2))
    export(store.directory, tmp_path / "slice.json")
    document = json.loads((tmp_path / "slice.json").read_text())
    assert (document["kind"], document["apiVersion"]) == ("List", "v1")
    lines = [json.loads(line) for line in export(store.directory, "-").out.splitlines()]
    assert lines == document["items"]
    assert [line["metadata"]["name"] for line in lines] == ["web-1.x", "web-2.x"]
    assert {line["kind"] for line in lines} == {"Event"}


def test_a_list_can_be_written_to_stdout_but_parquet_cannot(store: Store) -> None:
    fill(store, numbered(1))
    assert json.loads(export(store.directory, "-", "--format", "json").out)["kind"] == "List"
    screen = export(store.directory, "-", "--format", "parquet")
    assert (screen.status, screen.out) == (2, "")


def test_the_written_observations_time_range_and_coverage_are_reported(store: Store, tmp_path: Path) -> None:
    fill(store, [*numbered(1, 2), *numbered(2, count=9)], "prod", _WATCHED)
    stderr = export(store.directory, tmp_path / "slice.parquet", "--utc").err
    assert f"Wrote {tmp_path / 'slice.parquet'}: 3 observations of 2 events of prod" in stderr
    assert "2026-11-11 09:00:01 … 2026-11-12 09:00:02" in stderr
    assert 'Cluster "prod" was recorded 2026-11-20 09:00:00 … 12:00:00.' in stderr


def test_without_matching_events_nothing_is_written(store: Store, tmp_path: Path) -> None:
    fill(store, numbered(1))
    for name in NAMES:
        screen = export(store.directory, f"{tmp_path}/{name}", "--reason", "None")
        assert (screen.status, screen.err.strip()) == (0, "No events found: nothing was written.")
    assert sorted(tmp_path.iterdir()) == [store.directory]


def test_exported_files_are_private(store: Store, tmp_path: Path) -> None:
    fill(store, numbered(1))
    for name in NAMES:
        export(store.directory, f"{tmp_path}/{name}")
        exported = tmp_path / name.removesuffix("/")
        assert all(not path.stat().st_mode & 0o077 for path in (exported, *exported.rglob("*")))


def test_an_engine_can_only_write_to_its_staging_directory(store: Store, tmp_path: Path) -> None:
    fill(store, numbered(1))
    (tmp_path / "staging").mkdir()
    sql, options = "FROM stored.filtered_rows", "FORMAT parquet"
    engine = Engine(store.files(), Selection(), NOW, staging=tmp_path / "staging")
    engine.write(sql, {}, tmp_path / "staging" / "a.parquet", options)
    for path in (tmp_path / "a.parquet", tmp_path / "staging" / ".." / "a.parquet", store.directory / "a.parquet"):
        with pytest.raises(duck.Error, match="disabled"):
            engine.write(sql, {}, path, options)
    with pytest.raises(duck.Error, match="disabled"):
        Engine(store.files(), Selection(), NOW).write(sql, {}, tmp_path / "staging" / "b.parquet", options)


def test_an_event_that_was_in_the_future_when_recorded_is_the_same_after_import(store: Store, tmp_path: Path) -> None:
    """It is stored without a day, and an import at a later time gives it one."""
    fill(store, numbered(1, lastTimestamp=(NOW + timedelta(days=2)).isoformat()))
    export(store.directory, tmp_path / "slice.parquet")
    assert imported(store.directory, tmp_path / "slice.parquet") == 0
    assert datetime(2026, 11, 22, 12, tzinfo=UTC) == NOW + timedelta(days=2)
