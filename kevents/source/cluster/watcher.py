"""Watches several scopes at once: one thread per scope and one bounded queue of signals. No objects are cached."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from queue import Empty, Full, Queue

from kevents.source.cluster.backoff import Clock, Timing
from kevents.source.cluster.cancel import CancelToken
from kevents.source.cluster.reflector import ApiClient, Reflector, SharedContext, WatchOptions
from kevents.source.cluster.updates import Signal

_QUEUE_SIZE = 16  # signals of about 1 MB at most; more events wait in the server, not in memory
_IDLE = 0.25  # seconds between two checks for cancellation


class Watcher:
    """Lists and watches scopes. Iterate for their signals, which are in order within each scope.

    The iteration ends after `stop`, after one list of every scope if WatchOptions.follow is False, or with a
    ClusterError. A permanent error is raised if no request has succeeded yet, and otherwise retried forever.
    """

    def __init__(self, kube: ApiClient, options: WatchOptions, clock: Clock, timing: Timing | None = None) -> None:
        self._token = CancelToken()
        self._queue: Queue[Signal | BaseException | None] = Queue(_QUEUE_SIZE)
        context = SharedContext(kube, options, self._token, clock, timing or Timing())
        self._reflectors = [Reflector(scope, context) for scope in options.scopes]

    def stop(self) -> None:
        """End the iteration soon, whatever it waits for; may be called from a signal handler."""
        self._token.cancel()

    def __iter__(self) -> Iterator[Signal]:
        return (signal for signal in self.signals() if signal is not None)

    def signals(self, idle_after: float = _IDLE) -> Iterator[Signal | None]:
        """The signals, and None whenever no signal came for this many seconds, as a chance for other work."""
        for reflector in self._reflectors:
            threading.Thread(target=self._run, args=(reflector,), name="watch", daemon=True).start()
        running = len(self._reflectors)
        try:
            while running:
                try:
                    signal = self._queue.get(timeout=idle_after)
                except Empty:
                    if self._token.is_canceled:  # do not wait for a thread that hangs in connect()
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
            self._token.cancel()

    def _run(self, reflector: Reflector) -> None:
        end: BaseException | None = None
        try:
            for signal in reflector.signals():
                if not self._put(signal):  # later signals must be dropped, too: a checkpoint would cover this one
                    break
        except BaseException as error:  # raised in the thread that iterates
            end = error
        self._put(end)

    def _put(self, signal: Signal | BaseException | None) -> bool:
        """Add to the queue. Returns False if the queue is full after cancellation, because nobody reads it any more."""
        while True:
            try:
                self._queue.put(signal, timeout=_IDLE)
            except Full:
                if self._token.is_canceled:
                    return False
            else:
                return True
