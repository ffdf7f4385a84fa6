"""Helpers that watch a scripted server until a condition holds, and record the signals."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from kevents.source.cluster.backoff import Clock, Timing
from kevents.source.cluster.client import Environment, Flags, Kube, connect
from kevents.source.cluster.reflector import WatchOptions
from kevents.source.cluster.updates import Cause, Gap, LineCounts, Observations, ResumePoint, Retry, Signal
from kevents.source.cluster.watcher import Watcher
from tests.server import Server, Version

T = TypeVar("T")

QUICK = Timing(
    watch_timeout=(1, 1), watch_margin=0.2, short_watch=0.05, first_wait=0.01, max_wait=0.05, tolerated_gap=0
)
CLOCK = Clock(lambda: datetime.now(UTC), random=lambda: 0.0)


def version_of(document: bytes) -> Version:
    """A document in the form of the ledger."""
    event = json.loads(document)
    assert (event["kind"], event["apiVersion"]) == ("Event", "v1")
    metadata = event["metadata"]
    version = int(metadata["resourceVersion"])
    return Version(metadata["namespace"], metadata["name"], metadata["uid"], version, event.get("count"))


@dataclass
class Seen:
    """All signals of a watcher."""

    signals: list[Signal] = field(default_factory=list)
    observations: list[Version] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    checkpoint: ResumePoint | None = None

    def add(self, signal: Signal) -> None:
        self.signals.append(signal)
        if isinstance(signal, Observations):
            self.observations.extend(map(version_of, signal.documents))
        elif isinstance(signal, LineCounts):
            self.counts.update(signal.counts)
        self.checkpoint = getattr(signal, "checkpoint", None) or self.checkpoint

    def of(self, kind: type[T]) -> list[T]:
        return [signal for signal in self.signals if isinstance(signal, kind)]

    @property
    def gaps(self) -> list[tuple[Cause, str]]:
        return [(gap.cause, gap.recovered.value) for gap in self.of(Gap)]

    @property
    def retries(self) -> list[Cause]:
        return [retry.cause for retry in self.of(Retry)]


def kube_of(server: Server, directory: Path, user: str = "{}") -> Kube:
    """A client that is configured by a kubeconfig. user: the user entry in YAML."""
    config = directory / "kubeconfig"
    config.write_text(
        "current-context: prod\n"
        "contexts: [{name: prod, context: {cluster: c, user: ann, namespace: shop}}]\n"
        f"clusters: [{{name: c, cluster: {{server: '{server.url}'}}}}]\n"
        f"users: [{{name: ann, user: {user}}}]\n"
    )
    return connect(Flags(kubeconfig=config), Environment({}, directory, CLOCK.now, plugin_timeout=0.5))


def watch(
    kube: Kube,
    until: Callable[[Seen], bool],
    options: WatchOptions | None = None,
    timing: Timing = QUICK,
    limit: float = 8,
) -> Seen:
    """Watch until the condition holds; fails if it does not within `limit` seconds."""
    watcher = Watcher(kube, options or WatchOptions(), CLOCK, timing)
    timer = threading.Timer(limit, watcher.stop)
    timer.start()
    seen = Seen()
    is_reached = False
    try:
        for signal in watcher:
            seen.add(signal)
            if until(seen):
                is_reached = True
                break
    finally:
        timer.cancel()
    assert is_reached or until(seen), (
        f"not within {limit} s: {seen.signals[-6:]}, {len(seen.observations)} observations"
    )
    return seen


def in_background(action: Callable[[], object], after: float = 0.0) -> threading.Thread:
    """Run an action in a thread, after some seconds."""

    def run() -> None:
        time.sleep(after)
        action()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread
