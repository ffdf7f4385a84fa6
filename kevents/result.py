"""The result of a report or query: typed columns, and rows in Arrow batches, which may arrive without end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

_PLAIN = re.compile(r"[a-z0-9_]+")


class Kind(StrEnum):
    """What the values of a column mean, which decides how tables show them."""

    TEXT = "text"
    NUMBER = "number"  # integers and decimals, right-aligned
    TIME = "time"  # timestamp[us, UTC]; tables may show it as an age
    TIMESTAMP = "timestamp"  # of the user's SQL: any timestamp, with its fraction of a second
    SEEN = "seen"  # last seen; tables show it with the row's first_seen and count: 19m (x4524 over 17h)
    DURATION = "duration"  # seconds
    BYTES = "bytes"
    PERCENT = "percent"  # 0 to 100
    RATE = "rate"  # per minute
    BAR = "bar"  # a number drawn as a bar, scaled to the maximum of the column
    SPARK = "spark"  # a list of numbers drawn as a sparkline
    STACK = "stack"  # a list with one number per series, drawn as a stacked bar; null where nothing was recorded
    OFFSET = "offset"  # seconds before (negative) or after a reference time
    BRANCH = "branch"  # text, indented by the row's depth
    SEVERITY = "severity"  # critical, error, warning, notice or info


class Show(StrEnum):
    """Which formats include a column. Formats are either for people, such as tables, or for scripts, such as JSON."""

    TABLE = "table"  # all formats
    WIDE = "wide"  # formats for scripts, and -o wide
    DATA = "data"  # formats for scripts
    DRAWN = "drawn"  # formats for people: a drawing of a number that another column has
    VARIES = "varies"  # formats for scripts, and others if it has more than one value (CLUSTER, NAMESPACE)
    ROOMY = "roomy"  # like VARIES, if the rows still fit on one line


@dataclass(frozen=True)
class Column:
    """One column of a result. label: its header in tables. series: the names of the numbers in a STACK."""

    name: str
    kind: Kind = Kind.TEXT
    show: Show = Show.TABLE
    label: str | None = None
    series: tuple[str, ...] = ()

    @property
    def header(self) -> str:
        """The label, or the name: a plain one in upper case, an expression such as `count_star()` unchanged."""
        if self.label is not None:
            return self.label
        return self.name.upper().replace("_", " ") if _PLAIN.fullmatch(self.name) else self.name


@dataclass(frozen=True)
class Result:
    """Columns and rows. Every batch has all columns under their names, and the document column if there is one.

    document: the name of a column with each row's core/v1 Event as JSON text. If it is set, json, yaml and jsonl write
    these documents, and all other formats omit the column.
    heading: lines above the table, for people.
    section: the title above the tables, as in `kubectl describe`.
    empty: the sentence for people if there are no rows.
    """

    columns: tuple[Column, ...]
    batches: Iterable[pa.RecordBatch]
    document: str | None = None
    heading: tuple[str, ...] = ()
    section: str | None = None
    empty: str = "No events found."
    notes: list[str] = field(default_factory=list)

    @classmethod
    def of_rows(
        cls,
        columns: tuple[Column, ...],
        rows: Iterable[Mapping[str, object]],
        types: Mapping[str, pa.DataType] | None = None,
        **options: Any,
    ) -> Result:
        """A result with a few rows, which map column names to values; a missing value is null.

        types: Arrow types of columns, if not the default of their kind. options: other fields of the result.
        """
        import pyarrow as pa

        given = types or {}
        schema = pa.schema([(column.name, given.get(column.name) or _arrow_type(column.kind)) for column in columns])
        return cls(columns, [pa.RecordBatch.from_pylist(list(rows), schema)], **options)


def _arrow_type(kind: Kind) -> pa.DataType:
    import pyarrow as pa

    match kind:
        case Kind.NUMBER | Kind.BYTES:
            return pa.int64()
        case Kind.TIME | Kind.TIMESTAMP | Kind.SEEN:
            return pa.timestamp("us", tz="UTC")
        case Kind.DURATION | Kind.PERCENT | Kind.RATE | Kind.BAR | Kind.OFFSET:
            return pa.float64()
        case Kind.SPARK | Kind.STACK:
            return pa.list_(pa.int64())
    return pa.string()
