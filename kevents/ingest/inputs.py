"""Inputs of an import: dumps, exported Parquet files and stores."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from kevents.errors import StoreError
from kevents.escape import escape
from kevents.ingest import parquet_input
from kevents.source.dump import reader
from kevents.source.dump.pieces import Problem, Skipped
from kevents.source.input.paths import STDIN, FileInput, file_inputs
from kevents.store.paths import catalog_of
from kevents.store.store import Store

if TYPE_CHECKING:
    from kevents.source.dump.pieces import Piece
    from kevents.source.input.streams import Counted


@dataclass(frozen=True)
class OtherStore:
    """A store's directory as an input, with the attributes of a FileInput that an import needs."""

    directory: Path
    explicit: bool = True
    skip: str | None = None
    origin: Counted | None = None
    consumed: int = 0

    @property
    def name(self) -> str:
        return escape(str(self.directory))


Input = FileInput | OtherStore


def inputs(paths: Sequence[str], stdin: BinaryIO) -> Iterator[Input]:
    """The inputs for the paths of a command line. A store's directory is a single input."""
    for path in paths:
        if path != STDIN and os.path.isfile(catalog_of(Path(path))):  # noqa: PTH113 - Path.is_file may raise
            yield OtherStore(Path(path))
        else:
            yield from file_inputs([path], stdin)


def pieces(source: Input, now: datetime) -> Iterator[Piece | parquet_input.Piece]:
    """The contents of an input, piece by piece. Raises SourceError if it can't be read."""
    if source.skip:
        yield Skipped(source.skip)
    elif isinstance(source, FileInput):
        with source.open() as stream:
            if parquet_input.is_parquet(stream):
                yield from parquet_input.pieces_of_file(stream, source.name)
            else:
                yield from reader.read(stream)
    else:
        yield from _pieces_of_store(source.directory, now)


def _pieces_of_store(directory: Path, now: datetime) -> Iterator[parquet_input.Piece]:
    try:
        snapshot = Store(directory).snapshot()
    except StoreError as error:
        yield Problem(f"{error}: {error.hint}" if error.hint else str(error), None, None)
    else:
        yield from parquet_input.pieces_of_store(snapshot, now)
