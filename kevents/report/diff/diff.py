"""The report on what changed between two sides: windows of time, or clusters."""

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
_SAME_LENGTH = 1.05  # windows whose lengths differ by less can be compared by counts, without rates


@dataclass(frozen=True)
class Side:
    """One side of a comparison. covered: how much of its window is covered. cluster: set if the side is a cluster."""

    since: datetime | None
    until: datetime | None
    covered: timedelta
    cluster: str | None = None


@dataclass(frozen=True)
class Diff:
    """The changes from one side to the other. everything: include changes that are not significant."""

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

        question = self._question(RowOptions(self.rows.sort_by), everything=True)
        batches = engine.batches(question.sql, question.parameters)
        groups = pa.Table.from_batches(list(batches), batches.schema)
        kept = groups if self.everything else groups.filter(pc.field("significant") == 1)
        hidden = groups.num_rows - kept.num_rows
        result = Result(
            self._columns(question.columns),
            (kept.slice(0, self.rows.limit) if self.rows.limit else kept).to_batches(),
            empty="No significant changes." if hidden else Result.empty,
        )
        if self.capped and self.rows.limit is None:
            result = cut(result, kept.to_reader(), _REPORT.cap or 0, newest=False)
        return replace(result, notes=[*result.notes, _hidden_note(hidden)]) if hidden else result

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
        """The columns of this comparison: labeled with the clusters' names, with rates if the lengths differ."""
        by_name = {column.name: column for column in columns}
        clusters = {"before": self.before.cluster, "after": self.after.cluster}
        by_name |= {name: replace(by_name[name], label=label) for name, label in clusters.items() if label}
        shorter, longer = sorted((self.before.covered, self.after.covered))
        if longer > _SAME_LENGTH * shorter:
            by_name |= {name: replace(by_name[name], show=Show.TABLE) for name in ("rate_before", "rate_after")}
        # a message stays at the end, a short value moves to where the reason would be
        by = self.by or _REPORT.by[0]
        order = list(by_name) if by == _REPORT.by[0] else _move_after(list(by_name), by, "severity")
        return tuple(by_name[name] for name in order)


def _move_after(names: list[str], moved: str, neighbor: str) -> list[str]:
    rest = [name for name in names if name != moved]
    index = rest.index(neighbor) + 1 if neighbor in rest else 0
    return [*rest[:index], moved, *rest[index:]]


def _hidden_note(hidden: int) -> str:
    return f"{hidden} more without a significant change; show with --all."
