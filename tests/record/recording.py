"""Records a scripted cluster into a store, and reads the store."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from kevents.query.engine import Engine
from kevents.query.selection import Selection
from kevents.record.messages import LogMessage
from kevents.record.recorder import Recorder, RecorderCallbacks, RecorderOptions
from kevents.source.cluster.backoff import Clock, Timing
from kevents.source.cluster.reflector import WatchOptions
from kevents.source.cluster.updates import ResumePoint, Scope
from kevents.source.cluster.watcher import Watcher
from kevents.store.coverage import ALL, Span, State
from kevents.store.journal import control_lines
from kevents.store.recording.journal import Journal
from kevents.store.snapshot import Snapshot
from kevents.store.store import Store
from tests.server import Etcd, Server, Version
from tests.source.cluster.watching import kube_of

QUICK = Timing(
    watch_timeout=(1, 1),
    watch_margin=0.2,
    short_watch=0.05,
    first_wait=0.01,
    max_wait=0.05,
    tolerated_gap=0,
    max_retry_after=0.3,
)
CLUSTER = "prod"


def now() -> datetime:
    return datetime.now(UTC)


CLOCK = Clock(now, random=lambda: 0.0)


@dataclass
class Run:
    """A cluster, and the store into which it is recorded. messages: the log."""

    etcd: Etcd
    server: Server
    directory: Path
    timing: Timing = QUICK
    user: str = "{}"  # the kubeconfig's user in YAML
    messages: list[LogMessage] = field(default_factory=list)
    recorder: Recorder | None = None

    @property
    def store(self) -> Path:
        return self.directory / "store"

    def record(
        self,
        meanwhile: Callable[[], object] = lambda: None,
        *,
        until: Callable[[], bool] | None = None,
        options: RecorderOptions | None = None,
        watch: WatchOptions | None = None,
        timeout: float = 8,
    ) -> Recorder:
        """Record, and call `meanwhile` once the watch is open, until a checkpoint covers all events of the cluster.

        until: another condition for the end.
        """
        kube = kube_of(self.server, self.directory, self.user)
        journal = Journal.open(Store(self.store), CLUSTER, now)
        checkpoint = journal.checkpoints.get(ALL)
        point = checkpoint and ResumePoint(checkpoint.resource_version, checkpoint.at, checkpoint.last_event)
        resume = {Scope(): point} if point else {}
        watcher = Watcher(kube, watch or WatchOptions(checkpoints=resume), CLOCK, self.timing)
        callbacks = RecorderCallbacks(self.messages.append, lambda _: None)
        recorder = Recorder(watcher, journal, CLOCK, callbacks, options)
        is_complete = until or (lambda: ALL in journal.checkpoints and self._is_past(journal.checkpoints[ALL]))
        self.recorder = recorder
        completed = threading.Event()
        watches = len(self.server.requests("watch"))

        def stop_when_complete() -> None:
            end = time.monotonic() + timeout
            try:
                while not (self.server.requests("watch")[watches:] or (watch and not watch.follow)):
                    if time.monotonic() >= end:
                        return
                    time.sleep(0.01)
                meanwhile()
                while time.monotonic() < end and not (self.server.remaining_faults == 0 and is_complete()):
                    time.sleep(0.01)
                if time.monotonic() < end:
                    completed.set()
            finally:  # also if a condition raises: otherwise the recorder would never stop
                recorder.stop()

        threading.Thread(target=stop_when_complete, daemon=True).start()
        try:
            recorder.run()
        finally:
            journal.close(None)
        assert completed.is_set() or (watch and not watch.follow), f"not within {timeout} s: {self.messages[-3:]}"
        return recorder

    def _is_past(self, checkpoint: control_lines.Checkpoint) -> bool:
        return checkpoint.resource_version >= self.etcd.version

    @property
    def stored(self) -> list[Version]:
        """The observations in the store, to be compared with the ledger."""
        return stored_versions(self.store)

    @property
    def ledger(self) -> list[Version]:
        """All versions of all events that the cluster ever had."""
        return sorted(self.etcd.ledger, key=lambda version: version.resource_version)

    @property
    def gaps(self) -> list[tuple[str | None, str | None]]:
        """Cause and `recovered` of each gap in the coverage."""
        return [(span.cause, span.recovered) for span in self.coverage if span.state is State.GAP]

    @property
    def coverage(self) -> tuple[Span, ...]:
        return Snapshot.take(self.store).coverage.get(CLUSTER, ())


def add_events(run: Run, batches: int = 6, size: int = 5, pause: float = 0.08) -> Callable[[], None]:
    """A function that adds events in batches, and updates one of each batch."""

    def add() -> None:
        for _ in range(batches):
            time.sleep(pause)
            names = run.etcd.add(size)
            run.etcd.update(names[0])

    return add


def rows(store: Path, sql: str) -> list[dict[str, object]]:
    """The result of a query, including events that are still in the journal."""
    snapshot = Snapshot.take(store)
    fresh = snapshot.fresh(now())
    engine = Engine(snapshot.files, Selection(), now(), fresh and fresh.table)
    return [row for batch in engine.batches(sql) for row in batch.to_pylist()]


def stored_versions(store: Path) -> list[Version]:
    """All observations in the store, by version."""
    sql = 'SELECT namespace, event_name, uid, resource_version, "count" FROM observations ORDER BY resource_version'
    return [Version(*row.values()) for row in rows(store, sql)]  # type: ignore[arg-type]
