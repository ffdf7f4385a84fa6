"""Pruning deletes complete days, the oldest first, keeps severe events, and records what was deleted."""

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
from kevents.event.severity_table import builtin_ratings
from kevents.maintenance import retention
from kevents.maintenance.prune import PruneOptions, PruneResult, prune, would_prune
from kevents.maintenance.retention import RetentionRules
from kevents.maintenance.round import maintain
from kevents.store.coverage import ALL, Span, State, merged, pruned, uncovered
from kevents.store.integrity.verify import verify
from kevents.store.rewrite import merge
from kevents.store.rewrite.exchange import RewriteStep
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


def deleted_days(result: PruneResult) -> dict[date, tuple[int, str]]:
    return {deletion.day: (deletion.observations, deletion.kept) for deletion in result.deletions}


def test_old_events_are_deleted_unless_they_are_severe_enough(store: Store) -> None:
    result = prune(store, PruneOptions(OLD, builtin_ratings()), NOW)
    assert numbers(store.snapshot()) == KEPT
    assert deleted_days(result) == {
        date(2026, 11, 3): (20, ""),
        date(2026, 11, 4): (20, ""),
        date(2026, 11, 5): (10, "warning"),
        date(2026, 11, 6): (10, "warning"),
        date(2026, 11, 9): (10, "warning"),
    }


def test_pruning_again_deletes_and_rewrites_nothing(store: Store) -> None:
    prune_old(store)
    before = store.files()
    assert prune(store, PruneOptions(OLD, builtin_ratings()), NOW).deletions == []
    assert store.files() == before
    merge_all(store)
    assert prune(store, PruneOptions(OLD, builtin_ratings()), NOW).deletions == []
    fill(store, [6], files=1)
    assert deleted_days(prune(store, PruneOptions(OLD, builtin_ratings()), NOW)) == {date(2026, 11, 6): (5, "warning")}


def test_a_dry_run_reports_the_same_and_changes_nothing(store: Store) -> None:
    before = store.catalog()
    planned = would_prune(store, PruneOptions(OLD, builtin_ratings()), NOW)
    assert store.catalog() == before
    assert deleted_days(planned) == deleted_days(prune(store, PruneOptions(OLD, builtin_ratings()), NOW))


def test_the_oldest_days_are_deleted_until_the_rest_is_small_enough(store: Store) -> None:
    sizes = {day: sum(file.bytes for file in store.files() if file.day == date(2026, 11, day)) for day in DAYS}
    limit = sum(sizes.values()) - sizes[3] - 1
    result = prune(store, PruneOptions(RetentionRules(max_size=limit), builtin_ratings()), NOW)
    assert [deletion.day.day for deletion in result.deletions] == [3, 4]
    assert sum(file.bytes for file in store.files()) <= limit


def test_today_is_kept_however_low_the_size_limit(store: Store) -> None:
    result = prune(store, PruneOptions(RetentionRules(max_size=1), builtin_ratings()), NOW)
    assert {file.day for file in store.files()} == {NOW.date()}
    assert result.excess == sum(file.bytes for file in store.files()) - 1


def test_only_the_selected_cluster_is_pruned(store: Store) -> None:
    fill(store, [3], cluster="test")
    prune(store, PruneOptions(OLD, builtin_ratings(), ("test",)), NOW)
    assert {file.cluster for file in store.files()} == {"prod"}
    assert numbers(store.snapshot()) == list(ROWS)


def test_coverage_shows_what_was_pruned(store: Store) -> None:
    prune_old(store)
    spans = [span for span in store.coverage()["prod"] if span.state is State.PRUNED]
    assert spans == [
        Span(ALL, State.PRUNED, at(3), at(5)),
        Span(ALL, State.PRUNED, at(5), at(7), "below warning"),
        Span(ALL, State.PRUNED, at(9), at(10), "below warning"),
    ]


def test_a_day_that_was_pruned_in_part_and_then_completely_is_shown_as_pruned_completely() -> None:
    partial = Span(ALL, State.PRUNED, at(5), at(9), "below warning")
    complete = Span(ALL, State.PRUNED, at(3), at(6))
    assert merged([partial, complete]) == (complete, Span(ALL, State.PRUNED, at(6), at(9), "below warning"))


def test_pruned_time_in_a_window_is_found() -> None:
    spans = [Span(ALL, State.PRUNED, at(3), at(6)), Span(ALL, State.PRUNED, at(6), at(9), "below warning")]
    assert uncovered(spans, at(4), at(8)) == [Span(ALL, State.PRUNED, at(4), at(6))]
    assert [(span.start.day, span.end.day) for span in pruned(spans, at(4), at(8))] == [(4, 6), (6, 8)]
    assert pruned(spans, at(9), None) == []


@pytest.mark.parametrize("step", RewriteStep)
def test_a_kill_at_each_step_leaves_each_day_unchanged_or_pruned(store: Store, step: RewriteStep) -> None:
    command = [sys.executable, "-m", "tests.store.numbered_events", "prune", str(store.directory), step]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == -9
    visible = set(numbers(store.snapshot()))
    for day in DAYS:
        of_day = {number for number, day_of_number in ROWS.items() if day_of_number == day}
        assert visible & of_day in (of_day, of_day & set(KEPT)), day
    prune_old(store)
    assert numbers(store.snapshot()) == KEPT
    assert set((store.directory / "observations").rglob("*.parquet")) == {file.path for file in store.files()}
    assert verify(store).findings == []


def test_a_damaged_file_is_not_rewritten(store: Store) -> None:
    damaged = next(file for file in store.files() if file.day == date(2026, 11, 5))
    damaged.path.write_bytes(b"x" * damaged.bytes)
    prune_old(store)
    assert [file for file in store.files() if file.day == date(2026, 11, 5) and not file.least] == [damaged]


def test_a_round_prunes_and_compacts_only_its_cluster(store: Store) -> None:
    fill(store, [3], cluster="test")
    maintain(store, "prod", OLD, NOW)
    files = [file for file in store.files() if file.cluster == "prod"]
    assert sorted(file.day.day for file in files if file.day) == [5, 6, 9, 10, 19, 20, 20]
    assert sum(file.rows for file in files) == len(KEPT)
    assert sum(file.cluster == "test" for file in store.files()) == 4
    before = (store.directory / "catalog.json").stat()
    maintain(store, "prod", OLD, NOW)
    assert (store.directory / "catalog.json").stat() == before


def test_flags_set_ages_sizes_and_severities() -> None:
    assert retention.retention_rules("120d", "20GB", ["warning=365d", "Critical=2w"][:1]) == RetentionRules(
        timedelta(days=120), 20_000_000_000, {"warning": timedelta(days=365)}
    )
    assert not retention.retention_rules(None, None, [])
    rules = retention.retention_rules("30d", None, ["warning=60d", "critical=1000d"])
    assert RetentionRules.from_json(rules.to_json()) == rules
    kept = {
        age: rules.lowest_kept_severity((NOW - timedelta(days=age)).date(), NOW)
        for age in (29, 30, 31, 60, 61, 1000, 1001)
    }
    assert kept == {29: "info", 30: "info", 31: "warning", 60: "warning", 61: "critical", 1000: "critical", 1001: ""}


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
def test_sizes_are_parsed_in_decimal_and_binary_units(text: str, size: int) -> None:
    assert retention.parse_size(text) == size


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("2h", None, []), "less than a day"),
        ((None, "1GB", ["warning=3d"]), "requires --older-than"),
        (("30d", None, ["warning=20d"]), "must be longer than"),
        (("30d", None, ["warnings=90d"]), "Did you mean warning"),
        (("30d", None, ["warning"]), "warning=365d"),
        ((None, "many", []), "500MB"),
    ],
)
def test_a_mistake_in_the_flags_is_an_error(flags: tuple[str, str, list[str]], message: str) -> None:
    with pytest.raises(UsageError) as error:
        retention.retention_rules(*flags)
    assert message in f"{error.value} {error.value.hint}"


def test_the_command_reports_what_would_be_deleted_what_was_deleted_and_the_loss(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    flags = ("--store", str(store.directory), "--utc")
    rules = ("--older-than", "1d")
    dry_run = run("store", "prune", *rules, "--dry-run", *flags, "-o", "json")
    assert dry_run.status == 0
    assert len(json.loads(dry_run.out)) == 6
    assert "Dry run: would delete" in dry_run.err
    pruning = run("store", "prune", *rules, *flags)
    assert (pruning.status, "Deleted" in pruning.err) == (0, True)
    assert "2026-11-03" in pruning.out
    report = run("reasons", "--since", "2026-11-03T00:00Z", "--until", "2026-11-05T00:00Z", *flags)
    assert "prod was pruned from 2026-11-03 00:00:00Z to 2026-11-05 00:00:00Z: all events were deleted." in report.err
    assert "Nothing to prune." in run("store", "prune", *rules, *flags).err
    assert run("store", "prune", *flags).status == 2


def test_the_command_compacts_and_reports_files_before_and_after(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    flags = ("--store", str(store.directory))
    compacted = run("store", "compact", *flags)
    assert (compacted.status, compacted.out) == (0, "")
    assert compacted.err.startswith("Compacted 16 files (")
    assert " to 8 files (" in compacted.err
    assert run("store", "compact", *flags).err.startswith("Nothing to compact: 8 files (")
    assert run("store", "compact", "--cluster", "nope", *flags).status == 4


def test_a_dry_run_skips_and_reports_a_damaged_file(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    damaged = next(file for file in store.files() if file.day == date(2026, 11, 5))
    damaged.path.write_bytes(b"x" * damaged.bytes)
    flags = ("--older-than", "10d", "--keep-severity", "warning=15d", "--store", str(store.directory), "-o", "json")
    dry_run = run("store", "prune", "--dry-run", *flags)
    assert "it is left alone" in dry_run.err
    pruning = run("store", "prune", *flags)
    assert "it is left alone" in pruning.err
    assert [row["observations"] for row in json.loads(dry_run.out)] == [20, 20, 5, 10, 10]
    assert [row["observations"] for row in json.loads(pruning.out)] == [20, 20, 5, 10, 10]


def test_a_dry_run_applies_severities_before_the_size_limit(store: Store) -> None:
    sizes = {day: sum(file.bytes for file in store.files() if file.day == date(2026, 11, day)) for day in DAYS}
    limit = sum(sizes.values()) - sizes[3] - sizes[4] - int(1.2 * sizes[5])  # half of three days is deleted as well
    planned = would_prune(store, PruneOptions(RetentionRules(OLD.older_than, limit, OLD.keep), builtin_ratings()), NOW)
    assert {day.day: kept for day, (_, kept) in deleted_days(planned).items()} == {
        3: "", 4: "", 5: "warning", 6: "warning", 9: "warning"
    }  # fmt: skip
    assert planned.excess == 0


def test_nothing_is_rewritten_if_a_recorder_would_have_too_little_disk_space(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = store.files()
    full = shutil.disk_usage(store.directory)._replace(free=60_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    with pytest.raises(StoreError, match=r"not enough disk space to rewrite .*: 60 MB free"):
        merge_all(store)
    assert store.files() == before
    # deleting complete days needs no space
    prune(store, PruneOptions(RetentionRules(older_than=timedelta(days=10)), builtin_ratings()), NOW)
    assert {file.day.day for file in store.files() if file.day} == {10, 19, 20}


@pytest.mark.parametrize("name", ["fsync", "rename", "replace"])
def test_every_kth_failure_of_the_disk_leaves_each_day_unchanged_or_pruned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    fill(Store(tmp_path / "filled"), [3, 9, 19], files=1)
    kept = [*range(11, 21, 2), *range(21, 31)]

    def attempt(k: int, disk: Disk) -> None:
        store = Store(shutil.copytree(tmp_path / "filled", tmp_path / str(k)))
        with disk.failing(), suppress(StoreError, OSError):
            prune_old(store)
        visible = set(numbers(store.snapshot()))
        assert visible & set(range(1, 11)) in (set(), set(range(1, 11)))
        assert visible & set(range(11, 21)) in (set(range(11, 21, 2)), set(range(11, 21)))
        assert visible >= set(range(21, 31))
        pruned_days = {span.start.day for span in store.coverage().get("prod", ()) if span.state is State.PRUNED}
        assert pruned_days == {day for day, number in ((3, 2), (9, 12)) if number not in visible}
        prune_old(store)
        assert numbers(store.snapshot()) == kept
        assert set((store.directory / "observations").rglob("*.parquet")) == {file.path for file in store.files()}

    each_failure(monkeypatch, name, attempt)


def test_a_full_disk_leaves_each_day_unchanged_or_pruned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merge.free_space, "check", lambda *_: None)
    with small_disk(tmp_path / "disk", "8m") as disk:
        store = Store(disk.directory / "store")
        fill(store, [9, 19], files=2, events=200)
        shutil.copytree(store.directory, tmp_path / "filled")
        kept, every = [*range(1, 401, 2), *range(401, 801)], list(range(1, 801))
        for free in range(0, 40_000, 12_288):
            shutil.rmtree(store.directory)
            shutil.copytree(tmp_path / "filled", store.directory)
            disk.leave(free)
            with suppress(StoreError):
                prune_old(store)
            assert numbers(store.snapshot()) in (kept, every)
            disk.clear()
            prune_old(store)
            assert numbers(store.snapshot()) == kept
