"""A continuous query: results as events arrive, from a cluster or from the journals of a store."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kevents.query.stream_views import StreamViews
from kevents.source.cluster.updates import ListDone, Observations, Scope, Signal
from kevents.store.journal.follower import Follower

if TYPE_CHECKING:
    import pyarrow as pa

    from kevents.store.journal.follower import Appended

_MAX_DELAY = 0.1  # seconds that an event waits for others before it is shown
_MAX_BYTES = 4 << 20  # of documents that wait together
_POLL_INTERVAL = 0.1  # seconds between two reads of the journals


@dataclass(frozen=True)
class DocumentBatch:
    """JSON documents of events, one per line.

    is_existing: the events are from before the query started. The first batch that is not existing, which may be empty,
    ends the existing events.
    """

    lines: bytes
    cluster: str
    is_existing: bool = False


class ContinuousQuery:
    """Runs SQL on batches of documents as they arrive."""

    def __init__(self, views: StreamViews, existing_sql: str | None, new_sql: str) -> None:
        """existing_sql: for all existing events together; None to skip them. new_sql: for the new ones."""
        self._views = views
        self._existing_sql = existing_sql
        self._new_sql = new_sql
        self._queue: list[DocumentBatch] = []  # all of one cluster
        self._bytes = 0

    def batches(
        self, documents: Iterable[DocumentBatch | None], monotonic: Callable[[], float] = time.monotonic
    ) -> Iterator[pa.RecordBatch]:
        """The rows of the query. documents: as they arrive; None means that nothing arrived for a moment."""
        is_existing, since = True, None
        for batch in documents:
            if batch is not None:
                if is_existing and not batch.is_existing:
                    is_existing = False
                    yield from self._run(self._existing_sql)
                self._enqueue(batch)
                since = since if since is not None else monotonic()
            if not is_existing and since is not None and (batch is None or monotonic() - since >= _MAX_DELAY):
                since = None
                yield from self._run(self._new_sql)
        yield from self._run(self._existing_sql if is_existing else self._new_sql)

    def _enqueue(self, batch: DocumentBatch) -> None:
        """Let the batch wait for others: planning a query takes longer than running it on a few events."""
        if self._queue and (batch.cluster != self._queue[0].cluster or self._bytes >= _MAX_BYTES):
            self._flush()
        self._queue.append(batch)
        self._bytes += len(batch.lines)

    def _flush(self) -> None:
        if self._bytes:
            self._views.add(b"".join([batch.lines for batch in self._queue]), self._queue[0].cluster)
        self._queue, self._bytes = [], 0

    def _run(self, sql: str | None) -> Iterator[pa.RecordBatch]:
        self._flush()
        if not self._views.rows:
            return
        rows = self._views.run_and_clear(sql or self._new_sql)
        if sql is not None and rows.num_rows:
            yield rows


def from_cluster(
    signals: Iterable[Signal | None], scopes: Iterable[Scope], cluster: str, report: Callable[[Signal], None]
) -> Iterator[DocumentBatch | None]:
    """The documents of a watcher; those of the first list of each scope are existing. report: for all other signals."""
    unlisted = set(scopes)
    for signal in signals:
        if signal is None:
            yield None
        elif isinstance(signal, Observations):
            if signal.documents:
                lines = b"".join([document.replace(b"\n", b" ") + b"\n" for document in signal.documents])
                yield DocumentBatch(lines, cluster, is_existing=bool(unlisted))
        else:
            if isinstance(signal, ListDone) and signal.scope in unlisted:
                unlisted.remove(signal.scope)
                if not unlisted:
                    yield DocumentBatch(b"", cluster)
                continue
            report(signal)


def from_journals(
    follower: Follower, report: Callable[[Appended], None], is_stopped: Callable[[], bool]
) -> Iterator[DocumentBatch | None]:
    """The documents that recorders append to the journals of a store. report: for gaps and damage."""
    while not is_stopped():
        for appended in follower.poll():
            if appended.gaps or appended.lost or appended.fell_behind:
                report(appended)
            if appended.lines:
                yield DocumentBatch(appended.lines, appended.cluster)
        yield None
        time.sleep(_POLL_INTERVAL)
