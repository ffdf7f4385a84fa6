"""Recording a scripted cluster into a store of its own, and what that store then holds."""

from __future__ import annotations

import json
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
    """A cluster that is recorded, and the store it is recorded into."""

    etcd: Etcd
    server: Server
    directory: Path
    timing: Timing = QUICK
    user: str = "{}"  # the kubeconfig's user in YAML
    said: list[LogMessage] = field(default_factory=list)
    recorder: Recorder | None = None

    @property
    def store(self) -> Path:
        return self.directory / "store"

    def record(
        self,
        meanwhile: Callable[[], object] = lambda: None,
        *,
        until: Callable[[], bool] | None = None,
        how: RecorderOptions | None = None,
        wish: WatchOptions | None = None,
        limit: float = 8,
    ) -> Recorder:
        """Record until everything that happened is behind a checkpoint, while something happens."""
        kube = kube_of(self.server, self.directory, self.user)
        journal = Journal.open(Store(self.store), CLUSTER, now)
        known = journal.checkpoints.get(ALL)
        from_there = {Scope(): ResumePoint(known.resource_version, known.at)} if known else {}
        watcher = Watcher(kube, wish or WatchOptions(checkpoints=from_there), CLOCK, self.timing)
        recorder = Recorder(watcher, journal, CLOCK, RecorderCallbacks(self.said.append, lambda _: None), how)
        reached = until or (lambda: ALL in journal.checkpoints and self._is_past(journal.checkpoints[ALL]))
        self.recorder = recorder
        came = threading.Event()
        watches = len(self.server.requests("watch"))

        def watch_over() -> None:
            end = time.monotonic() + limit
            try:
                while not (self.server.requests("watch")[watches:] or (wish and not wish.follow)):
                    if time.monotonic() >= end:
                        return
                    time.sleep(0.01)
                meanwhile()
                while time.monotonic() < end and not (self.server.remaining_faults == 0 and reached()):
                    time.sleep(0.01)
                if time.monotonic() < end:
                    came.set()
            finally:  # also where a condition raises: else the recorder would go on for ever
                recorder.stop()

        threading.Thread(target=watch_over, daemon=True).start()
        try:
            recorder.run()
        finally:
            journal.close()
        assert came.is_set() or (wish and not wish.follow), f"not within {limit} s: {self.said[-3:]}"
        return recorder

    def _is_past(self, checkpoint: control_lines.Checkpoint) -> bool:
        return checkpoint.resource_version >= self.etcd.version

    @property
    def held(self) -> list[Version]:
        """The observations of the store, as the ledger has them."""
        return held(self.store)

    @property
    def ledger(self) -> list[Version]:
        return sorted(self.etcd.ledger, key=lambda version: version.resource_version)

    @property
    def gaps(self) -> list[tuple[str | None, str | None]]:
        return [(span.cause, span.recovered) for span in self.coverage if span.state is State.GAP]

    @property
    def coverage(self) -> tuple[Span, ...]:
        return Snapshot.take(self.store).coverage.get(CLUSTER, ())


def happening(run: Run, lots: int = 6, each: int = 5, pause: float = 0.08) -> Callable[[], None]:
    """Events that come and are counted up, beside the recording."""

    def happen() -> None:
        for _ in range(lots):
            time.sleep(pause)
            names = run.etcd.add(each)
            run.etcd.update(names[0])

    return happen


def rows(store: Path, sql: str) -> list[dict[str, object]]:
    """What a store answers, with the journal's newest lines."""
    snapshot = Snapshot.take(store)
    fresh = snapshot.fresh(now())
    engine = Engine(snapshot.files, Selection(), now(), fresh and fresh.table)
    return [row for batch in engine.batches(sql) for row in batch.to_pylist()]


def held(store: Path) -> list[Version]:
    """Every observation of the store, by version."""
    sql = 'SELECT namespace, event_name, uid, resource_version, "count" FROM observations ORDER BY resource_version'
    return [Version(*row.values()) for row in rows(store, sql)]  # type: ignore[arg-type]


def lines_of(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]
