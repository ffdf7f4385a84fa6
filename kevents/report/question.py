"""Runs a report: its SELECT with the chosen order, limit and columns."""

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
from kevents.result import Column, Kind, Result, Show
from kevents.suggest import hint

if TYPE_CHECKING:
    import pyarrow as pa

_PARAMETER = re.compile(r"[$](\w+)")


@dataclass(frozen=True)
class Question:
    """A report and everything that its answer depends on.

    by: the value of --by. name: the word after the command. values: the values of the report's own parameters.
    wants_documents: return Events, for json and yaml. capped: apply the report's row limit for terminals.
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
        """The columns of the answer. The column `by` has the name of the column that --by chose."""
        return tuple(column for _, column in self._columns())

    @property
    def parameters(self) -> Parameters:
        """The values of $by, $name and the report's own parameters."""
        words = {key: value for key, value in (("by", self._by()), ("name", self.name)) if value is not None}
        return {**words, **{parameter.name: self.values.get(parameter.name) for parameter in self.report.parameters}}

    @property
    def sql(self) -> str:
        """The complete statement, with placeholders such as $by."""
        return self._statement(self._columns(), self.rows.limit or 0)

    @property
    def shown_sql(self) -> str:
        """The statement with its parameters filled in and without drawn columns, for `kevents query`."""
        data = [(source, column) for source, column in self._columns() if column.show is not Show.DRAWN]
        statement = replace(self, wants_documents=False)._statement(data, self.rows.limit or 0)
        return _with_literals(statement, self.parameters)

    def answer(self, engine: Engine) -> Result:
        """Run the report on the engine's views."""
        document = "document" if self.wants_documents and self.report.document else None
        cap = self.report.cap if self.capped and self.rows.limit is None else None
        limit = cap + 1 if cap else self.rows.limit or 0
        statement = self._statement(self._columns(), limit)
        if limit and self._reads_newest_only:
            batches: Batches | pa.RecordBatchReader = newest(engine, statement, self.parameters, limit)
        else:
            batches = engine.batches(statement, self.parameters)
        result = Result(self.columns, batches, document, empty=self.report.empty)
        return cut(result, batches, cap, newest=self._keeps_last_rows) if cap else result

    @property
    def _keeps_last_rows(self) -> bool:
        """Whether a limit keeps the last rows: the newest, unless --sort-by chose another order."""
        return self.report.keeps_newest and self._order()[0] == _Term.parse(self.report.order[0])

    @property
    def _reads_newest_only(self) -> bool:
        """Whether a limit keeps the events seen last, so that older data need not be read."""
        is_by_time = self._order()[0] == _Term("last_seen")
        return self._keeps_last_rows and is_by_time and "FROM stored.newest" in self.report.sql

    def _statement(self, columns: list[tuple[str, Column]], limit: int) -> str:
        selected = [f'report."{source}" AS "{column.name}"' for source, column in columns]
        if self.wants_documents and self.report.document:
            selected.append(f"{self.report.document} AS document")
        order = self._order()
        rows = f"(\n{self.report.sql}\n)"
        if limit:
            # limit the rows before building their documents
            kept = [term.reversed for term in order] if self._keeps_last_rows else order
            rows = f"(\nSELECT * FROM {rows} AS report\nORDER BY {_joined(kept)} LIMIT {limit}\n)"
        return f"SELECT {', '.join(selected)}\nFROM {rows} AS report\nORDER BY {_joined(order)}"

    def _columns(self) -> list[tuple[str, Column]]:
        """The columns of the answer, each after its name in the SELECT. `by` replaces the column that --by chose."""
        by = self._by()
        return [
            (column.name, replace(column, name=by) if by and column.name == "by" else column)
            for column in self.report.columns
            if by is None or column.name != by
        ]

    def _order(self) -> list[_Term]:
        default = [_Term.parse(text) for text in self.report.order]
        sort_by = self.rows.sort_by
        if sort_by is None:
            return default
        name = sort_by.removeprefix("-").lower().replace(" ", "_")
        columns = {column.name: (source, column) for source, column in self._columns() if column.show is not Show.DRAWN}
        if name not in columns:
            raise UsageError(f'cannot sort by "{sort_by}"', f"{hint(name, columns)} Use -COLUMN for descending order.")
        source, column = columns[name]
        is_severity = column.kind is Kind.SEVERITY or column.name == "severity"
        return [_Term(source, sort_by.startswith("-"), is_severity), *default]

    def _by(self) -> str | None:
        if not self.report.by:
            return None
        if self.by is not None and self.by not in self.report.by:
            raise UsageError(f'cannot group by "{self.by}"', hint(self.by, self.report.by))
        return self.by or self.report.by[0]


def _with_literals(sql: str, parameters: Parameters) -> str:
    """The SQL with each parameter replaced by its value; in one pass, because a value may contain `$name`."""

    def replacement(match: re.Match[str]) -> str:
        name = match[1]
        return literal(parameters[name]) if name in parameters else match[0]

    return _PARAMETER.sub(replacement, sql)


class _Term(NamedTuple):
    """A term of ORDER BY. A null sorts as the smallest value."""

    column: str
    is_descending: bool = False
    is_severity: bool = False  # sort from info to critical, not by the alphabet

    @classmethod
    def parse(cls, text: str) -> _Term:
        column, _, direction = text.partition(" ")
        return cls(column, direction == "DESC")

    @property
    def reversed(self) -> _Term:
        return self._replace(is_descending=not self.is_descending)

    @property
    def sql(self) -> str:
        value = f'report."{self.column}"'
        value = f"severity_rank({value})" if self.is_severity else value
        return f"{value} {'DESC NULLS LAST' if self.is_descending else 'ASC NULLS FIRST'}"


def _joined(order: list[_Term]) -> str:
    return ", ".join(term.sql for term in order)
