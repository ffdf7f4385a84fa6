"""Reading, decoding and storing at the same time, with a limited number of batches in memory."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import pyarrow as pa

from kevents.event import raw
from kevents.ingest.cluster_labels import label_problem
from kevents.ingest.parquet_input import StoredRows
from kevents.source.dump import reader
from kevents.source.dump.pieces import Block, Document, Piece, Problem, Skipped, text_size

_DECODERS = 2  # Arrow parses without holding the GIL
_MAX_PENDING = 16 << 20  # bytes of batches in memory: four ordinary ones
_LARGE = 6 << 20  # bytes: a batch with a document of this size is stored before more is read
_BATCH_DOCUMENTS = 2_000  # decoded together
_BATCH_BYTES = 4 << 20


class Documents(list[Document]):
    """Documents that are decoded together. size: the approximate number of bytes of their text."""

    size = 0

    def add(self, document: Document) -> None:
        self.append(document)
        self.size += text_size(document.event)

    @property
    def is_full(self) -> bool:
        return len(self) >= _BATCH_DOCUMENTS or self.size >= _BATCH_BYTES


Batch = Block | Documents | StoredRows


@dataclass
class Notes:
    """Parts of the input that are not events, and problems in it."""

    skipped: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.skipped or self.problems)

    def add(self, piece: Skipped | Problem) -> None:
        if isinstance(piece, Skipped):
            self.skipped[piece.reason] += piece.count
        else:
            self.problems.append(piece)

    def extend(self, later: Notes) -> None:
        """Append the notes on a later part of the same input."""
        self.skipped += later.skipped
        self.problems += later.problems


@dataclass
class Decoded:
    """The events of a batch, and the notes on the input up to its end.

    table: in event.raw.RAW, or observations in the store's columns if is_stored.
    """

    table: pa.Table
    notes: Notes = field(default_factory=Notes)
    is_stored: bool = False


def decode(batch: Batch) -> Decoded:
    """Decode a batch: a block all at once if each of its documents is a plain Event, otherwise one by one."""
    if isinstance(batch, StoredRows):
        return Decoded(batch.table, is_stored=True)
    if not isinstance(batch, Block):
        return Decoded(_table(batch))
    table = raw.parse_plain(batch.data)
    return _decode_one_by_one(reader.documents(batch)) if table is None else Decoded(table)


def _decode_one_by_one(pieces: Iterable[Piece]) -> Decoded:
    documents: list[Document] = []
    notes = Notes()
    for piece in pieces:
        match piece:
            case Document() if problem := label_problem(piece):
                notes.add(problem)
            case Document():
                documents.append(piece)
            case Skipped() | Problem():
                notes.add(piece)
            case Block():
                raise AssertionError("reader.documents yields no blocks")
    return Decoded(_table(documents), notes)


def _table(documents: list[Document]) -> pa.Table:
    if not documents:
        return raw.RAW.empty_table()
    return raw.from_documents((document.event, document.cluster) for document in documents)


class Pipeline:
    """Decodes batches on several threads and passes the results to `store` in order, all on one other thread."""

    def __init__(self, store: Callable[[Decoded, int], None], rewrite: Callable[[pa.Table], pa.Table] | None) -> None:
        """store: called with a decoded batch and the number of its file.

        rewrite: applied to every table before it is stored.
        """
        pa.set_memory_pool(pa.system_memory_pool())  # returns freed memory to the system: the peak is 60 MB lower
        self._store = store
        self._rewrite = rewrite
        self._decoders = ThreadPoolExecutor(_DECODERS, "decode")
        self._storer = ThreadPoolExecutor(1, "store")
        self._pending: deque[tuple[Future[None], int]] = deque()
        self._pending_bytes = 0

    def feed(self, batch: Batch, notes: Notes, file: int) -> None:
        """Add the next batch of a file; waits while too much is pending. notes: on the input before the batch."""
        size = _size(batch)
        while self._pending and self._pending_bytes + size > _MAX_PENDING:
            self._wait()
        decoded = self._decoders.submit(self._decode, batch, notes)
        self._pending.append((self._storer.submit(lambda: self._store(decoded.result(), file)), size))
        self._pending_bytes += size
        if size >= _LARGE:
            self.drain()
            pa.default_memory_pool().release_unused()  # the allocator would keep what was freed

    def drain(self) -> None:
        """Wait until all batches are stored."""
        while self._pending:
            self._wait()

    def _wait(self) -> None:
        """Wait until the first pending batch is stored."""
        stored, size = self._pending.popleft()
        stored.result()
        self._pending_bytes -= size

    def _decode(self, batch: Batch, notes: Notes) -> Decoded:
        decoded = decode(batch)
        notes.extend(decoded.notes)
        decoded.notes = notes
        if self._rewrite and len(decoded.table):
            decoded.table = self._rewrite(decoded.table)
        return decoded

    def stop(self) -> None:
        for pool in (self._decoders, self._storer):
            pool.shutdown(cancel_futures=True)


def _size(batch: Batch) -> int:
    match batch:
        case Block():
            return len(batch.data)
        case Documents():
            return batch.size
        case StoredRows():
            return int(batch.table.nbytes)


@contextmanager
def pipeline(
    store: Callable[[Decoded, int], None], rewrite: Callable[[pa.Table], pa.Table] | None
) -> Iterator[Pipeline]:
    """A Pipeline whose threads are stopped at the end of the with block, also after an error."""
    running = Pipeline(store, rewrite)
    try:
        yield running
    finally:
        running.stop()
