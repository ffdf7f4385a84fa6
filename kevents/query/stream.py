"""A question that stays asked: answers as events come, from a cluster or from the journals of a store."""

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

_GROUP = 0.1  # seconds that an event may wait for others to be shown with
_MOST = 4 << 20  # bytes of documents that wait together
_TURN = 0.1  # seconds between two looks at the journals


@dataclass(frozen=True)
class Lot:
    """Documents, one a line. is_past: of what was there before; a lot that is not ends the past."""

    lines: bytes
    cluster: str
    is_past: bool = False


class ContinuousQuery:
    """The answers, batch by batch."""

    def __init__(self, live: StreamViews, past: str | None, then: str) -> None:
        """past: the SQL for what was there before, None to pass it over; then: the SQL for the rest."""
        self._live = live
        self._past = past
        self._then = then
        self._kept: list[Lot] = []  # of one cluster
        self._size = 0

    def batches(
        self, lots: Iterable[Lot | None], monotonic: Callable[[], float] = time.monotonic
    ) -> Iterator[pa.RecordBatch]:
        """Answers over lots as they come; None stands for a moment without any."""
        in_past, since = True, None
        for lot in lots:
            if lot is not None:
                if in_past and not lot.is_past:
                    in_past = False
                    yield from self._told(self._past)
                self._keep(lot)
                since = since if since is not None else monotonic()
            if not in_past and since is not None and (lot is None or monotonic() - since >= _GROUP):
                since = None
                yield from self._told(self._then)
        yield from self._told(self._past if in_past else self._then)

    def _keep(self, lot: Lot) -> None:
        """Let the lot wait for others: planning the rules takes longer than applying them to a few events."""
        if self._kept and (lot.cluster != self._kept[0].cluster or self._size >= _MOST):
            self._take()
        self._kept.append(lot)
        self._size += len(lot.lines)

    def _take(self) -> None:
        if self._size:
            self._live.take(b"".join([lot.lines for lot in self._kept]), self._kept[0].cluster)
        self._kept, self._size = [], 0

    def _told(self, sql: str | None) -> Iterator[pa.RecordBatch]:
        self._take()
        if not self._live.rows:
            return
        answer = self._live.ask(sql or self._then)
        if sql is not None and answer.num_rows:
            yield answer


def watched(
    beats: Iterable[Signal | None], scopes: Iterable[Scope], cluster: str, told: Callable[[Signal], None]
) -> Iterator[Lot | None]:
    """A watcher's observations. The first lists of all scopes are the past."""
    missing = set(scopes)
    for signal in beats:
        if signal is None:
            yield None
        elif isinstance(signal, Observations):
            if signal.documents:
                lines = b"".join([document.replace(b"\n", b" ") + b"\n" for document in signal.documents])
                yield Lot(lines, cluster, is_past=bool(missing))
        else:
            if isinstance(signal, ListDone) and signal.scope in missing:
                missing.remove(signal.scope)
                if not missing:
                    yield Lot(b"", cluster)
                continue
            told(signal)


def appended(
    following: Follower, told: Callable[[Appended], None], is_over: Callable[[], bool]
) -> Iterator[Lot | None]:
    """What recorders append to the journals of a store, until it is over."""
    while not is_over():
        for one in following.poll():
            if one.gaps or one.lost or one.fell_behind:
                told(one)
            if one.lines:
                yield Lot(one.lines, one.cluster)
        yield None
        time.sleep(_TURN)
