"""Reading, decoding and storing side by side, with little in between at any time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyarrow as pa

from kevents.ingest.decode import Decoded, decode

if TYPE_CHECKING:
    from kevents.ingest.slices import Rows
    from kevents.source.dump.pieces import Block, Document

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

    def feed(self, piece: Block | list[Document] | Rows, file: int) -> None:
        """Take a piece of the file of that number; waits while enough are under way."""
        decoded = self._decoders.submit(self._decode, piece)
        self._under_way.append(self._storer.submit(lambda: self._store(decoded.result(), file)))
        while len(self._under_way) > _MOST_UNDER_WAY:
            self._under_way.popleft().result()

    def drain(self) -> None:
        """Wait until everything fed is stored."""
        while self._under_way:
            self._under_way.popleft().result()

    def _decode(self, piece: Block | list[Document] | Rows) -> Decoded:
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
