"""Records a cluster's events into the store, or prints what runs a recorder elsewhere."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from kevents import clock
from kevents.cli.actions.record_display import RecorderDisplay
from kevents.cli.actions.record_maintenance import MaintenanceLog, background_maintenance
from kevents.cli.actions.record_service import ServiceFiles
from kevents.cli.cluster import cluster_of, scopes_of, stops
from kevents.cli.flags import LOG_FORMATS
from kevents.cli.log import Log
from kevents.cli.program import terminal_of
from kevents.cli.progress import StatusLine
from kevents.errors import UsageError
from kevents.event.redaction import Redaction
from kevents.query.selection import values_of
from kevents.record.messages import Level, LogMessage
from kevents.record.recorder import Recorder, RecorderCallbacks, RecorderOptions, scope_name
from kevents.source.cluster.backoff import Clock
from kevents.source.cluster.reflector import WatchOptions
from kevents.source.cluster.updates import ResumePoint, Scope
from kevents.source.cluster.watcher import Watcher
from kevents.store.filesystem import doubt
from kevents.store.paths import cluster_directory, store_directory
from kevents.store.recording.journal import Journal
from kevents.store.store import Store
from kevents.suggest import hint

if TYPE_CHECKING:
    from pathlib import Path

    import typer

    from kevents.cli.flags import ConnectionFlags, PrintFlags, RetentionFlags, StoreFlags, Texts


@dataclass(frozen=True)
class RecordFlags:
    """The flags of `kevents record` that no group has."""

    namespace: Texts
    all_namespaces: bool
    since: str | None
    duration: str | None
    once: bool
    cluster: str | None
    redact: str | None
    log_format: str


def record_cluster(
    context: typer.Context,
    flags: RecordFlags,
    connection: ConnectionFlags,
    store: StoreFlags,
    retention: RetentionFlags,
    prints: PrintFlags,
) -> None:
    """Record until the end that the flags set, or a signal; or print a service file instead."""
    terminal = terminal_of(context)
    names = _check(flags)
    now = clock.now()
    oldest = clock.parse_time(flags.since, now, clock.zone_named("local")) if flags.since else None
    until = now + clock.parse_duration(flags.duration) if flags.duration else None
    redact = Redaction(flags.redact).document if flags.redact else None
    maintenance = MaintenanceLog.of(retention)
    directory = store_directory(store.store, terminal.env)  # not from cli.request, which loads DuckDB
    if printed := ServiceFiles(context, connection, names, directory).printed(prints):
        terminal.stdout.write(printed)
        return
    kube = cluster_of(connection, terminal)
    label = flags.cluster or kube.identity.label
    cluster_directory(label)  # a label that cannot name a directory is refused before anything is requested
    scopes = scopes_of(names, kube.identity.namespace, everywhere=flags.all_namespaces)
    log = Log(terminal, clock.now, is_json=flags.log_format == "json")
    with (
        background_maintenance(directory, label, maintenance, log, clock.now, at_end=flags.once) as maintain,
        _journal(directory, label, clock.now, log) as journal,
    ):
        resume = {} if flags.once else _resume_points(journal, scopes)
        watcher = Watcher(kube, WatchOptions(scopes, resume, oldest, follow=not flags.once), Clock(clock.now))
        line = StatusLine(terminal)
        display = RecorderDisplay(
            journal=journal,
            cluster=label,
            identity=str(kube.identity),
            scopes=tuple(map(scope_name, scopes)),
            pid=os.getpid(),
            started=now,
            now=clock.now,
            log=log,
            line=line,
            maintenance=maintenance,
        )
        callbacks = RecorderCallbacks(log.write, display.show)
        recorder = Recorder(watcher, journal, Clock(clock.now), callbacks, RecorderOptions(redact, until, maintain))
        where = " and ".join(map(str, scopes))
        log.write_info("start", f"recording {where} of cluster {label} as {kube.identity} into {directory}")
        try:
            with stops(recorder.stop):
                recorder.run()
        finally:
            line.close()
    display.end(recorder.stats)
    log.write_info("end", f"recorded {recorder.stats.events:,} events; everything is stored")


def _check(flags: RecordFlags) -> tuple[str, ...]:
    """The namespaces of -n; flags that cannot be combined are a UsageError."""
    if flags.log_format not in LOG_FORMATS:
        raise UsageError(f'--log-format cannot be "{flags.log_format}"', hint(flags.log_format, LOG_FORMATS))
    if flags.once and flags.duration:
        raise UsageError("use either --once or --duration")
    names = values_of(flags.namespace)
    if any(name.startswith("!") or "*" in name for name in names):
        raise UsageError("wildcards are not supported with record -n", "Use record -A and filter later.")
    return names


@contextmanager
def _journal(directory: Path, cluster: str, now: Callable[[], datetime], log: Log) -> Iterator[Journal]:
    """The cluster's journal in the store, closed in any case."""
    if warning := doubt(directory):
        log.write(LogMessage(Level.WARNING, "file system", warning))
    journal = Journal.open(Store(directory), cluster, now)
    try:
        found = journal.recovery
        if found.documents or found.torn_bytes:
            torn = f"; {found.torn_bytes:,} torn bytes after them were cut off" if found.torn_bytes else ""
            log.write_info("recovery", f"an earlier recorder left {found.documents:,} events to be sealed{torn}")
        yield journal
    finally:
        journal.close()


def _resume_points(journal: Journal, scopes: Sequence[Scope]) -> dict[Scope, ResumePoint]:
    """Where an earlier recorder of the same scopes stopped."""
    found = ((scope, journal.checkpoints.get(scope_name(scope))) for scope in scopes)
    return {scope: ResumePoint(checkpoint.resource_version, checkpoint.at) for scope, checkpoint in found if checkpoint}
