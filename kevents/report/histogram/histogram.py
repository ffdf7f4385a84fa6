"""The question of a histogram: the buckets, what happened in each, and how much of it recorders missed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from kevents.report.catalog import load
from kevents.report.histogram.buckets import edges, fitting
from kevents.report.question import Question
from kevents.result import Column, Kind, Result, Show

if TYPE_CHECKING:
    import pyarrow as pa

    from kevents.query.engine import Engine
    from kevents.query.selection import Selection
    from kevents.store.coverage import Span

_SPAN = """
SELECT
    -- one event of an absurd past must not flatten all others
    min(stored.first_occurrence(first_seen, last_seen, "count")) FILTER ("day" IS NOT NULL) AS since,
    max(last_seen) FILTER ("day" IS NOT NULL) AS until,
    coalesce(bool_or(
        "day" IS NULL OR ("count" > 1 AND first_seen < stored.first_occurrence(first_seen, last_seen, "count"))
    ), false) AS is_odd
FROM observations
"""
_LEFT_OUT = """
SELECT
    sum(CASE
        WHEN "day" IS NULL THEN occurrences
        ELSE occurrences - happened(latest, occurrences, step_us, $since, NULL)
    END)::BIGINT AS n
FROM occurrences
WHERE "day" IS NULL OR earliest < $since
"""
_INSTANT = timedelta(microseconds=1)
_MISSED = Column("missed", Kind.PERCENT)


@dataclass(frozen=True)
class Histogram:
    """A histogram of an engine's events, for the window of its selection.

    width: of a bucket; None for the round one that makes at most so many buckets. top: series that are told apart.
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
        """The moments between which the buckets lie."""
        since, until = self._window
        width = fitting(until - since, self.buckets) if self.width is None else self.width
        return edges(since, until, width, self.zone)

    @cached_property
    def question(self) -> Question:
        """The question with its buckets, which may depend on what there is."""
        return Question(load("histogram/histogram.sql"), by=self.by, values={"edges": self.edges, "top": self.top})

    def answer(self, missed: Iterable[Span], *, drawn: bool) -> Result:
        """A row a bucket and series, or a bar a bucket as people see it. missed: when a recorder did not watch."""
        import pyarrow as pa

        asked = self.question.answer(self.engine)
        table = pa.Table.from_batches(list(asked.batches), asked.batches.schema)  # type: ignore[attr-defined]
        shares = _shares(self.edges, list(missed))
        starts = [moment.astimezone(UTC) for moment in table["start"].to_pylist()]
        table = table.append_column(_MISSED.name, pa.array([shares[start] for start in starts], pa.float64()))
        columns = (*asked.columns, _MISSED)
        result = replace(asked, columns=columns, batches=table.to_batches(), notes=self._left_out())
        return stacked(result, table, self.question.columns[2].name) if drawn and table.num_rows else result

    def tallest(self, drawn: Result) -> tuple[datetime, datetime] | None:
        """From when to when the tallest bar goes."""
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
        """The selection's window; where it is open, up to now or around what there is."""
        since, until = self.selection.since, self.selection.until
        if since and until:
            return since, until
        oldest, newest = (moment and moment.astimezone(UTC) for moment in (self._span["since"], self._span["until"]))
        if until is None:
            ends = [self.now] if since or newest is None else []
            until = max([*ends, *([newest + _INSTANT] if newest else [])])
        return since or oldest or until - _INSTANT, until

    def _left_out(self) -> list[str]:
        if self._is_bounded or not self._span["is_odd"]:
            return []
        rows = self.engine.rows(_LEFT_OUT, {"since": self.edges[0]})
        amount = rows[0]["n"]
        return [f"Left out: {amount} of absurd or missing times."] if amount else []


def _shares(moments: Sequence[datetime], missed: Sequence[Span]) -> dict[datetime, float]:
    """How much of each bucket a recorder missed, of a hundred, by the bucket's start."""
    return {start: 100 * _overlap(start, end, missed) / (end - start) for start, end in pairwise(moments)}


def _overlap(start: datetime, end: datetime, missed: Sequence[Span]) -> timedelta:
    """The time in which any of the spans lies."""
    total, reached = timedelta(0), start
    for span in sorted(missed, key=lambda one: one.start):
        if span.end > reached and span.start < end:
            total += min(span.end, end) - max(span.start, reached)
            reached = min(span.end, end)
    return total


_NO_NAME = "<none>"  # as kubectl writes what has no value


def stacked(result: Result, table: pa.Table, by: str) -> Result:
    """The rows of a histogram, sorted by bucket and place, with a bar for each bucket instead of a row a series."""

    rows = table.to_pylist()
    names = [_NO_NAME if row[by] is None else row[by] for row in rows if row["start"] == rows[0]["start"]]
    bars = [rows[first : first + len(names)] for first in range(0, len(rows), len(names))]
    totals = [sum(bar[place]["occurrences"] for bar in bars) for place in range(len(names))]
    drawn = [_bar([row["occurrences"] for row in bar], bar[0]) for bar in bars]
    columns = (
        Column("start", Kind.TIME, label="TIME"),
        Column("occurrences", Kind.NUMBER, label="TOTAL"),
        Column(
            "bar",
            Kind.STACK,
            label="",
            series=tuple(f"{name} {total}" for name, total in zip(names, totals, strict=True)),
        ),
        Column("coverage", show=Show.VARIES, label=""),
    )
    return replace(result, columns=columns, batches=Result.of_rows(columns, drawn).batches)


def _bar(parts: list[int], told: dict[str, float]) -> dict[str, object]:
    missed = told["missed"]
    is_blind = missed >= 100 and not any(parts)
    return {
        "start": told["start"],
        "occurrences": None if is_blind else sum(parts),
        "bar": None if is_blind else parts,
        "coverage": "not watched" if missed >= 100 else f"{missed:.0f}% not watched" if missed >= 1 else "",
    }
