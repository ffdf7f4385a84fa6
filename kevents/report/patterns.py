"""The patterns report: similar messages, grouped. Groups below the thresholds are hidden and counted in a note."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from kevents.errors import UsageError
from kevents.event.severity import levels_at_least
from kevents.query.user_sql import RowOptions, cut
from kevents.report.catalog import load
from kevents.report.question import Question
from kevents.result import Result

if TYPE_CHECKING:
    import pyarrow as pa

    from kevents.query.engine import Engine

DEFAULT_RATE = 0.5  # per minute
_CAP = 50
_RATE = re.compile(r"(\d+(?:[.]\d+)?)(?:/([smhd]))?")
_PER_MINUTE = {"s": 60.0, "m": 1.0, "h": 1 / 60, "d": 1 / 1440}


def parse_rate(text: str) -> float:
    """A rate per minute: 0.5/m, 2/s, 30/h. A number without a unit is per minute."""
    match = _RATE.fullmatch(text.strip().lower())
    if match is None:
        raise UsageError(f'cannot read "{text}" as a rate', "Examples: 0.5/m, 2/s, 30/h.")
    return float(match[1]) * _PER_MINUTE[match[2] or "m"]


@dataclass(frozen=True)
class Thresholds:
    """What a group needs to be shown. events: number of occurrences. rate: occurrences per minute at its busiest.

    rate: None for the default, which does not apply to errors: a kubelet retries a mount every 2m2s, for days.
    """

    events: int = 3
    rate: float | None = None

    def filter(self, table: pa.Table) -> pa.Table:
        """The rows above both thresholds."""
        import pyarrow as pa
        import pyarrow.compute as pc

        is_frequent = pc.greater_equal(table["count"], self.events)
        if self.rate == 0:
            return table.filter(is_frequent)
        is_fast = pc.greater(pc.fill_null(table["busiest"], 0.0), DEFAULT_RATE if self.rate is None else self.rate)
        if self.rate is None:
            is_error = pc.is_in(table["severity"].cast(pa.string()), pa.array(levels_at_least("error")))
            is_fast = pc.or_(is_fast, is_error)
        return table.filter(pc.and_(is_frequent, is_fast))


@dataclass(frozen=True)
class Patterns:
    """The patterns in the messages of events. capped: apply the row limit of a terminal."""

    thresholds: Thresholds = field(default_factory=Thresholds)
    rows: RowOptions = field(default_factory=RowOptions)
    capped: bool = False

    @cached_property
    def question(self) -> Question:
        """The report over all patterns, before the thresholds."""
        return Question(load("patterns.sql"), RowOptions(self.rows.sort_by))

    def answer(self, engine: Engine) -> Result:
        """The patterns above the thresholds, and a note on how many are hidden."""
        import pyarrow as pa

        batches = engine.batches(self.question.sql, self.question.parameters)
        patterns = pa.Table.from_batches(list(batches), batches.schema)
        kept = self.thresholds.filter(patterns)
        hidden = patterns.num_rows - kept.num_rows
        result = Result(
            self.question.columns,
            (kept.slice(0, self.rows.limit) if self.rows.limit else kept).to_batches(),
            empty="No patterns found." if hidden else Result.empty,
        )
        if self.capped and self.rows.limit is None:
            result = cut(result, kept.to_reader(), _CAP, newest=False)
        return replace(result, notes=[*result.notes, _hidden_note(hidden)]) if hidden else result


def _hidden_note(hidden: int) -> str:
    noun = "pattern" if hidden == 1 else "patterns"
    return f"{hidden} {noun} hidden (too few or too slow); show all with --min-events 1 --min-rate 0."
