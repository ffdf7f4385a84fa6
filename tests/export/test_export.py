"""What is exported and imported elsewhere is the same: every column, whatever senders wrote, and what was covered."""

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

FORMS = ("slice/", "slice.parquet", "slice.json", "slice.ndjson")
EXACT = ("slice/", "slice.parquet")
ALL_COLUMNS = ("cluster", "day", *(field.name for field in STORED))
_WATCHED = Span(ALL, State.WATCHED, NOW - timedelta(hours=3), NOW)
_GAP = Span(ALL, State.GAP, NOW - timedelta(hours=5), NOW - timedelta(hours=3), "no contact", "latest")


def fill(store: Store, documents: Iterable[dict[str, Any]], cluster: str = "prod", *spans: Span) -> None:
    """Take Events into the store as an import does, and let it cover the spans."""
    with store.writing(lambda _: None):
        intake = IngestBatch(store.files(), store.staging, cluster, NOW)
        found = [piece for one in documents for piece in unwrap.events({**one, "kind": "Event", "apiVersion": "v1"})]
        intake.add(raw.from_documents((one.event, None) for one in found if isinstance(one, Document)), 0)
        store.publish(intake.finish(), {cluster: spans} if spans else {})
        intake.close()


def numbered(*numbers: int, **fields: Any) -> list[dict[str, Any]]:
    return [json.loads(document(number)) | fields for number in numbers]


def rows(directory: Path, columns: Iterable[str] = ALL_COLUMNS) -> list[str]:
    """All rows of a store as they lie in its files and journals, in an order that does not depend on them."""
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
    listed = ", ".join(f'"{name}"::VARCHAR' for name in columns)
    select = f"SELECT row({listed})::VARCHAR, {listed} FROM ({' UNION ALL BY NAME '.join(scans)})"
    found = sorted(map(repr, connection.execute(select).fetchall()))
    connection.close()
    return found


def export(directory: Path, to: Path | str, *flags: str) -> Screen:
    return run("store", "export", "--store", str(directory), "-o", str(to), *flags)


def imported(into: Path, *paths: Path) -> int:
    """Import; how many observations were new."""
    ended = run("import", "--store", str(into), *map(str, paths), "-o", "jsonl")
    assert ended.status == 0, ended.said
    return int(json.loads(ended.shown.rstrip().split("\n")[-1])["new"])


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=[Phase.generate])
@given(
    st.lists(events, min_size=20, max_size=60),
    st.lists(events, max_size=10),
    st.sampled_from(["a/b", "..", "ü"]),
    st.sampled_from(FORMS),
)
def test_any_store_is_the_same_after_export_and_import(
    tmp_path_factory: pytest.TempPathFactory,
    of_prod: list[dict[str, Any]],
    of_other: list[dict[str, Any]],
    other: str,
    form: str,
) -> None:
    directory = tmp_path_factory.mktemp("any")
    store = Store(directory / "store")
    fill(store, of_prod)
    fill(store, of_other, other)
    before = rows(store.directory)
    place, copy = directory / form.removesuffix("/"), directory / "copy"
    assert export(store.directory, f"{directory}/{form}").status == 0
    assert imported(copy, place) == len(before)
    assert imported(copy, place) == 0
    assert imported(store.directory, place) == 0
    columns = ALL_COLUMNS if form in EXACT else IDENTITY
    assert rows(copy, columns) == rows(store.directory, columns)


def test_real_dumps_are_the_same_after_export_and_import(shared: Path, tmp_path: Path) -> None:
    run("import", "--store", str(tmp_path / "store"), str(shared / "dumps"))
    for form in ("slice.parquet", "slice.json"):
        place, copy = tmp_path / form.removesuffix("/"), tmp_path / f"{form.removesuffix('/')}.copy"
        assert export(tmp_path / "store", f"{tmp_path}/{form}").status == 0
        imported(copy, place)
        assert rows(copy) == rows(tmp_path / "store")


@pytest.mark.parametrize("form", EXACT)
def test_what_was_covered_goes_along(form: str, store: Store, tmp_path: Path) -> None:
    fill(store, numbered(1, 2), "prod", _WATCHED, _GAP)
    export(store.directory, f"{tmp_path}/{form}")
    imported(tmp_path / "copy", tmp_path / form.removesuffix("/"))
    assert Store(tmp_path / "copy").coverage() == {"prod": (_GAP, _WATCHED)}


@pytest.mark.parametrize(
    ("flags", "covered"),
    [
        (["-n", "shop"], ("shop", State.WATCHED)),
        (["--reason", "Started"], (ALL, State.IMPORTED)),
        (["-n", "!bank"], (ALL, State.IMPORTED)),
    ],
)
def test_a_choice_claims_no_more_than_it_holds(
    flags: list[str], covered: tuple[str, State], store: Store, tmp_path: Path
) -> None:
    fill(store, numbered(1, 2), "prod", _WATCHED)
    export(store.directory, tmp_path / "slice.parquet", *flags)
    imported(tmp_path / "copy", tmp_path / "slice.parquet")
    (span,) = Store(tmp_path / "copy").coverage()["prod"]
    assert (span.scope, span.state, span.start) == (*covered, _WATCHED.start)


def test_a_directory_is_a_store_that_can_be_asked_at_once_and_is_whole(store: Store, tmp_path: Path) -> None:
    fill(store, numbered(*range(30)))
    export(store.directory, f"{tmp_path}/incident/")
    listed = run("list", "--store", str(tmp_path / "incident"), "-o", "jsonl")
    assert len(listed.shown.splitlines()) == 30
    assert run("store", "verify", "--store", str(tmp_path / "incident")).status == 0


def test_filters_and_time_choose_what_is_written(store: Store, tmp_path: Path) -> None:
    fill(store, numbered(*range(30)))  # three on each of ten days, from the 10th on
    fill(store, numbered(3), "other")
    since, until = "2026-11-12T00:00:00Z", "2026-11-14T00:00:00Z"
    export(store.directory, tmp_path / "slice.parquet", "--since", since, "--until", until, "--cluster", "prod")
    assert imported(tmp_path / "copy", tmp_path / "slice.parquet") == 6
    assert {file.cluster for file in Store(tmp_path / "copy").files()} == {"prod"}


def test_every_observation_goes_along_not_the_newest_alone(store: Store, tmp_path: Path) -> None:
    fill(store, [*numbered(1), *numbered(1, count=9), *numbered(1, count=70)])
    export(store.directory, tmp_path / "slice.json")
    assert imported(tmp_path / "copy", tmp_path / "slice.json") == 3


@pytest.mark.parametrize("form", FORMS)
def test_what_a_recorder_took_just_now_goes_along(form: str, store: Store, tmp_path: Path) -> None:
    fill(store, numbered(1, 2))
    journal = open_journal(store)
    record(journal, 2, 3, 4)
    assert export(store.directory, f"{tmp_path}/{form}").status == 0
    assert imported(tmp_path / "copy", tmp_path / form.removesuffix("/")) == 4
    assert rows(tmp_path / "copy") == rows(store.directory)
    journal.close()


def test_a_whole_store_can_be_imported_with_what_its_recorder_took_just_now(store: Store, tmp_path: Path) -> None:
    fill(store, numbered(1, 2))
    journal = open_journal(store)
    record(journal, 3)
    assert imported(tmp_path / "copy", store.directory) == 3
    assert rows(tmp_path / "copy") == rows(store.directory)
    before = rows(store.directory)
    imported(store.directory, store.directory)
    assert rows(store.directory) == before
    journal.close()


def test_hostile_text_stays_what_it_is_and_what_is_said_of_it_is_harmless(store: Store, tmp_path: Path) -> None:
    hostile = "\x1b[31m'; DROP TABLE rows; --\u202e\u2028=1+1"
    fill(store, numbered(1, message=hostile), hostile)
    for form in FORMS:
        ended = export(store.directory, f"{tmp_path}/{form}")
        assert ended.status == 0
        assert "\x1b" not in ended.said
        imported(tmp_path / f"{form.removesuffix('/')}.copy", tmp_path / form.removesuffix("/"))
        assert rows(tmp_path / f"{form.removesuffix('/')}.copy") == rows(store.directory)


def test_json_is_the_list_that_kubectl_prints_and_ndjson_an_event_a_line(store: Store, tmp_path: Path) -> None:
    fill(store, numbered(1, 2))
    export(store.directory, tmp_path / "slice.json")
    listed = json.loads((tmp_path / "slice.json").read_text())
    assert (listed["kind"], listed["apiVersion"]) == ("List", "v1")
    lines = [json.loads(line) for line in export(store.directory, "-").shown.splitlines()]
    assert lines == listed["items"]
    assert [one["metadata"]["name"] for one in lines] == ["web-1.x", "web-2.x"]
    assert {one["kind"] for one in lines} == {"Event"}


def test_standard_output_takes_a_list_too_and_no_parquet(store: Store) -> None:
    fill(store, numbered(1))
    assert json.loads(export(store.directory, "-", "--format", "json").shown)["kind"] == "List"
    refused = export(store.directory, "-", "--format", "parquet")
    assert (refused.status, refused.shown) == (2, "")


def test_it_says_what_was_written(store: Store, tmp_path: Path) -> None:
    fill(store, [*numbered(1, 2), *numbered(2, count=9)], "prod", _WATCHED)
    said = export(store.directory, tmp_path / "slice.parquet", "--utc").said
    assert f"Wrote {tmp_path / 'slice.parquet'}: 3 observations of 2 events of prod" in said
    assert "2026-11-11 09:00:01 … 2026-11-12 09:00:02" in said
    assert "A recorder watched prod 2026-11-20 09:00:00 … 12:00:00." in said


def test_where_nothing_is_found_nothing_is_written(store: Store, tmp_path: Path) -> None:
    fill(store, numbered(1))
    for form in FORMS:
        ended = export(store.directory, f"{tmp_path}/{form}", "--reason", "None")
        assert (ended.status, ended.said.strip()) == (0, "No events found: nothing was written.")
    assert sorted(tmp_path.iterdir()) == [store.directory]


def test_files_are_private(store: Store, tmp_path: Path) -> None:
    fill(store, numbered(1))
    for form in FORMS:
        export(store.directory, f"{tmp_path}/{form}")
        made = tmp_path / form.removesuffix("/")
        assert all(not path.stat().st_mode & 0o077 for path in (made, *made.rglob("*")))


def test_only_who_exports_can_write_and_only_into_its_workshop(store: Store, tmp_path: Path) -> None:
    fill(store, numbered(1))
    (tmp_path / "shop").mkdir()
    sql, options = "FROM stored.filtered_rows", "FORMAT parquet"
    engine = Engine(store.files(), Selection(), NOW, staging=tmp_path / "shop")
    engine.write(sql, {}, tmp_path / "shop" / "a.parquet", options)
    for place in (tmp_path / "a.parquet", tmp_path / "shop" / ".." / "a.parquet", store.directory / "a.parquet"):
        with pytest.raises(duck.Error, match="disabled"):
            engine.write(sql, {}, place, options)
    with pytest.raises(duck.Error, match="disabled"):
        Engine(store.files(), Selection(), NOW).write(sql, {}, tmp_path / "shop" / "b.parquet", options)


def test_the_time_now_is_no_part_of_it(store: Store, tmp_path: Path) -> None:
    """What lay in the future when it was recorded has no day, and has one when it is imported later."""
    fill(store, numbered(1, lastTimestamp=(NOW + timedelta(days=2)).isoformat()))
    export(store.directory, tmp_path / "slice.parquet")
    assert imported(store.directory, tmp_path / "slice.parquet") == 0
    assert datetime(2026, 11, 22, 12, tzinfo=UTC) == NOW + timedelta(days=2)
