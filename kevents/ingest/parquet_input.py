"""Observations in Parquet files and other stores, read as tables of rows with their coverage.

Nothing is derived again, so an import reproduces them exactly. They come from a file of `kevents store export`, from
a single file of a store, or from a store's directory.
"""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from kevents.errors import SourceError
from kevents.event.schema import SCHEMA, STORED
from kevents.ingest.cluster_labels import without_unusable
from kevents.source.dump.pieces import Problem
from kevents.source.input.streams import Peekable, read_exactly
from kevents.store import disk
from kevents.store.export_footer import KEY, Footer
from kevents.store.paths import cluster_of
from kevents.store.segments.damage import damage

if TYPE_CHECKING:
    from kevents.store.coverage import Span
    from kevents.store.snapshot import Snapshot

_MAGIC = b"PAR1"
_ROWS = 40_000  # in a table
_MAX_IN_MEMORY = 64 << 20  # bytes of a copied stream; a larger one goes to a temporary file
_CLUSTER_DIRECTORY = re.compile(r"(?:^|[/:])(cluster=[^/:]+)/")
_TYPES: Mapping[str, pa.DataType] = {
    "VARCHAR": pa.string(),
    "TIMESTAMPTZ": pa.timestamp("us", tz="UTC"),
    "BIGINT": pa.int64(),
    "INTEGER": pa.int32(),
    "UUID": pa.uuid(),
}
_SCHEMA = pa.schema([("cluster", pa.string()), *((field.name, _TYPES[field.stored]) for field in STORED)])
_REQUIRED = ("namespace", "kind", "name", "event_name", "uid", "reason", "message", "count", "first_seen", "last_seen")
_HINT = "import a file of `kevents store export -o FILE.parquet`, or a store's directory"


@dataclass(frozen=True, slots=True)
class StoredRows:
    """Observations with the columns of a store's files, and `cluster`, which is null if unknown."""

    table: pa.Table


@dataclass(frozen=True, slots=True)
class Covered:
    """The coverage of an input's observations, by cluster."""

    coverage: Mapping[str, Sequence[Span]]


Piece = StoredRows | Covered | Problem


def is_parquet(stream: Peekable) -> bool:
    """Whether the stream is a Parquet file."""
    return stream.peek(len(_MAGIC)) == _MAGIC


def pieces_of_file(stream: Peekable, name: str) -> Iterator[Piece]:
    """The observations of a Parquet file. Without a column `cluster`, it is taken from a `cluster=…` in its path."""
    directory = _CLUSTER_DIRECTORY.search(name)
    with io.BufferedReader(stream) if stream.seekable() else _seekable_copy(stream) as file:
        yield from _read(file, cluster_of(directory[1]) if directory else None)


def pieces_of_store(snapshot: Snapshot, now: datetime) -> Iterator[Piece]:
    """The observations of another store, including those that are still in a recorder's journal."""
    yield Covered(snapshot.coverage)
    for stored in snapshot.files:
        if problem := damage(stored):
            yield Problem(f"{'/'.join(stored.path.parts[-3:])} {problem.finding}", None, None)
            continue
        with disk.open_file(stored.path) as file:
            yield from _read(file, stored.cluster)
    fresh = snapshot.fresh(now)
    if fresh:
        for start in range(0, len(fresh.table), _ROWS):
            yield StoredRows(_with_all_columns(fresh.table.slice(start, _ROWS)))


def _seekable_copy(stream: Peekable) -> IO[bytes]:
    """A copy of the stream that supports seeking, because the metadata of a Parquet file is at its end."""
    spool = tempfile.SpooledTemporaryFile(_MAX_IN_MEMORY)  # noqa: SIM115 - the caller closes it
    while chunk := read_exactly(stream, 1 << 20):
        spool.write(chunk)
    spool.seek(0)
    return spool


def _read(file: IO[bytes], cluster: str | None) -> Iterator[Piece]:
    try:
        parquet = pq.ParquetFile(file)
        footer = _footer(parquet)
        _check(parquet.schema_arrow, footer)
        if footer and footer.coverage:
            yield Covered(footer.coverage)
        for batch in parquet.iter_batches(_ROWS):
            table = _with_all_columns(pa.Table.from_batches([batch]), cluster)
            table.validate(full=True)  # other writers may produce invalid UTF-8
            table, problems = without_unusable(table)
            yield from problems
            yield StoredRows(table)
    except SourceError as error:
        yield Problem(str(error), None, None)
    except (pa.ArrowException, OSError, ValueError) as error:
        yield Problem(f"the Parquet file is damaged or truncated: {str(error).splitlines()[0]}", None, None)


def _footer(parquet: pq.ParquetFile) -> Footer | None:
    text = (parquet.metadata.metadata or {}).get(KEY.encode())
    return None if text is None else Footer.read(text)


def _check(schema: pa.Schema, footer: Footer | None) -> None:
    """Raise SourceError for a file with other contents, or from a newer version."""
    if footer and footer.schema > SCHEMA:
        raise SourceError(
            f"written by a newer kevents (schema {footer.schema}, this version supports {SCHEMA}): upgrade kevents"
        )
    missing = [name for name in _REQUIRED if name not in schema.names]
    if missing:
        raise SourceError(f"the Parquet file contains no observations: column {missing[0]!r} is missing; {_HINT}")
    unknown = [name for name in schema.names if name not in _SCHEMA.names and name != "day"]
    if unknown:
        raise SourceError(
            f"the Parquet file is the result of a query or report: it has a column {unknown[0]!r}; {_HINT}"
        )
    for name in schema.names:
        if name in _SCHEMA.names and not schema.field(name).type.equals(_SCHEMA.field(name).type):
            actual, expected = schema.field(name).type, _SCHEMA.field(name).type
            raise SourceError(f"the Parquet file has {name} as {actual} instead of {expected}")


def _with_all_columns(table: pa.Table, cluster: str | None = None) -> pa.Table:
    """The table with all columns of _SCHEMA. Those that an older version did not write are null."""
    columns = []
    for field in _SCHEMA:
        if field.name in table.column_names:
            columns.append(table.column(field.name))
        elif field.name == "cluster" and cluster is not None:
            columns.append(pa.repeat(pa.scalar(cluster), len(table)))
        else:
            columns.append(pa.nulls(len(table), field.type))
    return pa.table(columns, names=_SCHEMA.names)
