"""The question of what changed: two sides, each with the time of which something is known, and what to compare by."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from kevents.query.user_sql import Rows, cut
from kevents.report.catalog import Report, parse
from kevents.report.question import Question
from kevents.result import Column, Result, Show

if TYPE_CHECKING:
    from kevents.query.engine import Engine
    from kevents.query.statement import ParameterValue

_MICROSECOND = timedelta(microseconds=1)
_ALIKE = 1.05  # windows whose lengths are no further apart can be compared by their counts


@cache
def report() -> Report:
    """The SQL of what changed, with its columns."""
    return parse("diff", files("kevents.report.diff").joinpath("diff.sql").read_text("utf-8"))


@dataclass(frozen=True)
class Side:
    """One of the two that are compared. known: for how long of its window something is known; cluster: if it is one."""

    since: datetime | None
    until: datetime | None
    known: timedelta
    cluster: str | None = None


@dataclass(frozen=True)
class Diff:
    """What changed from one side to the other. everything: also what changed no more than chance explains."""

    before: Side
    after: Side
    by: str | None = None
    rows: Rows = field(default_factory=Rows)
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

        asked = self._question(Rows(self.rows.sort_by), everything=True)
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
            result = cut(result, kept.to_reader(), report().cap or 0, newest=False)
        return replace(result, notes=[*result.notes, _left_out(hidden)]) if hidden else result

    def _question(self, rows: Rows, *, everything: bool) -> Question:
        values: dict[str, ParameterValue] = {
            "before_since": self.before.since,
            "before_until": self.before.until,
            "after_since": self.after.since,
            "after_until": self.after.until,
            "before_us": self.before.known // _MICROSECOND,
            "after_us": self.after.known // _MICROSECOND,
            "against": self.before.cluster,
            "everything": int(everything),
        }
        return Question(report(), rows, self.by, values=values)

    def _columns(self, columns: tuple[Column, ...]) -> tuple[Column, ...]:
        """The columns as this comparison shows them: clusters by their names, and rates where counts would mislead."""
        shown = {column.name: column for column in columns}
        names = {"before": self.before.cluster, "after": self.after.cluster}
        shown |= {name: replace(shown[name], label=label) for name, label in names.items() if label}
        lengths = sorted((self.before.known, self.after.known))
        if lengths[1] > _ALIKE * lengths[0]:
            shown |= {name: replace(shown[name], show=Show.TABLE) for name in ("rate_before", "rate_after")}
        # a short word stands where reasons do, a message at the end
        by = next(name for name in (self.by, report().by[0]) if name)
        order = list(shown) if by == report().by[0] else _after(list(shown), by, "severity")
        return tuple(shown[name] for name in order)


def _after(names: list[str], moved: str, place: str) -> list[str]:
    rest = [name for name in names if name != moved]
    index = rest.index(place) + 1 if place in rest else 0
    return [*rest[:index], moved, *rest[index:]]


def _left_out(hidden: int) -> str:
    return f"{hidden} more did not change beyond chance: --all shows {'it' if hidden == 1 else 'them'}."
