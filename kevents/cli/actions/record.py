"""Records a cluster's events into the store, or prints a file for running a recorder elsewhere."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from kevents import clock
from kevents.cli.actions.record_display import RecorderDisplay
from kevents.cli.actions.record_maintenance import MaintenanceLog, background_maintenance
from kevents.cli.actions.record_service import ServiceFiles
from kevents.cli.cluster import connection_of, scopes_of, stop_on_signals
from kevents.cli.flags import LOG_FORMATS
from kevents.cli.log import Log
from kevents.cli.program import terminal_of
from kevents.cli.progress import StatusLine
from kevents.errors import KeventsError, SourceError, UsageError
from kevents.event.redaction import Redaction
from kevents.query.pattern import are_exact
from kevents.query.selection import values_of
from kevents.record.messages import Level, LogMessage
from kevents.record.recorder import Recorder, RecorderCallbacks, RecorderOptions, scope_name
from kevents.source.cluster.backoff import Clock
from kevents.source.cluster.client import connect
from kevents.source.cluster.connection_warnings import connection_warnings
from kevents.source.cluster.reflector import WatchOptions
from kevents.source.cluster.updates import ResumePoint, Scope
from kevents.source.cluster.watcher import Watcher
from kevents.store.filesystem import lock_warning
from kevents.store.paths import cluster_directory, store_directory
from kevents.store.recording.journal import Journal
from kevents.store.store import Store
from kevents.suggest import hint

if TYPE_CHECKING:
    from pathlib import Path

    import typer

    from kevents.cli.flags import ConnectionFlags, PrintFlags, RetentionFlags, StoreFlags, Texts
    from kevents.record.stats import RecorderStats


_SEAL_TIME = 4.0  # seconds to seal the journal at the end
_END_TIME = 7.0  # seconds from a signal until sealing is left to its own process


@dataclass
class StopSignal:
    """Whether and when a signal stopped the recorder."""

    at: float | None = None

    def note(self) -> None:
        """Called when a signal arrives."""
        self.at = self.at or time.monotonic()

    @property
    def seal_time(self) -> float:
        """The seconds left for sealing: fewer if the last sync took long, because the disk is slow."""
        elapsed = time.monotonic() - self.at if self.at else 0.0
        return max(min(_SEAL_TIME, _END_TIME - elapsed), 0.0)


@dataclass(frozen=True)
class RecordFlags:
    """The flags of `kevents record` that are in no group."""

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
    """Record until the duration ends or a signal stops it; or print a service file instead."""
    terminal = terminal_of(context)
    names = _check(flags)
    now = clock.now()
    oldest = clock.parse_time(flags.since, now, clock.parse_zone("local")) if flags.since else None
    until = now + clock.parse_duration(flags.duration) if flags.duration else None
    redact = Redaction(flags.redact).document if flags.redact else None
    maintenance = MaintenanceLog.of(retention)
    directory = store_directory(store.store, terminal.env)
    if printed := ServiceFiles(context, connection, names, directory).printed(prints):
        terminal.stdout.write(printed)
        return
    kube_flags, environment = connection_of(connection, terminal)
    kube = connect(kube_flags, environment)
    label = flags.cluster or kube.identity.label
    cluster_directory(label)  # refuse an invalid label before contacting the cluster
    scopes = scopes_of(names, kube.identity.namespace, everywhere=flags.all_namespaces)
    log = Log(terminal, clock.now, is_json=flags.log_format == "json")
    for warning in connection_warnings(kube_flags, environment):
        log.write(LogMessage(Level.WARNING, "unsafe", f"{warning.sentence}. {warning.advice}"))
    stopped = StopSignal()
    with (
        background_maintenance(
            directory, label, maintenance, log, clock.now, at_end=lambda: flags.once and stopped.at is None
        ) as maintain,
        _journal(directory, label, clock.now, log, stopped) as journal,
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

        def stop() -> None:
            stopped.note()
            recorder.stop()

        try:
            with stop_on_signals(stop):
                recorder.run()
        except KeventsError as error:
            recorder.stats.last_error = str(error)
            raise
        finally:
            line.close()
            display.end(recorder.stats)
    missed = [scope for scope in scopes if scope not in recorder.covered_scopes]
    if missed and (flags.once or flags.duration):
        raise _incomplete(missed, recorder.stats)
    log.write_info("end", f"recorded {recorder.stats.events:,} events; everything is stored")
    if journal.sealing_error:
        text = f"the journal could not be turned into segments: {journal.sealing_error}; the next recorder tries again"
        log.write(LogMessage(Level.WARNING, "sealing", text))


def _check(flags: RecordFlags) -> tuple[str, ...]:
    """Check the flags and return the namespaces of -n. Raises UsageError for flags that can't be combined."""
    if flags.log_format not in LOG_FORMATS:
        raise UsageError(f'invalid --log-format "{flags.log_format}"', hint(flags.log_format, LOG_FORMATS))
    if flags.once and flags.duration:
        raise UsageError("use either --once or --duration")
    names = values_of(flags.namespace)
    if not are_exact(names):
        raise UsageError("wildcards are not supported with record -n", "Use record -A and filter later.")
    return names


def _incomplete(missed: Sequence[Scope], stats: RecorderStats) -> SourceError:
    """The error for a recorder with an intended end that did not list all scopes until then."""
    amount = f"only {stats.events:,} event{'s' * (stats.events != 1)}" if stats.events else "nothing"
    where = " and ".join(map(str, missed))
    last = f"; last error: {stats.last_error}" if stats.last_error else ""
    return SourceError(
        f"recorded {amount}: stopped before the first list of {where} was complete{last}",
        "Check the cluster with kevents doctor, then try again.",
    )


@contextmanager
def _journal(
    directory: Path, cluster: str, now: Callable[[], datetime], log: Log, stopped: StopSignal
) -> Iterator[Journal]:
    """Open the cluster's journal in the store, and close it at the end."""
    if warning := lock_warning(directory):
        log.write(LogMessage(Level.WARNING, "file system", warning))
    journal = Journal.open(Store(directory), cluster, now)
    try:
        recovery = journal.recovery
        if recovery.documents or recovery.torn_bytes:
            torn = f"; {recovery.torn_bytes:,} bytes of an incomplete line were removed" if recovery.torn_bytes else ""
            log.write_info("recovery", f"recovered {recovery.documents:,} events of an earlier recorder{torn}")
        yield journal
    finally:
        journal.close(stopped.seal_time)


def _resume_points(journal: Journal, scopes: Sequence[Scope]) -> dict[Scope, ResumePoint]:
    """The points where an earlier recorder of the same scopes stopped."""
    points = ((scope, journal.checkpoints.get(scope_name(scope))) for scope in scopes)
    return {scope: ResumePoint(point.resource_version, point.at, point.last_event) for scope, point in points if point}
