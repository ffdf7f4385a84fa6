"""Every real dump yields the number of observations in the index, whatever its format and the order of import."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from kevents.ingest import importer
from kevents.ingest.summary import ImportReport
from kevents.source.input.paths import file_inputs
from kevents.store.store import Store

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def imported(store: Store, *paths: Path) -> ImportReport:
    inputs = file_inputs([str(path) for path in paths], BytesIO())
    return importer.import_into(store, inputs, importer.Options("here", NOW), lambda _: None, lambda *_: None)


def rows(store: Store) -> list[dict[str, Any]]:
    tables = [pq.read_table(file.path, partitioning=None).to_pylist() for file in store.files()]
    return sorted(itertools.chain.from_iterable(tables), key=repr)


def index(shared: Path) -> Iterable[dict[str, str]]:
    with (shared / "dumps/INDEX.tsv").open() as lines:
        yield from csv.DictReader(lines, delimiter="\t")


def test_each_dump_yields_the_number_of_distinct_observations_in_the_index(shared: Path, tmp_path: Path) -> None:
    counts = {}
    expected = {}
    for number, entry in enumerate(index(shared)):
        if entry["shape"] == "-":
            continue
        expected[entry["file"]] = int(entry["distinct"])
        store = Store(tmp_path / str(number))
        report = imported(store, shared / "dumps" / entry["file"])
        assert not report.failed, entry["file"]
        counts[entry["file"]] = sum(file.rows for file in store.files())
    assert counts == expected


def test_the_time_range_of_each_dump_is_that_of_the_index(shared: Path, tmp_path: Path) -> None:
    for number, entry in enumerate(index(shared)):
        if entry["latest_last_seen"] == "-" or "api-fixture" in entry["file"]:  # out-of-range times
            continue
        (tally,) = imported(Store(tmp_path / str(number)), shared / "dumps" / entry["file"]).files
        for seen, expected in ((tally.first, "earliest_last_seen"), (tally.last, "latest_last_seen")):
            # the index compares the times as text, so it may have the wrong one of two within a second
            assert seen is not None
            assert seen.replace(microsecond=0) == datetime.fromisoformat(entry[expected]).replace(microsecond=0)


def test_importing_all_dumps_twice_adds_nothing(shared: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    first = imported(store, shared / "dumps").total()
    # less than the sum, because several files are dumps of the same events in different formats
    assert 0 < first.new < sum(int(entry["distinct"]) for entry in index(shared))
    second = imported(store, shared / "dumps").total()
    assert (second.new, second.read) == (0, first.read)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_dumps_of_the_same_time_give_the_same_store_in_any_order(
    shared: Path, tmp_path: Path, order: tuple[int, ...]
) -> None:
    names = ("kubectl-get-events.json", "kubectl-get-events.yaml", "kubectl-get-events-v1.json")
    paths = [shared / "dumps/kubernetes-1.36" / names[index] for index in order]
    store = Store(tmp_path / "store")
    assert [imported(store, path).total().new for path in paths] == [328, 0, 0]
    single = Store(tmp_path / "single")
    imported(single, shared / "dumps/kubernetes-1.36" / names[0])
    assert rows(store) == rows(single)


def test_a_printed_table_is_recognized_and_refused(shared: Path, tmp_path: Path) -> None:
    (tally,) = imported(Store(tmp_path / "store"), shared / "dumps/public/kubectl-events-table.txt").failed
    assert "kubectl get events" in tally.problems[0].reason
