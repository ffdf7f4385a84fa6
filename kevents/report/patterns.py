"""The question of patterns: all groups are found, those below the thresholds are left out and counted."""

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

USUAL_RATE = 0.5  # a minute
_CAP = 50
_RATE = re.compile(r"(\d+(?:[.]\d+)?)(?:/([smhd]))?")
_A_MINUTE = {"s": 60.0, "m": 1.0, "h": 1 / 60, "d": 1 / 1440}


def parse_rate(text: str) -> float:
    """A rate per minute: 0.5/m, 2/s, 30/h, or a number of them a minute."""
    told = _RATE.fullmatch(text.strip().lower())
    if told is None:
        raise UsageError(f'cannot read "{text}" as a rate', "Such as 0.5/m, 2/s or 30/h.")
    return float(told[1]) * _A_MINUTE[told[2] or "m"]


@dataclass(frozen=True)
class Thresholds:
    """What makes a group a pattern: so many happenings, and more than so many a minute while it was busiest.

    rate: None for the usual one, which spares errors: a kubelet tries a mount again after 2m2s, for days.
    """

    events: int = 3
    rate: float | None = None

    def kept(self, table: pa.Table) -> pa.Table:
        """The rows above both."""
        import pyarrow as pa
        import pyarrow.compute as pc

        is_many = pc.greater_equal(table["count"], self.events)
        if self.rate == 0:
            return table.filter(is_many)
        is_kept = pc.greater(pc.fill_null(table["busiest"], 0.0), USUAL_RATE if self.rate is None else self.rate)
        if self.rate is None:
            is_kept = pc.or_(is_kept, pc.is_in(table["severity"].cast(pa.string()), pa.array(levels_at_least("error"))))
        return table.filter(pc.and_(is_many, is_kept))


@dataclass(frozen=True)
class Patterns:
    """The patterns of events. capped: stop as a terminal does."""

    thresholds: Thresholds = field(default_factory=Thresholds)
    rows: RowOptions = field(default_factory=RowOptions)
    capped: bool = False

    @cached_property
    def question(self) -> Question:
        """All groups, however small."""
        return Question(load("patterns.sql"), RowOptions(self.rows.sort_by))

    def answer(self, engine: Engine) -> Result:
        """The patterns, and a note on the groups that are none."""
        import pyarrow as pa

        batches = engine.batches(self.question.sql, self.question.parameters)
        found = pa.Table.from_batches(list(batches), batches.schema)
        kept = self.thresholds.kept(found)
        hidden = found.num_rows - kept.num_rows
        result = Result(
            self.question.columns,
            (kept.slice(0, self.rows.limit) if self.rows.limit else kept).to_batches(),
            empty="No patterns found." if hidden else Result.empty,
        )
        if self.capped and self.rows.limit is None:
            result = cut(result, kept.to_reader(), _CAP, newest=False)
        return replace(result, notes=[*result.notes, _left_out(hidden)]) if hidden else result


def _left_out(hidden: int) -> str:
    groups = "1 group is" if hidden == 1 else f"{hidden} groups are"
    return f"{groups} below the thresholds: --min-events 1 --min-rate 0 shows all."
