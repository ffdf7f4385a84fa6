"""The result of the user's own SQL, and the row limit on terminals."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kevents.duck import Relation
from kevents.errors import UsageError
from kevents.event.severity import SEVERITIES
from kevents.query.engine import Batches, Engine
from kevents.query.statement import Parameters
from kevents.result import Column, Kind, Result
from kevents.suggest import hint

if TYPE_CHECKING:
    import pyarrow as pa

SQL_CAP = 1000
NO_ROWS = "No rows."
_LEVELS = list(reversed(SEVERITIES))


@dataclass(frozen=True)
class RowOptions:
    """Order and number of rows. sort_by: a column, with `-` descending. limit: 0 for all, None for the default."""

    sort_by: str | None = None
    limit: int | None = None


def answer(engine: Engine, sql: str, parameters: Parameters, rows: RowOptions, *, is_capped: bool) -> Result:
    """The result of the SQL, in its own order unless sort_by is given. is_capped: limit the rows as on a terminal."""
    cap = SQL_CAP if is_capped and rows.limit is None else None
    limit = rows.limit or (cap and cap + 1)

    def ordered_and_limited(relation: Relation) -> Relation:
        ordered = relation if rows.sort_by is None else _sorted(relation, rows.sort_by)
        return ordered.limit(limit) if limit else ordered

    batches = engine.batches(sql, parameters, ordered_and_limited)
    columns = tuple(Column(field.name, _kind(field.type), label=field.name) for field in batches.schema)
    result = Result(columns, batches, empty=NO_ROWS)
    return cut(result, batches, cap, newest=False) if cap else result


def cut(result: Result, batches: Batches | pa.RecordBatchReader, cap: int, *, newest: bool) -> Result:
    """The result with at most `cap` rows, and a note if there were more. newest: keep the last rows, not the first."""
    import pyarrow as pa

    table = pa.Table.from_batches(list(batches), batches.schema)
    if table.num_rows <= cap:
        return replace(result, batches=table.to_batches())
    kept = table.slice(1 if newest else 0, cap)
    which = "newest" if newest else "first"
    note = f"Showing the {which} {cap:,} rows; use --limit N, or --limit 0 for all."
    return replace(result, batches=kept.combine_chunks().to_batches(), notes=[*result.notes, note])


def _sorted(relation: Relation, sort_by: str) -> Relation:
    column = sort_by.removeprefix("-")
    if column not in relation.columns:
        raise UsageError(f'cannot sort by "{sort_by}"', f"{hint(column, relation.columns)} Use -COLUMN for descending.")
    quoted = column.replace('"', '""')
    value = f'list_position({_LEVELS}, "{quoted}")' if column == "severity" else f'"{quoted}"'
    return relation.order(f"{value} {'DESC NULLS LAST' if sort_by != column else 'ASC NULLS FIRST'}")


def _kind(type_: pa.DataType) -> Kind:
    from pyarrow import types

    if types.is_timestamp(type_):
        return Kind.TIMESTAMP
    is_number = types.is_integer(type_) or types.is_floating(type_) or types.is_decimal(type_)
    return Kind.NUMBER if is_number else Kind.TEXT
