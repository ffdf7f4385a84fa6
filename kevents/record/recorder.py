"""The loop of a recorder: documents, then what they cover, then the sync that makes both true."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from kevents.record.messages import Level, LogMessage, message_of
from kevents.record.stats import RecorderStats
from kevents.source.cluster.backoff import Clock
from kevents.source.cluster.updates import (
    Gap,
    Heartbeat,
    LineCounts,
    ListDone,
    Observations,
    ResumePoint,
    Retry,
    Scope,
    Signal,
    WatchOpened,
)
from kevents.store.coverage import ALL, Span, State
from kevents.store.journal import control_lines
from kevents.store.recording.journal import JournalWriteError

if TYPE_CHECKING:
    from kevents.store.recording.journal import Journal

_BEAT = 0.05  # seconds without a signal after which what was taken is synced
_GROUP = 0.15  # seconds that observations wait for others to be synced with
_TOLD = 1.0  # seconds between two looks at the figures
_ROOM = 2.0  # seconds between two tries while the disk is full
_NAP = 0.1


class Listens(Protocol):
    """What tells of a cluster: `kevents.source.cluster.watcher.Watcher`."""

    def signals(self, idle_after: float = ...) -> Iterator[Signal | None]: ...
    def stop(self) -> None: ...


@dataclass(frozen=True)
class RecorderCallbacks:
    """log: takes a message. show: takes the statistics, about once a second."""

    log: Callable[[LogMessage], None]
    show: Callable[[RecorderStats], None]


@dataclass(frozen=True)
class RecorderOptions:
    """redact: applied to every document before it is written. until: when to end. maintain: called once a second."""

    redact: Callable[[bytes], bytes] | None = None
    until: datetime | None = None
    maintain: Callable[[], None] = lambda: None


def scope_name(scope: Scope) -> str:
    """The name of a scope in the store."""
    return scope.namespace or ALL


class Recorder:
    """Takes a watcher's signals into a journal until the watcher ends, the time is over, or somebody asks to stop."""

    def __init__(
        self,
        watcher: Listens,
        journal: Journal,
        clock: Clock,
        callbacks: RecorderCallbacks,
        options: RecorderOptions | None = None,
    ) -> None:
        self.stats = RecorderStats()
        self._watcher = watcher
        self._journal = journal
        self._clock = clock
        self._callbacks = callbacks
        self._options = options or RecorderOptions()
        self._stopping = False
        self._arrived: datetime | None = None  # the oldest observation that is not durable yet
        self._since = 0.0  # when something began to wait for a sync
        self._waits = False
        self._shown = clock.monotonic()
        self._marks: dict[Scope, ResumePoint] = {}  # not noted yet
        self._watched: dict[Scope, datetime] = {}  # up to here the scope's coverage is noted

    def stop(self) -> None:
        """End soon; may be called from a signal handler."""
        self._stopping = True
        self._watcher.stop()

    def run(self) -> None:
        """Record; all that was taken is synced when this returns. The journal stays open."""
        for signal in self._watcher.signals(_BEAT):
            if signal is not None:
                self._take(signal)
            now = self._clock.monotonic()
            if self._waits and (signal is None or now - self._since >= _GROUP):
                self._sync()
            if now - self._shown >= _TOLD:
                self._look(now)
        self._sync()

    def _take(self, signal: Signal) -> None:
        match signal:
            case Observations():
                self._write(signal)
            case ListDone(scope=scope, checkpoint=checkpoint):
                self._note(control_lines.span(Span(scope_name(scope), State.LISTED, checkpoint.at, checkpoint.at)))
                self._reach(scope, checkpoint)
            case Heartbeat(scope=scope, checkpoint=checkpoint):
                self._reach(scope, checkpoint)
            case WatchOpened(at=at):
                self.stats.state, self.stats.last_contact = "watching", at
            case Gap():
                self._gap(signal)
            case LineCounts():
                self.stats.counts.update(signal.counts)
                self._note(control_lines.counted(scope_name(signal.scope), signal.counts))
            case Retry():
                self.stats.state, self.stats.last_error = "waiting", signal.detail
                self.stats.reconnects += 1
        if sentence := message_of(signal):
            self._callbacks.log(sentence)

    def _write(self, observations: Observations) -> None:
        documents = observations.documents
        if self._options.redact:
            documents = [self._options.redact(document) for document in documents]
        self._attempt(lambda: self._journal.write(documents))
        self._wait()
        self._arrived = self._arrived or observations.at
        self.stats.events += len(documents)
        if observations.checkpoint:
            self._reach(observations.scope, observations.checkpoint)
        else:
            self.stats.state, self.stats.last_contact = "listing", observations.at

    def _reach(self, scope: Scope, checkpoint: ResumePoint) -> None:
        """Remember how far the scope is covered; it is noted behind the documents, with the next sync."""
        self._marks[scope] = checkpoint
        self._watched.setdefault(scope, checkpoint.at)
        self.stats.last_contact = checkpoint.at
        self._wait()

    def _gap(self, gap: Gap) -> None:
        name = scope_name(gap.scope)
        self._cover(gap.scope, gap.start)
        words = (gap.cause.value, gap.recovered.value, gap.detail or None)
        self._note(control_lines.span(Span(name, State.GAP, gap.start, gap.end, *words)))
        self._watched[gap.scope] = gap.end
        self.stats.gaps += 1

    def _cover(self, scope: Scope, until: datetime) -> None:
        """Note that the scope was watched up to this moment."""
        since = self._watched.get(scope)
        if since is not None and since < until:
            self._note(control_lines.span(Span(scope_name(scope), State.WATCHED, since, until)))
            self._watched[scope] = until

    def _note(self, note: control_lines.ControlLine) -> None:
        self._attempt(lambda: self._journal.note(*note))
        self._wait()

    def _wait(self) -> None:
        if not self._waits:
            self._waits, self._since = True, self._clock.monotonic()

    def _sync(self) -> None:
        marks, self._marks = self._marks, {}
        for scope, checkpoint in marks.items():
            self._cover(scope, checkpoint.at)
            self._note(control_lines.checkpoint(scope_name(scope), checkpoint.resource_version, checkpoint.at))
        self._attempt(self._journal.sync)
        self._waits = False
        if self._arrived:
            lag = (self._clock.now() - self._arrived).total_seconds()
            self.stats.synced(self._clock.monotonic(), lag)
            self._arrived = None

    def _attempt(self, call: Callable[[], None]) -> None:
        """Do it; if the journal cannot be written, take nothing more from the watcher until it can.

        What the call brought stays with the journal, so it is the sync alone that is tried again.
        """
        try:
            call()
        except JournalWriteError as full:
            state, self.stats.state, self.stats.last_error = self.stats.state, "full", str(full)
            message = f"{full}; waiting for free space, then recording continues"
            self._callbacks.log(LogMessage(Level.WARNING, "full", message))
            while not self._has_room():
                self._nap(_ROOM)
                if self._stopping:
                    raise
            self.stats.state = state
            self._callbacks.log(LogMessage(Level.INFO, "room", "the journal is writable again; recording continues"))

    def _has_room(self) -> bool:
        try:
            self._journal.sync()
        except JournalWriteError:
            return False
        return True

    def _nap(self, seconds: float) -> None:
        """Sleep in short turns, so that a wish to stop is heard; the figures are shown meanwhile."""
        end = self._clock.monotonic() + seconds
        while not self._stopping and (now := self._clock.monotonic()) < end:
            time.sleep(_NAP)
            if now - self._shown >= _TOLD:
                self._show(now)

    def _look(self, now: float) -> None:
        """Once a second: let the journal turn its files, show the figures, see what else there is to do."""
        self._attempt(self._journal.sync)
        self._show(now)
        self._options.maintain()
        if self._options.until and self._clock.now() >= self._options.until:
            self.stop()

    def _show(self, now: float) -> None:
        self._shown = now
        self.stats.mark(now)
        self._callbacks.show(self.stats)
