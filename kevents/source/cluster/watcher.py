"""The watcher: one thread a scope, one bounded queue of signals, no cache of objects."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from queue import Empty, Full, Queue

from kevents.source.cluster.backoff import Clock, Pace
from kevents.source.cluster.cancel import Stop
from kevents.source.cluster.reflector import Asks, Reflector, SharedContext, WatchOptions
from kevents.source.cluster.updates import Signal

_MOST_WAITING = 16  # signals of at most about 1 MB: what is not taken waits in the server, not in memory
_LOOK = 0.25  # seconds between two looks whether to stop


class Watcher:
    """Lists and watches scopes: iterate for their signals, in order within each scope.

    The iteration ends when `stop` was asked, when every scope was listed once (Wish.follow False), or by a
    ClusterError: what cannot succeed is raised while nothing has yet, and tried again for ever afterwards.
    """

    def __init__(self, kube: Asks, wish: WatchOptions, clock: Clock, pace: Pace | None = None) -> None:
        self._stop = Stop()
        self._queue: Queue[Signal | BaseException | None] = Queue(_MOST_WAITING)
        means = SharedContext(kube, wish, self._stop, clock, pace or Pace())
        self._follows = [Reflector(scope, means) for scope in wish.scopes]

    def stop(self) -> None:
        """End the iteration soon, whatever it waits for; may be called from a signal handler."""
        self._stop.ask()

    def __iter__(self) -> Iterator[Signal]:
        return (signal for signal in self.beats() if signal is not None)

    def beats(self, patience: float = _LOOK) -> Iterator[Signal | None]:
        """The signals, and None whenever so many seconds went by without one: the time to tidy up."""
        for follow in self._follows:
            threading.Thread(target=self._run, args=(follow,), name="watch", daemon=True).start()
        running = len(self._follows)
        try:
            while running:
                try:
                    signal = self._queue.get(timeout=patience)
                except Empty:
                    if self._stop.asked:  # a thread that hangs in connect() is left behind
                        return
                    yield None
                    continue
                if signal is None:
                    running -= 1
                elif isinstance(signal, BaseException):
                    raise signal
                else:
                    yield signal
        finally:
            self._stop.ask()

    def _run(self, follow: Reflector) -> None:
        last: BaseException | None = None
        try:
            for signal in follow.signals():
                if not self._put(signal):  # what follows it must not come: a checkpoint would claim it
                    break
        except BaseException as error:  # told by the thread that iterates
            last = error
        self._put(last)

    def _put(self, signal: Signal | BaseException | None) -> bool:
        """Hand it over; says whether it was, for nobody takes it after a stop."""
        while True:
            try:
                self._queue.put(signal, timeout=_LOOK)
            except Full:
                if self._stop.asked:
                    return False
            else:
                return True
