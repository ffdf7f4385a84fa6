"""Pruning: whole days, the oldest first; what is bad enough stays; what went is told, then and later."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from kevents import clock
from kevents.errors import StoreError, UsageError
from kevents.event.severity_table import ratings
from kevents.maintenance import retention
from kevents.maintenance.prune import Order, Pruned, prune, would_prune
from kevents.maintenance.retention import Rules
from kevents.maintenance.round import keep_up
from kevents.store.coverage import ALL, Span, State, merged, pruned, uncovered
from kevents.store.integrity.verify import verify
from kevents.store.rewrite import merge
from kevents.store.rewrite.exchange import Step
from kevents.store.store import Store
from tests.screen import run
from tests.store.failing_disk import Disk, each_failure, small_disk
from tests.store.numbered_events import NOW, OLD, fill, kept_of_old, merge_all, numbers, prune_old

ROOT = Path(__file__).parents[2]
DAYS = (3, 4, 5, 6, 9, 10, 19, 20)  # of November; it is the 20th
ROWS = {number: DAYS[(number - 1) // 20] for number in range(1, 161)}  # the day of each event
KEPT = [number for number, day in ROWS.items() if kept_of_old(day, number)]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("filled") / "store"
    fill(Store(directory), DAYS, files=2)
    return directory


@pytest.fixture
def store(filled: Path, tmp_path: Path) -> Store:
    return Store(shutil.copytree(filled, tmp_path / "store"))


def at(day: int) -> datetime:
    return datetime(2026, 11, day, tzinfo=UTC)


def cut_days(result: Pruned) -> dict[date, tuple[int, str]]:
    return {cut.day: (cut.observations, cut.kept) for cut in result.cuts}


def test_what_is_old_goes_but_for_what_is_bad_enough(store: Store) -> None:
    result = prune(store, Order(OLD, ratings()), NOW)
    assert numbers(store.snapshot()) == KEPT
    assert cut_days(result) == {
        date(2026, 11, 3): (20, ""),
        date(2026, 11, 4): (20, ""),
        date(2026, 11, 5): (10, "warning"),
        date(2026, 11, 6): (10, "warning"),
        date(2026, 11, 9): (10, "warning"),
    }


def test_pruning_again_finds_nothing_and_rewrites_nothing(store: Store) -> None:
    prune_old(store)
    before = store.files()
    assert prune(store, Order(OLD, ratings()), NOW).cuts == []
    assert store.files() == before
    merge_all(store)
    assert prune(store, Order(OLD, ratings()), NOW).cuts == []
    fill(store, [6], files=1)
    assert cut_days(prune(store, Order(OLD, ratings()), NOW)) == {date(2026, 11, 6): (5, "warning")}


def test_a_dry_run_says_the_same_and_changes_nothing(store: Store) -> None:
    before = store.catalog()
    planned = would_prune(store, Order(OLD, ratings()), NOW)
    assert store.catalog() == before
    assert cut_days(planned) == cut_days(prune(store, Order(OLD, ratings()), NOW))


def test_the_oldest_days_go_until_the_rest_is_small_enough(store: Store) -> None:
    sizes = {day: sum(file.bytes for file in store.files() if file.day == date(2026, 11, day)) for day in DAYS}
    most = sum(sizes.values()) - sizes[3] - 1
    result = prune(store, Order(Rules(max_size=most), ratings()), NOW)
    assert [cut.day.day for cut in result.cuts] == [3, 4]
    assert sum(file.bytes for file in store.files()) <= most


def test_today_and_what_has_no_day_stay_however_little_may_be_kept(store: Store) -> None:
    result = prune(store, Order(Rules(max_size=1), ratings()), NOW)
    assert {file.day for file in store.files()} == {NOW.date()}
    assert result.excess == sum(file.bytes for file in store.files()) - 1


def test_only_the_cluster_that_was_named_is_pruned(store: Store) -> None:
    fill(store, [3], cluster="test")
    prune(store, Order(OLD, ratings(), ("test",)), NOW)
    assert {file.cluster for file in store.files()} == {"prod"}
    assert numbers(store.snapshot()) == list(ROWS)


def test_coverage_tells_what_was_pruned(store: Store) -> None:
    prune_old(store)
    spans = [span for span in store.coverage()["prod"] if span.state is State.PRUNED]
    assert spans == [
        Span(ALL, State.PRUNED, at(3), at(5)),
        Span(ALL, State.PRUNED, at(5), at(7), "below warning"),
        Span(ALL, State.PRUNED, at(9), at(10), "below warning"),
    ]


def test_a_day_that_went_in_part_and_then_as_a_whole_is_told_as_gone() -> None:
    part = Span(ALL, State.PRUNED, at(5), at(9), "below warning")
    whole = Span(ALL, State.PRUNED, at(3), at(6))
    assert merged([part, whole]) == (whole, Span(ALL, State.PRUNED, at(6), at(9), "below warning"))


def test_a_question_about_a_time_that_was_pruned_says_so() -> None:
    spans = [Span(ALL, State.PRUNED, at(3), at(6)), Span(ALL, State.PRUNED, at(6), at(9), "below warning")]
    assert uncovered(spans, at(4), at(8)) == [Span(ALL, State.PRUNED, at(4), at(6))]
    assert [(span.start.day, span.end.day) for span in pruned(spans, at(4), at(8))] == [(4, 6), (6, 8)]
    assert pruned(spans, at(9), None) == []


@pytest.mark.parametrize("step", Step)
def test_a_kill_at_each_step_leaves_each_day_as_it_was_or_pruned(store: Store, step: Step) -> None:
    command = [sys.executable, "-m", "tests.store.numbered_events", "prune", str(store.directory), step]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == -9
    left = set(numbers(store.snapshot()))
    for day in DAYS:
        of_day = {number for number, its_day in ROWS.items() if its_day == day}
        assert left & of_day in (of_day, of_day & set(KEPT)), day
    prune_old(store)
    assert numbers(store.snapshot()) == KEPT
    assert set((store.directory / "observations").rglob("*.parquet")) == {file.path for file in store.files()}
    assert verify(store).findings == []


def test_a_damaged_file_is_not_rewritten(store: Store) -> None:
    broken = next(file for file in store.files() if file.day == date(2026, 11, 5))
    broken.path.write_bytes(b"x" * broken.bytes)
    prune_old(store)
    assert [file for file in store.files() if file.day == date(2026, 11, 5) and not file.least] == [broken]


def test_a_round_beside_a_recorder_prunes_and_compacts_its_cluster_alone(store: Store) -> None:
    fill(store, [3], cluster="test")
    keep_up(store, "prod", OLD, NOW)
    files = [file for file in store.files() if file.cluster == "prod"]
    assert sorted(file.day.day for file in files if file.day) == [5, 6, 9, 10, 19, 20, 20]
    assert sum(file.rows for file in files) == len(KEPT)
    assert sum(file.cluster == "test" for file in store.files()) == 4
    before = (store.directory / "catalog.json").stat()
    keep_up(store, "prod", OLD, NOW)
    assert (store.directory / "catalog.json").stat() == before


def test_the_flags_say_ages_sizes_and_severities() -> None:
    assert retention.rules("120d", "20GB", ["warning=365d", "Critical=2w"][:1]) == Rules(
        timedelta(days=120), 20_000_000_000, {"warning": timedelta(days=365)}
    )
    assert not retention.rules(None, None, [])
    rules = retention.rules("30d", None, ["warning=60d", "critical=1000d"])
    assert Rules.read(rules.written()) == rules
    least = {age: rules.least((NOW - timedelta(days=age)).date(), NOW) for age in (29, 30, 31, 60, 61, 1000, 1001)}
    assert least == {29: "info", 30: "info", 31: "warning", 60: "warning", 61: "critical", 1000: "critical", 1001: ""}


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1", 1),
        ("500MB", 500_000_000),
        ("1.5g", 1_500_000_000),
        ("20GiB", 20 << 30),
        ("4Ki", 4096),
        ("2 TB", 2 * 10**12),
    ],
)
def test_sizes_are_read_as_disks_and_as_kubernetes_say_them(text: str, size: int) -> None:
    assert retention.parse_size(text) == size


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (("2h", None, []), "less than a day"),
        ((None, "1GB", ["warning=3d"]), "Give --older-than"),
        (("30d", None, ["warning=20d"]), "no longer than"),
        (("30d", None, ["warnings=90d"]), "Did you mean warning"),
        (("30d", None, ["warning"]), "warning=365d"),
        ((None, "many", []), "500MB"),
    ],
)
def test_a_mistake_in_the_flags_is_told(flags: tuple[str, str, list[str]], sentence: str) -> None:
    with pytest.raises(UsageError) as told:
        retention.rules(*flags)
    assert sentence in f"{told.value} {told.value.hint}"


def test_the_command_says_what_would_go_what_went_and_that_it_is_gone(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    flags = ("--store", str(store.directory), "--utc")
    rules = ("--older-than", "1d")
    dry = run("store", "prune", *rules, "--dry-run", *flags, "-o", "json")
    assert dry.status == 0
    assert len(json.loads(dry.shown)) == 6
    assert "Nothing was" in dry.said
    done = run("store", "prune", *rules, *flags)
    assert (done.status, "Deleted" in done.said) == (0, True)
    assert "2026-11-03" in done.shown
    asked = run("reasons", "--since", "2026-11-03T00:00Z", "--until", "2026-11-05T00:00Z", *flags)
    assert (
        "prod was pruned from 2026-11-03 00:00:00Z to 2026-11-05 00:00:00Z: all events were deleted."
        in asked.said
    )
    assert "There is nothing to prune." in run("store", "prune", *rules, *flags).said
    assert run("store", "prune", *flags).status == 2


def test_the_command_compacts_and_says_from_what_to_what(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    flags = ("--store", str(store.directory))
    told = run("store", "compact", *flags)
    assert (told.status, told.shown) == (0, "")
    assert told.said.startswith("Compacted 16 files (")
    assert " to 8 files (" in told.said
    assert run("store", "compact", *flags).said.startswith("Nothing to compact: 8 files (")
    assert run("store", "compact", "--cluster", "nope", *flags).status == 4


def test_a_dry_run_passes_over_a_damaged_file_and_says_so(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    broken = next(file for file in store.files() if file.day == date(2026, 11, 5))
    broken.path.write_bytes(b"x" * broken.bytes)
    flags = ("--older-than", "10d", "--keep-severity", "warning=15d", "--store", str(store.directory), "-o", "json")
    dry = run("store", "prune", "--dry-run", *flags)
    assert "it is left alone" in dry.said
    done = run("store", "prune", *flags)
    assert "it is left alone" in done.said
    assert [row["observations"] for row in json.loads(dry.shown)] == [20, 20, 5, 10, 10]
    assert [row["observations"] for row in json.loads(done.shown)] == [20, 20, 5, 10, 10]


def test_a_dry_run_reckons_with_what_goes_by_severity_before_it_asks_for_the_size(store: Store) -> None:
    sizes = {day: sum(file.bytes for file in store.files() if file.day == date(2026, 11, day)) for day in DAYS}
    most = sum(sizes.values()) - sizes[3] - sizes[4] - int(1.2 * sizes[5])  # half of three days goes as well
    planned = would_prune(store, Order(Rules(OLD.older_than, most, OLD.keep), ratings()), NOW)
    assert {day.day: kept for day, (_, kept) in cut_days(planned).items()} == {
        3: "", 4: "", 5: "warning", 6: "warning", 9: "warning"
    }  # fmt: skip
    assert planned.excess == 0


def test_nothing_is_rewritten_where_a_recorder_would_have_too_little_room(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = store.files()
    full = shutil.disk_usage(store.directory)._replace(free=60_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    with pytest.raises(StoreError, match="needs more room: 60 MB are free"):
        merge_all(store)
    assert store.files() == before
    prune(store, Order(Rules(older_than=timedelta(days=10)), ratings()), NOW)  # whole days need none
    assert {file.day.day for file in store.files() if file.day} == {10, 19, 20}


@pytest.mark.parametrize("name", ["fsync", "rename", "replace"])
def test_every_kth_failure_of_the_disk_leaves_each_day_as_it_was_or_pruned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    fill(Store(tmp_path / "filled"), [3, 9, 19], files=1)
    kept = [*range(11, 21, 2), *range(21, 31)]

    def attempt(k: int, disk: Disk) -> None:
        store = Store(shutil.copytree(tmp_path / "filled", tmp_path / str(k)))
        with disk.failing(), suppress(StoreError, OSError):
            prune_old(store)
        left = set(numbers(store.snapshot()))
        assert left & set(range(1, 11)) in (set(), set(range(1, 11)))
        assert left & set(range(11, 21)) in (set(range(11, 21, 2)), set(range(11, 21)))
        assert left >= set(range(21, 31))
        told = {span.start.day for span in store.coverage().get("prod", ()) if span.state is State.PRUNED}
        assert told == {day for day, number in ((3, 2), (9, 12)) if number not in left}
        prune_old(store)
        assert numbers(store.snapshot()) == kept
        assert set((store.directory / "observations").rglob("*.parquet")) == {file.path for file in store.files()}

    each_failure(monkeypatch, name, attempt)


def test_a_full_disk_prunes_whole_days_or_nothing_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merge.free_space, "check", lambda *_: None)
    with small_disk(tmp_path / "disk", "8m") as disk:
        store = Store(disk.directory / "store")
        fill(store, [9, 19], files=2, events=200)
        shutil.copytree(store.directory, tmp_path / "filled")
        kept, all_of = [*range(1, 401, 2), *range(401, 801)], list(range(1, 801))
        for free in range(0, 40_000, 12_288):
            shutil.rmtree(store.directory)
            shutil.copytree(tmp_path / "filled", store.directory)
            disk.leave(free)
            with suppress(StoreError):
                prune_old(store)
            assert numbers(store.snapshot()) in (kept, all_of)
            disk.clear()
            prune_old(store)
            assert numbers(store.snapshot()) == kept
