"""A report on its way to an answer: its SELECT, sorted, limited, with the columns that it shows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from kevents.errors import UsageError
from kevents.query.engine import Batches, Engine
from kevents.query.newest import newest
from kevents.query.statement import Parameters, ParameterValue, literal
from kevents.query.user_sql import RowOptions, cut
from kevents.report.catalog import Report
from kevents.result import Column, Result, Show
from kevents.suggest import hint

if TYPE_CHECKING:
    import pyarrow as pa

_PARAMETER = re.compile(r"[$](\w+)")


@dataclass(frozen=True)
class Question:
    """A report with all that its answer depends on.

    by: what --by says. name: the word after the command. values: those of the report's own parameters.
    wants_documents: write Events, as json and yaml do.
    capped: stop at the report's cap, as a terminal does.
    """

    report: Report
    rows: RowOptions = field(default_factory=RowOptions)
    by: str | None = None
    name: str | None = None
    values: Mapping[str, ParameterValue] = field(default_factory=dict)
    wants_documents: bool = False
    capped: bool = False

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the answer; the one that --by chose goes by its own name."""
        return tuple(shown for _, shown in self._shown())

    @property
    def parameters(self) -> Parameters:
        """What the SQL reads as $by, $name and the names of the report's own parameters."""
        words = {key: value for key, value in (("by", self._by()), ("name", self.name)) if value is not None}
        return {**words, **{one.name: self.values.get(one.name) for one in self.report.parameters}}

    @property
    def sql(self) -> str:
        """The whole statement, with $by and the like for the parameters."""
        return self._statement(self._shown(), self.rows.limit or 0)

    @property
    def shown_sql(self) -> str:
        """The statement of what machines read, with its parameters written into it, to be run by `kevents query`."""
        data = [(column, shown) for column, shown in self._shown() if shown.show is not Show.DRAWN]
        statement = replace(self, wants_documents=False)._statement(data, self.rows.limit or 0)
        return _with_literals(statement, self.parameters)

    def answer(self, engine: Engine) -> Result:
        """The report's answer over the engine's views."""
        document = "document" if self.wants_documents and self.report.document else None
        cap = self.report.cap if self.capped and self.rows.limit is None else None
        limit = cap + 1 if cap else self.rows.limit or 0
        statement = self._statement(self._shown(), limit)
        if limit and self._is_of_newest:
            batches: Batches | pa.RecordBatchReader = newest(engine, statement, self.parameters, limit)
        else:
            batches = engine.batches(statement, self.parameters)
        result = Result(self.columns, batches, document)
        return cut(result, batches, cap, newest=self.report.keeps_newest) if cap else result

    @property
    def _is_of_newest(self) -> bool:
        """Whether a limit keeps the events that were last seen."""
        first = self._order()[0]
        return self.report.keeps_newest and first == _Term("last_seen") and "FROM stored.newest" in self.report.sql

    def _statement(self, columns: list[tuple[str, Column]], limit: int) -> str:
        listed = [f'report."{column}" AS "{shown.name}"' for column, shown in columns]
        if self.wants_documents and self.report.document:
            listed.append(f"{self.report.document} AS document")
        order = self._order()
        source = f"(\n{self.report.sql}\n)"
        if limit:
            # the rows are chosen before documents are made of them
            kept = [term.reversed for term in order] if self.report.keeps_newest else order
            source = f"(\nSELECT * FROM {source} AS report\nORDER BY {_listed(kept)} LIMIT {limit}\n)"
        return f"SELECT {', '.join(listed)}\nFROM {source} AS report\nORDER BY {_listed(order)}"

    def _shown(self) -> list[tuple[str, Column]]:
        """The columns of the SELECT, each with the one that is shown; the one that --by chose takes another's place."""
        by = self._by()
        return [
            (one.name, replace(one, name=by) if by and one.name == "by" else one)
            for one in self.report.columns
            if by is None or one.name != by
        ]

    def _order(self) -> list[_Term]:
        usual = [_Term.parse(text) for text in self.report.order]
        if self.rows.sort_by is None:
            return usual
        wanted = self.rows.sort_by.removeprefix("-").lower().replace(" ", "_")
        for column, shown in self._shown():
            if shown.name == wanted and shown.show is not Show.DRAWN:
                return [_Term(column, self.rows.sort_by.startswith("-")), *usual]
        allowed = [shown.name for _, shown in self._shown() if shown.show is not Show.DRAWN]
        raise UsageError(f'cannot sort by "{self.rows.sort_by}"', f"{hint(wanted, allowed)} -COLUMN is for downwards.")

    def _by(self) -> str | None:
        if not self.report.by:
            return None
        if self.by is not None and self.by not in self.report.by:
            raise UsageError(f'cannot count by "{self.by}"', hint(self.by, self.report.by))
        return self.by or self.report.by[0]


def _with_literals(sql: str, parameters: Parameters) -> str:
    """The SQL with each parameter replaced by its value; in one pass, because a value may contain `$name`."""

    def replacement(match: re.Match[str]) -> str:
        name = match[1]
        return literal(parameters[name]) if name in parameters else match[0]

    return _PARAMETER.sub(replacement, sql)


class _Term(NamedTuple):
    """A term of ORDER BY; rows without a value are the least."""

    column: str
    downwards: bool = False

    @classmethod
    def parse(cls, text: str) -> _Term:
        column, _, direction = text.partition(" ")
        return cls(column, direction == "DESC")

    @property
    def reversed(self) -> _Term:
        return _Term(self.column, not self.downwards)

    @property
    def sql(self) -> str:
        return f'report."{self.column}" {"DESC NULLS LAST" if self.downwards else "ASC NULLS FIRST"}'


def _listed(order: list[_Term]) -> str:
    return ", ".join(term.sql for term in order)
