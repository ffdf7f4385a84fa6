"""Reading, decoding and storing side by side, with little in between at any time."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa

from kevents.event import raw
from kevents.ingest.parquet_input import StoredRows
from kevents.source.dump import reader
from kevents.source.dump.pieces import Block, Document, Piece, Problem, Skipped

if TYPE_CHECKING:
    import pyarrow as pa

    from kevents.ingest.parquet_input import StoredRows
    from kevents.source.dump.pieces import Block, Document


@dataclass
class Decoded:
    """What pieces held: events as a table, documents that are none, and what could not be read.

    The table is in event.raw.RAW, or holds observations as a store has them.
    """

    table: pa.Table
    skipped: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    is_stored: bool = False


def decode(piece: Block | list[Document] | StoredRows) -> Decoded:
    """The events of a block, by the fast road if every document is a plain Event, else one by one; or of documents."""
    if isinstance(piece, StoredRows):
        return Decoded(piece.table, is_stored=True)
    if not isinstance(piece, Block):
        return Decoded(_table(piece))
    table = raw.parse_plain(piece.data)
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
    return raw.from_documents((document.event, document.cluster) for document in documents)


_DECODERS = 2  # Arrow parses outside the interpreter's lock
_MOST_UNDER_WAY = 6  # pieces, of about 4 MB each


class Pipeline:
    """Takes pieces in order and hands what they hold to `store` in the same order, from one other thread."""

    def __init__(self, store: Callable[[Decoded, int], None], rewrite: Callable[[pa.Table], pa.Table] | None) -> None:
        """store: called with what a piece held and the number of its file; rewrite: applied to every table before."""
        pa.set_memory_pool(pa.system_memory_pool())  # gives back what it does not use: 60 MB less at the peak
        self._store = store
        self._rewrite = rewrite
        self._decoders = ThreadPoolExecutor(_DECODERS, "decode")
        self._storer = ThreadPoolExecutor(1, "store")
        self._under_way: deque[Future[None]] = deque()

    def feed(self, piece: Block | list[Document] | StoredRows, file: int) -> None:
        """Take a piece of the file of that number; waits while enough are under way."""
        decoded = self._decoders.submit(self._decode, piece)
        self._under_way.append(self._storer.submit(lambda: self._store(decoded.result(), file)))
        while len(self._under_way) > _MOST_UNDER_WAY:
            self._under_way.popleft().result()

    def drain(self) -> None:
        """Wait until everything fed is stored."""
        while self._under_way:
            self._under_way.popleft().result()

    def _decode(self, piece: Block | list[Document] | StoredRows) -> Decoded:
        decoded = decode(piece)
        if self._rewrite:
            decoded.table = self._rewrite(decoded.table)
        return decoded

    def stop(self) -> None:
        for pool in (self._decoders, self._storer):
            pool.shutdown(cancel_futures=True)


@contextmanager
def pipeline(
    store: Callable[[Decoded, int], None], rewrite: Callable[[pa.Table], pa.Table] | None
) -> Iterator[Pipeline]:
    """A Pipeline whose threads end with the block, also when it is left by an error."""
    running = Pipeline(store, rewrite)
    try:
        yield running
    finally:
        running.stop()
