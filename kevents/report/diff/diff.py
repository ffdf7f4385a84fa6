"""The question of what changed: two sides, each with the time of which something is known, and what to compare by."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from kevents.query.user_sql import RowOptions, cut
from kevents.report.catalog import load
from kevents.report.question import Question
from kevents.result import Column, Result, Show

if TYPE_CHECKING:
    from kevents.query.engine import Engine
    from kevents.query.statement import ParameterValue

_REPORT = load("diff/diff.sql")
_MICROSECOND = timedelta(microseconds=1)
_ALIKE = 1.05  # windows whose lengths are no further apart can be compared by their counts


@dataclass(frozen=True)
class Side:
    """One side of a comparison. covered: how much of its window is covered; cluster: if the side is a cluster."""

    since: datetime | None
    until: datetime | None
    covered: timedelta
    cluster: str | None = None


@dataclass(frozen=True)
class Diff:
    """What changed from one side to the other. everything: also what changed no more than chance explains."""

    before: Side
    after: Side
    by: str | None = None
    rows: RowOptions = field(default_factory=RowOptions)
    everything: bool = False
    capped: bool = False

    @property
    def shown_sql(self) -> str:
        """The SQL for `kevents query`."""
        return self._question(self.rows, everything=self.everything).shown_sql

    def answer(self, engine: Engine) -> Result:
        """The groups that changed, and a note on how many did not."""
        import pyarrow as pa
        import pyarrow.compute as pc

        asked = self._question(RowOptions(self.rows.sort_by), everything=True)
        batches = engine.batches(asked.sql, asked.parameters)
        found = pa.Table.from_batches(list(batches), batches.schema)
        kept = found if self.everything else found.filter(pc.field("significant") == 1)
        hidden = found.num_rows - kept.num_rows
        result = Result(
            self._columns(asked.columns),
            (kept.slice(0, self.rows.limit) if self.rows.limit else kept).to_batches(),
            empty="Nothing changed beyond chance." if hidden else Result.empty,
        )
        if self.capped and self.rows.limit is None:
            result = cut(result, kept.to_reader(), _REPORT.cap or 0, newest=False)
        return replace(result, notes=[*result.notes, _left_out(hidden)]) if hidden else result

    def _question(self, rows: RowOptions, *, everything: bool) -> Question:
        values: dict[str, ParameterValue] = {
            "before_since": self.before.since,
            "before_until": self.before.until,
            "after_since": self.after.since,
            "after_until": self.after.until,
            "before_us": self.before.covered // _MICROSECOND,
            "after_us": self.after.covered // _MICROSECOND,
            "against": self.before.cluster,
            "everything": int(everything),
        }
        return Question(_REPORT, rows, self.by, values=values)

    def _columns(self, columns: tuple[Column, ...]) -> tuple[Column, ...]:
        """The columns as this comparison shows them: clusters by their names, and rates where counts would mislead."""
        shown = {column.name: column for column in columns}
        names = {"before": self.before.cluster, "after": self.after.cluster}
        shown |= {name: replace(shown[name], label=label) for name, label in names.items() if label}
        lengths = sorted((self.before.covered, self.after.covered))
        if lengths[1] > _ALIKE * lengths[0]:
            shown |= {name: replace(shown[name], show=Show.TABLE) for name in ("rate_before", "rate_after")}
        # a short word stands where reasons do, a message at the end
        by = next(name for name in (self.by, _REPORT.by[0]) if name)
        order = list(shown) if by == _REPORT.by[0] else _after(list(shown), by, "severity")
        return tuple(shown[name] for name in order)


def _after(names: list[str], moved: str, place: str) -> list[str]:
    rest = [name for name in names if name != moved]
    index = rest.index(place) + 1 if place in rest else 0
    return [*rest[:index], moved, *rest[index:]]


def _left_out(hidden: int) -> str:
    return f"{hidden} more did not change beyond chance: --all shows {'it' if hidden == 1 else 'them'}."
