"""Observations as a store has them → tables of rows, with what they cover: exact, for nothing is decided anew.

They come as a slice, a file of `kevents store export`; as a file out of a store; or as a whole store's directory.
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
from kevents.source.dump.pieces import Problem
from kevents.source.input.streams import Peekable, read_exactly
from kevents.store.export_footer import KEY, Footer
from kevents.store.paths import cluster_of
from kevents.store.segments.damage import damage

if TYPE_CHECKING:
    from kevents.store.coverage import Span
    from kevents.store.snapshot import Snapshot

_MAGIC = b"PAR1"
_ROWS = 40_000  # of a table
_SPOOL = 64 << 20  # of a file that cannot be sought in, kept in memory
_DIR = re.compile(r"(?:^|[/:])(cluster=[^/:]+)/")
_TYPES: Mapping[str, pa.DataType] = {
    "VARCHAR": pa.string(),
    "TIMESTAMPTZ": pa.timestamp("us", tz="UTC"),
    "BIGINT": pa.int64(),
    "INTEGER": pa.int32(),
    "UUID": pa.uuid(),
}
_SCHEMA = pa.schema([("cluster", pa.string()), *((field.name, _TYPES[field.stored]) for field in STORED)])
_NEEDED = ("namespace", "kind", "name", "event_name", "uid", "reason", "message", "count", "first_seen", "last_seen")
_HINT = "what `kevents store export -o FILE.parquet` writes can be imported, and so can a store's directory"


@dataclass(frozen=True, slots=True)
class StoredRows:
    """Observations with the columns of the files, and the cluster's, which is null where nothing names it."""

    table: pa.Table


@dataclass(frozen=True, slots=True)
class Covered:
    """What the observations of an input cover, by cluster."""

    coverage: Mapping[str, Sequence[Span]]


Piece = StoredRows | Covered | Problem


def is_slice(stream: Peekable) -> bool:
    """Whether it is a Parquet file."""
    return stream.peek(len(_MAGIC)) == _MAGIC


def of_file(stream: Peekable, name: str) -> Iterator[Piece]:
    """The observations of a Parquet file, whose name may hold the directory of its cluster."""
    directory = _DIR.search(name)
    with io.BufferedReader(stream) if stream.seekable() else _copied(stream) as file:
        yield from _read(file, cluster_of(directory[1]) if directory else None)


def of_store(snapshot: Snapshot, now: datetime) -> Iterator[Piece]:
    """The observations of another store, with those that its recorders took just before."""
    yield Covered(snapshot.coverage)
    for stored in snapshot.files:
        if broken := damage(stored):
            yield Problem(f"{'/'.join(stored.path.parts[-3:])} {broken.finding}", None, None)
            continue
        with stored.path.open("rb") as file:
            yield from _read(file, stored.cluster)
    fresh = snapshot.fresh(now)
    if fresh:
        yield from (StoredRows(_fitted(fresh.table.slice(at, _ROWS))) for at in range(0, len(fresh.table), _ROWS))


def _copied(stream: Peekable) -> IO[bytes]:
    """A copy of a stream that can be sought in: what a Parquet file holds stands at its end."""
    spool = tempfile.SpooledTemporaryFile(_SPOOL)  # noqa: SIM115 - closed by whoever reads
    while chunk := read_exactly(stream, 1 << 20):
        spool.write(chunk)
    spool.seek(0)
    return spool


def _read(file: IO[bytes], cluster: str | None) -> Iterator[Piece]:
    try:
        opened = pq.ParquetFile(file)
        footer = _footer(opened)
        _check(opened.schema_arrow, footer)
        if footer and footer.coverage:
            yield Covered(footer.coverage)
        for batch in opened.iter_batches(_ROWS):
            table = _fitted(pa.Table.from_batches([batch]), cluster)
            table.validate(full=True)  # a file from elsewhere may hold text that is no UTF-8
            yield StoredRows(table)
    except SourceError as error:
        yield Problem(str(error), None, None)
    except (pa.ArrowException, OSError, ValueError) as error:
        yield Problem(f"the Parquet file is damaged or cut off: {str(error).splitlines()[0]}", None, None)


def _footer(opened: pq.ParquetFile) -> Footer | None:
    text = (opened.metadata.metadata or {}).get(KEY.encode())
    return None if text is None else Footer.read(text)


def _check(schema: pa.Schema, footer: Footer | None) -> None:
    """Refuse a file that holds something else, or something newer."""
    if footer and footer.schema > SCHEMA:
        raise SourceError(
            f"it was written by a newer kevents (schema {footer.schema}, this one knows {SCHEMA}): upgrade kevents"
        )
    missing = [name for name in _NEEDED if name not in schema.names]
    if missing:
        raise SourceError(f"this Parquet file holds no observations, for it has no column {missing[0]!r}: {_HINT}")
    unknown = [name for name in schema.names if name not in _SCHEMA.names and name != "day"]
    if unknown:
        raise SourceError(f"this Parquet file is the answer to a question, for it has {unknown[0]!r}: {_HINT}")
    for name in schema.names:
        if name in _SCHEMA.names and not schema.field(name).type.equals(_SCHEMA.field(name).type):
            found = schema.field(name).type
            raise SourceError(f"this Parquet file has {name} as {found} instead of {_SCHEMA.field(name).type}")


def _fitted(table: pa.Table, cluster: str | None = None) -> pa.Table:
    """The table with the columns of a slice. What an older kevents did not know is null."""
    columns = []
    for field in _SCHEMA:
        if field.name in table.column_names:
            columns.append(table.column(field.name))
        elif field.name == "cluster" and cluster is not None:
            columns.append(pa.repeat(pa.scalar(cluster), len(table)))
        else:
            columns.append(pa.nulls(len(table), field.type))
    return pa.table(columns, names=_SCHEMA.names)
