"""What correlate writes: the object's worst event above what else happened around it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kevents import clock
from kevents.cli.anchoring import worst_of
from kevents.cli.answer import write_answer, write_sql
from kevents.escape import escape
from kevents.query.selection import Selection
from kevents.query.user_sql import Rows
from kevents.report.correlate import correlate, ties

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from kevents.cli.asking import Asking
    from kevents.query.engine import Engine


@dataclass(frozen=True)
class Wanted:
    """The object, and how much around it. at: the moment; None for the beginning of its worst event."""

    asking: Asking
    kind: str
    name: str
    window: timedelta
    rows: Rows
    at: datetime | None

    def write(self, *, show_sql: bool) -> None:
        """Write what else happened, or the SQL that asks for it."""
        subject, found, relatives = worst_of(self.asking, self.kind, self.name)
        whole = replace(
            self.asking.selection, clusters=(subject.cluster,), namespaces=(), kinds=(), names=(), objects=()
        )
        home = (subject.namespace,) if subject.namespace else ()
        own = Selection(clusters=whole.clusters, namespaces=home, kinds=(subject.kind,), names=(subject.name,))
        around = self._engine(replace(own, kinds=(), names=()))
        tied = ties(self._engine(own), around, subject, found, relatives)
        at = self.at or found.at
        asked = correlate(subject, found, tied, at, self.window)
        asked = replace(asked, rows=self.rows, capped=self.asking.is_capped)
        if show_sql:
            write_sql(self.asking, asked.shown_sql)
            return
        when = clock.absolute(at, self.asking.output.zone)
        told = f"Around {when}" + (
            f", when {found.told()} began." if self.at is None else f", of {escape(subject.place)}."
        )
        nothing = "Nothing else that is related to it happened then."
        write_answer(self.asking, replace(asked.answer(self._engine(whole)), heading=(told,), empty=nothing))

    def _engine(self, selection: Selection) -> Engine:
        return replace(self.asking, selection=selection).engine()
