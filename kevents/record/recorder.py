"""The main loop of a recorder: write documents to the journal, then the coverage and checkpoints, then sync."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
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

# in seconds
_IDLE = 0.05  # pending observations are synced when no signal arrives for this long
_SYNC_DELAY = 0.15  # pending observations are synced after this time at the latest
_TICK = 1.0  # between two updates of the statistics
_DISK_RETRY = 2.0  # between two attempts to write while the disk is full
_STOP_CHECK = 0.1


class SignalSource(Protocol):
    """The part of `kevents.source.cluster.watcher.Watcher` that a recorder uses."""

    def signals(self, idle_after: float = ...) -> Iterator[Signal | None]: ...
    def stop(self) -> None: ...


@dataclass(frozen=True)
class RecorderCallbacks:
    """log: called with each log message. show: called with the statistics about once a second."""

    log: Callable[[LogMessage], None]
    show: Callable[[RecorderStats], None]


@dataclass(frozen=True)
class RecorderOptions:
    """redact: applied to every document before it is written. until: when to stop. maintain: called once a second."""

    redact: Callable[[bytes], bytes] | None = None
    until: datetime | None = None
    maintain: Callable[[], None] = lambda: None


def scope_name(scope: Scope) -> str:
    """The name of a scope in the store."""
    return scope.namespace or ALL


class Recorder:
    """Writes a watcher's signals to a journal until the watcher ends, the time is up, or `stop` is called."""

    def __init__(
        self,
        watcher: SignalSource,
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
        self._oldest_pending: datetime | None = None  # arrival of the oldest observation that is not synced
        self._needs_sync = False
        self._pending_since = 0.0
        self._last_shown = clock.monotonic()
        self._checkpoints: dict[Scope, ResumePoint] = {}  # to be written before the next sync
        self._covered_until: dict[Scope, datetime] = {}  # end of the coverage written so far

    def stop(self) -> None:
        """Stop soon; may be called from a signal handler."""
        self._stopping = True
        self._watcher.stop()

    @property
    def covered_scopes(self) -> Collection[Scope]:
        """The scopes that were listed, or watched from a checkpoint, at least once."""
        return self._covered_until.keys()

    def run(self) -> None:
        """Record. Everything is synced when this returns; the journal stays open."""
        for signal in self._watcher.signals(_IDLE):
            if signal is not None:
                self._handle(signal)
            if self._stopping:  # what has arrived is synced once, at the end: each sync may take seconds
                continue
            now = self._clock.monotonic()
            if self._needs_sync and (signal is None or now - self._pending_since >= _SYNC_DELAY):
                self._sync()
            if now - self._last_shown >= _TICK:
                self._tick(now)
        self._sync()

    def _handle(self, signal: Signal) -> None:
        match signal:
            case Observations():
                self._write(signal)
            case ListDone(scope=scope, checkpoint=checkpoint):
                self._note(control_lines.span(Span(scope_name(scope), State.LISTED, checkpoint.at, checkpoint.at)))
                self._set_checkpoint(scope, checkpoint)
            case Heartbeat(scope=scope, checkpoint=checkpoint):
                self._set_checkpoint(scope, checkpoint)
            case WatchOpened(at=at):
                self.stats.state, self.stats.last_contact = "watching", at
            case Gap():
                self._note_gap(signal)
            case LineCounts():
                self.stats.counts.update(signal.counts)
                self._note(control_lines.counted(scope_name(signal.scope), signal.counts))
            case Retry():
                self.stats.state, self.stats.last_error = "waiting", signal.detail
                self.stats.reconnects += 1
        if message := message_of(signal):
            self._callbacks.log(message)

    def _write(self, observations: Observations) -> None:
        documents = observations.documents
        if self._options.redact:
            documents = [self._options.redact(document) for document in documents]
        self._retry_while_full(lambda: self._journal.write(documents))
        self._request_sync()
        self._oldest_pending = self._oldest_pending or observations.at
        self.stats.events += len(documents)
        if observations.checkpoint:
            self._set_checkpoint(observations.scope, observations.checkpoint)
        else:
            self.stats.state, self.stats.last_contact = "listing", observations.at

    def _set_checkpoint(self, scope: Scope, checkpoint: ResumePoint) -> None:
        """Keep the checkpoint for the next sync, which writes it after the documents that it covers."""
        self._checkpoints[scope] = checkpoint
        self._covered_until.setdefault(scope, checkpoint.at)
        self.stats.last_contact = checkpoint.at
        self._request_sync()

    def _note_gap(self, gap: Gap) -> None:
        self._note_watched(gap.scope, gap.start)
        details = (gap.cause.value, gap.recovered.value, gap.detail or None)
        self._note(control_lines.span(Span(scope_name(gap.scope), State.GAP, gap.start, gap.end, *details)))
        self._covered_until[gap.scope] = gap.end
        self.stats.gaps += 1

    def _note_watched(self, scope: Scope, end: datetime) -> None:
        """Write that the scope was watched until then."""
        start = self._covered_until.get(scope)
        if start is not None and start < end:
            self._note(control_lines.span(Span(scope_name(scope), State.WATCHED, start, end)))
            self._covered_until[scope] = end

    def _note(self, note: control_lines.ControlLine) -> None:
        self._retry_while_full(lambda: self._journal.note(*note))
        self._request_sync()

    def _request_sync(self) -> None:
        if not self._needs_sync:
            self._needs_sync, self._pending_since = True, self._clock.monotonic()

    def _sync(self) -> None:
        checkpoints, self._checkpoints = self._checkpoints, {}
        for scope, checkpoint in checkpoints.items():
            self._note_watched(scope, checkpoint.at)
            version, at, last_event = checkpoint.resource_version, checkpoint.at, checkpoint.last_event
            self._note(control_lines.checkpoint(scope_name(scope), version, at, last_event))
        self._retry_while_full(self._journal.sync)
        self._needs_sync = False
        if self._oldest_pending:
            lag = (self._clock.now() - self._oldest_pending).total_seconds()
            self.stats.add_lag(self._clock.monotonic(), lag)
            self._oldest_pending = None

    def _retry_while_full(self, write: Callable[[], None]) -> None:
        """Call a function that writes to the journal. If the disk is full, read no signals until it can be written.

        The journal keeps what it could not write, so only the sync has to be repeated.
        """
        try:
            write()
        except JournalWriteError as full:
            state, self.stats.state, self.stats.last_error = self.stats.state, "full", str(full)
            message = f"{full}; waiting for free space, then recording continues"
            self._callbacks.log(LogMessage(Level.WARNING, "full", message))
            while not self._is_writable():
                self._sleep(_DISK_RETRY)
                if self._stopping:
                    raise
            self.stats.state = state
            self._callbacks.log(LogMessage(Level.INFO, "room", "the journal is writable again; recording continues"))

    def _is_writable(self) -> bool:
        try:
            self._journal.sync()
        except JournalWriteError:
            return False
        return True

    def _sleep(self, seconds: float) -> None:
        """Sleep, but show the statistics and return early if `stop` is called."""
        end = self._clock.monotonic() + seconds
        while not self._stopping and (now := self._clock.monotonic()) < end:
            time.sleep(_STOP_CHECK)
            if now - self._last_shown >= _TICK:
                self._show(now)

    def _tick(self, now: float) -> None:
        """What is done once a second: let the journal rotate its files, show the statistics, run maintenance."""
        self._retry_while_full(self._journal.sync)
        self._note_sealing(self._journal.sealing_error)
        self._show(now)
        self._options.maintain()
        if self._options.until and self._clock.now() >= self._options.until:
            self.stop()

    def _note_sealing(self, error: str | None) -> None:
        """Log when sealing starts to fail, and when it works again."""
        if error and not self.stats.sealing_error:
            message = f"the journal cannot be turned into segments: {error}; its events are kept, and it is tried again"
            self._callbacks.log(LogMessage(Level.WARNING, "sealing", message))
        elif self.stats.sealing_error and not error:
            self._callbacks.log(LogMessage(Level.INFO, "sealed", "the journal is turned into segments again"))
        self.stats.sealing_error = error

    def _show(self, now: float) -> None:
        self._last_shown = now
        self.stats.sample_events(now)
        self._callbacks.show(self.stats)
