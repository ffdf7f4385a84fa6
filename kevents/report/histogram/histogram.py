"""The histogram report: occurrences per bucket and series, and how much of each bucket was not recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from kevents.report.catalog import load
from kevents.report.histogram.buckets import auto_width, edges
from kevents.report.question import Question
from kevents.result import Column, Kind, Result, Show

if TYPE_CHECKING:
    import pyarrow as pa

    from kevents.query.engine import Engine
    from kevents.query.selection import Selection
    from kevents.store.coverage import Span

_SPAN = """
SELECT
    -- ignore impossible times, so that a single event does not stretch the histogram
    min(stored.first_occurrence(first_seen, last_seen, "count")) FILTER ("day" IS NOT NULL) AS since,
    max(last_seen) FILTER ("day" IS NOT NULL) AS until,
    coalesce(bool_or(
        "day" IS NULL OR ("count" > 1 AND first_seen < stored.first_occurrence(first_seen, last_seen, "count"))
    ), false) AS has_impossible_times
FROM observations
"""
_OMITTED = """
SELECT
    sum(CASE
        WHEN "day" IS NULL THEN occurrences
        ELSE occurrences - happened(latest, occurrences, step_us, $since, NULL)
    END)::BIGINT AS omitted
FROM occurrences
WHERE "day" IS NULL OR earliest < $since
"""
_INSTANT = timedelta(microseconds=1)
_MISSED = Column("missed", Kind.PERCENT)
_NO_VALUE = "<none>"  # as in kubectl


@dataclass(frozen=True)
class Histogram:
    """A histogram of the engine's events over the window of its selection.

    width: the bucket size; None for a round one that results in at most this number of buckets. top: the number of
    series shown separately.
    """

    engine: Engine
    selection: Selection
    now: datetime
    zone: tzinfo
    by: str | None = None
    width: timedelta | None = None
    buckets: int = 30
    top: int = 5

    @cached_property
    def edges(self) -> list[datetime]:
        """The boundaries of the buckets."""
        since, until = self._window
        width = auto_width(until - since, self.buckets) if self.width is None else self.width
        return edges(since, until, width, self.zone)

    @cached_property
    def question(self) -> Question:
        """The report with its buckets, which may depend on the events in the store."""
        return Question(load("histogram/histogram.sql"), by=self.by, values={"edges": self.edges, "top": self.top})

    def answer(self, missed: Iterable[Span], *, drawn: bool) -> Result:
        """One row per bucket and series; if drawn, one stacked bar per bucket. missed: the gaps in the coverage."""
        import pyarrow as pa

        counts = self.question.answer(self.engine)
        table = pa.Table.from_batches(list(counts.batches), counts.batches.schema)  # type: ignore[attr-defined]
        percent_missed = _percent_missed(self.edges, list(missed))
        starts = [moment.astimezone(UTC) for moment in table["start"].to_pylist()]
        table = table.append_column(_MISSED.name, pa.array([percent_missed[start] for start in starts], pa.float64()))
        columns = (*counts.columns, _MISSED)
        result = replace(counts, columns=columns, batches=table.to_batches(), notes=self._omitted_note())
        return _stacked(result, table, self.question.columns[2].name) if drawn and table.num_rows else result

    def busiest_bucket(self, drawn: Result) -> tuple[datetime, datetime] | None:
        """Start and end of the bucket with the most occurrences."""
        totals = [row["occurrences"] or 0 for batch in drawn.batches for row in batch.to_pylist()]
        if not any(totals):
            return None
        bucket = totals.index(max(totals))
        return self.edges[bucket], self.edges[bucket + 1]

    @cached_property
    def _span(self) -> Mapping[str, Any]:
        (span,) = self.engine.rows(_SPAN)
        return span

    @property
    def _is_bounded(self) -> bool:
        return self.selection.since is not None and self.selection.until is not None

    @cached_property
    def _window(self) -> tuple[datetime, datetime]:
        """The selection's window; an open end extends to now, or to the first or last event."""
        since, until = self.selection.since, self.selection.until
        if since and until:
            return since, until
        oldest, newest = (moment and moment.astimezone(UTC) for moment in (self._span["since"], self._span["until"]))
        if until is None:
            ends = [self.now] if since or newest is None else []
            until = max([*ends, *([newest + _INSTANT] if newest else [])])
        return since or oldest or until - _INSTANT, until

    def _omitted_note(self) -> list[str]:
        if self._is_bounded or not self._span["has_impossible_times"]:
            return []
        (row,) = self.engine.rows(_OMITTED, {"since": self.edges[0]})
        omitted = row["omitted"]
        noun = "occurrence" if omitted == 1 else "occurrences"
        return [f"{omitted:,} {noun} with missing or impossible times omitted."] if omitted else []


def _percent_missed(moments: Sequence[datetime], missed: Sequence[Span]) -> dict[datetime, float]:
    """The percentage of each bucket that was not recorded, by the bucket's start."""
    return {start: 100 * _overlap(start, end, missed) / (end - start) for start, end in pairwise(moments)}


def _overlap(start: datetime, end: datetime, spans: Sequence[Span]) -> timedelta:
    """How much of the time from start to end lies in any of the spans."""
    total, reached = timedelta(0), start
    for span in sorted(spans, key=lambda span: span.start):
        if span.end > reached and span.start < end:
            total += min(span.end, end) - max(span.start, reached)
            reached = min(span.end, end)
    return total


def _stacked(result: Result, table: pa.Table, by: str) -> Result:
    """One stacked bar per bucket instead of one row per series. The rows are sorted by bucket and series."""
    rows = table.to_pylist()
    names = [_NO_VALUE if row[by] is None else row[by] for row in rows if row["start"] == rows[0]["start"]]
    buckets = [rows[first : first + len(names)] for first in range(0, len(rows), len(names))]
    totals = [sum(bucket[place]["occurrences"] for bucket in buckets) for place in range(len(names))]
    series = tuple(f"{name} {total}" for name, total in zip(names, totals, strict=True))
    columns = (
        Column("start", Kind.TIME, label="TIME"),
        Column("occurrences", Kind.NUMBER, label="TOTAL"),
        Column("bar", Kind.STACK, label="", series=series),
        Column("coverage", show=Show.VARIES, label=""),
    )
    return replace(result, columns=columns, batches=Result.of_rows(columns, map(_bar, buckets)).batches)


def _bar(bucket: Sequence[Mapping[str, Any]]) -> dict[str, object]:
    counts, missed = [row["occurrences"] for row in bucket], bucket[0]["missed"]
    is_gap = missed >= 100 and not any(counts)
    return {
        "start": bucket[0]["start"],
        "occurrences": None if is_gap else sum(counts),
        "bar": None if is_gap else counts,
        "coverage": "not recorded" if missed >= 100 else f"{missed:.0f}% not recorded" if missed >= 1 else "",
    }
