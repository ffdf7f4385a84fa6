"""Pieces of a source → tables of raw fields, with a tally of what was no event."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kevents.event import raw
from kevents.ingest.slices import Rows
from kevents.source.dump import reader
from kevents.source.dump.pieces import Block, Document, Piece, Problem, Skipped

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass
class Decoded:
    """What pieces held: events as a table, documents that are none, and what could not be read.

    The table is in event.raw.RAW, or holds observations as a store has them.
    """

    table: pa.Table
    skipped: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    is_stored: bool = False


def decode(piece: Block | list[Document] | Rows) -> Decoded:
    """The events of a block, by the fast road if every document is a plain Event, else one by one; or of documents."""
    if isinstance(piece, Rows):
        return Decoded(piece.table, is_stored=True)
    if not isinstance(piece, Block):
        return Decoded(_table(piece))
    table = raw.plain(piece.data)
    return _one_by_one(reader.documents(piece)) if table is None else Decoded(table)


def _one_by_one(pieces: Iterable[Piece]) -> Decoded:
    documents: list[Document] = []
    skipped: Counter[str] = Counter()
    problems: list[Problem] = []
    for piece in pieces:
        match piece:
            case Document():
                documents.append(piece)
            case Skipped(reason, count):
                skipped[reason] += count
            case Problem():
                problems.append(piece)
            case Block():
                raise AssertionError("the slow road yields documents")
    return Decoded(_table(documents), skipped, problems)


def _table(documents: list[Document]) -> pa.Table:
    return raw.table((document.event, document.cluster) for document in documents)
