"""What an answer is: named columns of a kind, and Arrow batches that may never end."""

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
    """How the values of a column are meant, and so how people's formats write them."""

    TEXT = "text"
    NUMBER = "number"  # integers and decimals, right-aligned
    TIME = "time"  # timestamp[us, UTC]; people may read it as an age
    SEEN = "seen"  # last seen, written with the row's first_seen and count: 19m (x4524 over 17h)
    DURATION = "duration"  # seconds
    BYTES = "bytes"
    PERCENT = "percent"  # 0 to 100
    RATE = "rate"  # per minute
    BAR = "bar"  # a number drawn as a bar, scaled to the largest of the column
    SPARK = "spark"  # a list of numbers drawn as a sparkline
    STACK = "stack"  # a list of numbers, one a series of the column, drawn as one bar; null where nobody watched
    OFFSET = "offset"  # seconds before (negative) or after a moment
    BRANCH = "branch"  # text, indented by the row's depth
    SEVERITY = "severity"  # critical, error, warning, notice or info


class Show(StrEnum):
    """In which formats a column appears."""

    TABLE = "table"  # everywhere
    WIDE = "wide"  # machine formats and -o wide
    DATA = "data"  # machine formats only
    DRAWN = "drawn"  # people's formats only: a bar of a number that another column holds
    VARIES = "varies"  # machine formats, and for people where it holds more than one value (CLUSTER, NAMESPACE)
    ROOMY = "roomy"  # the same, and only where a row keeps to one line with it


@dataclass(frozen=True)
class Column:
    """One column of a result; the label is what people read above it, series what the numbers of a STACK stand for."""

    name: str
    kind: Kind = Kind.TEXT
    show: Show = Show.TABLE
    label: str | None = None
    series: tuple[str, ...] = ()

    @property
    def header(self) -> str:
        """The label, else a plain name in upper case; an expression such as `count_star()` stays as it is."""
        if self.label is not None:
            return self.label
        return self.name.upper().replace("_", " ") if _PLAIN.fullmatch(self.name) else self.name


@dataclass(frozen=True)
class Result:
    """An answer. Every batch holds all columns under their names, and the document column if there is one.

    document: name of a column with each row's Event as JSON text (core/v1). Where it is set, json, yaml and jsonl
    write these documents and every other format leaves the column out.
    heading: what people read above the table, a line each.
    section: the title under which tables stand as in `kubectl describe`.
    empty: the sentence for people when there are no rows.
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
        """A result of few rows, each with values by column name; a missing value is null.

        types: of columns whose kind does not tell it, by name. options: the other fields of the result.
        """
        import pyarrow as pa

        known = types or {}
        schema = pa.schema([(column.name, known.get(column.name) or _arrow_type(column.kind)) for column in columns])
        return cls(columns, [pa.RecordBatch.from_pylist(list(rows), schema)], **options)


def _arrow_type(kind: Kind) -> pa.DataType:
    import pyarrow as pa

    match kind:
        case Kind.NUMBER | Kind.BYTES:
            return pa.int64()
        case Kind.TIME | Kind.SEEN:
            return pa.timestamp("us", tz="UTC")
        case Kind.DURATION | Kind.PERCENT | Kind.RATE | Kind.BAR | Kind.OFFSET:
            return pa.float64()
        case Kind.SPARK | Kind.STACK:
            return pa.list_(pa.int64())
    return pa.string()
