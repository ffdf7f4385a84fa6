"""Which files are merged, and how often a row is rewritten."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from kevents.store.catalog import StoreFile
from kevents.store.rewrite.merge_plan import due

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TODAY = NOON.date()


def file(number: int, rows: int, day: date | None = TODAY, cluster: str = "prod", part: str = "") -> StoreFile:
    return StoreFile(Path(f"{number:016x}{part}.parquet"), cluster, day, rows, rows * 40, None, None, "")


def rows_of_merges(files: list[StoreFile], now: datetime = NOON, *, by_hand: bool = False) -> list[list[int]]:
    return [sorted(merged.rows for merged in merge.files) for merge in due(files, now, by_hand=by_hand)]


def test_files_of_different_clusters_or_days_are_not_merged() -> None:
    yesterday = TODAY - timedelta(days=1)
    files = [file(1, 5), file(2, 5, cluster="test"), file(3, 5, yesterday), file(4, 5, None)]
    assert rows_of_merges(files, by_hand=True) == []


def test_files_of_today_are_merged_when_there_are_sixteen_of_similar_size() -> None:
    files = [file(number, 10_000 + number) for number in range(15)]
    assert rows_of_merges(files) == []
    assert rows_of_merges([*files, file(15, 10_015)]) == [[10_000 + number for number in range(16)]]


def test_a_large_file_of_today_is_not_merged_with_small_ones() -> None:
    files = [file(99, 5_000_000), *(file(number, 10_000) for number in range(16))]
    assert rows_of_merges(files) == [[10_000] * 16]


@pytest.mark.parametrize(("hour", "merges"), [(2, 0), (3, 1)])
def test_a_day_is_merged_completely_three_hours_after_its_end(hour: int, merges: int) -> None:
    files = [file(1, 4_000), file(2, 3_000), file(3, 2_000)]
    assert len(due(files, datetime(2026, 11, 21, hour, tzinfo=UTC))) == merges


def test_a_few_late_events_do_not_rewrite_a_finished_day() -> None:
    past = TODAY - timedelta(days=3)
    parts = [file(1, 1_000_000, past, part=f"-{number:02}") for number in range(16)]
    assert rows_of_merges(parts) == []
    assert rows_of_merges([*parts, file(2, 500, past)]) == []
    assert rows_of_merges([*parts, file(2, 500, past), file(3, 400, past), file(4, 400, past)]) == [[400, 400, 500]]


def test_files_without_a_day_are_merged_like_finished_days() -> None:
    assert rows_of_merges([file(1, 10, None), file(2, 10, None)]) == [[10, 10]]


def test_by_hand_files_of_today_are_merged_if_they_fit_into_a_row_group() -> None:
    assert rows_of_merges([file(1, 100_000), file(2, 1)]) == []
    assert rows_of_merges([file(1, 100_000), file(2, 1)], by_hand=True) == [[1, 100_000]]
    assert rows_of_merges([file(1, 500_000), file(2, 1)], by_hand=True) == []


def test_many_files_of_a_day_are_merged_sixty_four_at_a_time_with_two_rewrites_per_row() -> None:
    past = TODAY - timedelta(days=3)
    files = [file(number, 100 + number, past) for number in range(1440)]
    rows, rewritten, number, most_files = sum(other.rows for other in files), 0, 1440, 0
    while merges := due(files, NOON):
        for merge in merges:
            number += 1
            most_files = max(most_files, len(merge.files))
            files = [other for other in files if other not in merge.files] + [file(number, merge.rows, past)]
            rewritten += merge.rows
    assert [other.rows for other in files] == [rows]
    assert most_files == 64
    assert rewritten < 2.1 * rows


def test_two_runs_are_merged_even_if_they_have_more_than_sixty_four_files() -> None:
    past = TODAY - timedelta(days=3)
    runs = [file(run, 1_000_000, past, part=f"-{part:02}") for run in (1, 2) for part in range(40)]
    (merge,) = due(runs, NOON)
    assert len(merge.files) == 80


def test_rows_of_a_day_of_one_minute_files_are_rewritten_at_most_three_times_and_end_in_one_run() -> None:
    files: list[StoreFile] = []
    rewritten = number = 0
    minutes = [NOON.replace(hour=0) + timedelta(minutes=minute) for minute in range(1440)]
    for now in [*minutes, *(minutes[-1] + timedelta(hours=hour) for hour in (1, 4, 5))]:
        if now <= minutes[-1]:
            number += 1
            files.append(file(number, 11_667))
        if now.minute % 10 == 0 or now > minutes[-1]:
            while merges := due(files, now):
                for merge in merges:
                    number += 1
                    files = [other for other in files if other not in merge.files] + [file(number, merge.rows)]
                    rewritten += merge.rows
    assert [other.rows for other in files] == [1440 * 11_667]
    assert rewritten <= 3 * 1440 * 11_667


def test_late_events_are_rewritten_less_and_less_often() -> None:
    past = TODAY - timedelta(days=3)
    files, number, rewritten = [file(0, 1_000_000, past)], 0, 0
    for _ in range(1_000):
        number += 1
        files.append(file(number, 1, past))
        while merges := due(files, NOON):
            for merge in merges:
                number += 1
                files = [other for other in files if other not in merge.files] + [file(number, merge.rows, past)]
                rewritten += merge.rows
    assert len(files) <= 12
    assert rewritten <= 1_000 * 11  # at most once per doubling
