"""What can be imported: dumps, slices of stores, and stores as a whole."""

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
from kevents.source.dump.pieces import Problem
from kevents.source.input.paths import STDIN, FileInput, file_inputs
from kevents.store.paths import catalog_of
from kevents.store.store import Store

if TYPE_CHECKING:
    from kevents.source.dump.pieces import Piece
    from kevents.source.input.streams import Counted


@dataclass(frozen=True)
class OtherStore:
    """A store's directory as an input, with what `opening.Input` tells of one."""

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
    """The inputs that the paths lead to; a store's directory is one, whatever lies in it."""
    for path in paths:
        if path != STDIN and os.path.isfile(catalog_of(Path(path))):  # noqa: PTH113 - Path's may raise
            yield OtherStore(Path(path))
        else:
            yield from file_inputs([path], stdin)


def pieces(source: Input, now: datetime) -> Iterator[Piece | parquet_input.Piece]:
    """What an input holds, piece by piece. Raises SourceError if there is no reading it."""
    if isinstance(source, FileInput):
        with source.open() as stream:
            is_slice = parquet_input.is_slice(stream)
            yield from parquet_input.of_file(stream, source.name) if is_slice else reader.read(stream)
        return
    try:
        snapshot = Store(source.directory).snapshot()
    except StoreError as error:
        yield Problem(f"{error}: {error.hint}" if error.hint else str(error), None, None)
    else:
        yield from parquet_input.of_store(snapshot, now)
