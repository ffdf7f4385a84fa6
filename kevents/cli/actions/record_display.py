"""Shows a recorder's state: in a status line, in the log, and in the file that `kevents status` reads."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from kevents import clock
from kevents.record.messages import Level, LogMessage
from kevents.render.units import size
from kevents.store.journal.recorder_state import RecorderState, write_state

if TYPE_CHECKING:
    from kevents.cli.actions.record_maintenance import MaintenanceLog
    from kevents.cli.log import Log
    from kevents.cli.progress import StatusLine
    from kevents.record.stats import RecorderStats
    from kevents.store.recording.journal import Journal

_SUMMARY = timedelta(minutes=1)  # between two log lines with the statistics


@dataclass
class RecorderDisplay:
    """Shows the state of one run of a recorder."""

    journal: Journal
    cluster: str
    identity: str
    scopes: tuple[str, ...]
    pid: int
    started: datetime
    now: Callable[[], datetime]
    log: Log
    line: StatusLine
    maintenance: MaintenanceLog
    _logged: datetime | None = field(default=None, init=False)
    _last_state: str | None = field(default=None, init=False)  # before the end

    def show(self, stats: RecorderStats) -> None:
        """Update the status line and the state file; once a minute, write a log line."""
        now = self.now()
        spool = self.journal.spool_bytes
        self.line.show(lambda: status_line(stats, spool, now))
        self._write(stats, spool, now)
        if self._logged is None or now - self._logged >= _SUMMARY:
            is_first, self._logged = self._logged is None, now
            if not is_first and not self.log.is_on_terminal:
                message = LogMessage(Level.INFO, "figures", status_line(stats, spool, now))
                self.log.write(message, **_fields(stats, spool))

    def end(self, stats: RecorderStats) -> None:
        """Record a clean exit; a state file without it means that the recorder was killed."""
        self._last_state, stats.state = stats.state, "stopped"
        self._write(stats, self.journal.spool_bytes, self.now())

    def _write(self, stats: RecorderStats, spool: int, now: datetime) -> None:
        state = RecorderState(
            cluster=self.cluster,
            pid=self.pid,
            started=self.started,
            updated=now,
            identity=self.identity,
            scopes=self.scopes,
            state=stats.state,
            events=stats.events,
            rate=round(stats.rate, 2),
            lag=stats.lag,
            spool_bytes=spool,
            last_contact=stats.last_contact,
            reconnects=stats.reconnects,
            last_error=self._problem(stats),
            more={
                "gaps": stats.gaps,
                "counts": dict(stats.counts),
                "keeps": self.maintenance.retention,
                "upkeep": self.maintenance.at and self.maintenance.at.isoformat(),
                "sealing_error": self.journal.sealing_error,
                "state_before_end": self._last_state,
            },
        )
        with suppress(OSError):  # the journal reports a full disk
            write_state(self.journal.directory, state)

    def _problem(self, stats: RecorderStats) -> str | None:
        """What is wrong now, else the last error."""
        sealing = self.journal.sealing_error and f"sealing fails: {self.journal.sealing_error}"
        if stats.state in {"waiting", "full"}:
            return stats.last_error
        return sealing or self.maintenance.failure or stats.last_error


def status_line(stats: RecorderStats, spool: int, now: datetime) -> str:
    """The statistics on one line."""
    contact = f"last contact {clock.age(now - stats.last_contact)} ago" if stats.last_contact else "no contact yet"
    parts = [
        stats.state,
        f"{stats.events:,} events",
        f"{stats.rate:,.1f}/s" if stats.rate < 100 else f"{stats.rate:,.0f}/s",
        f"lag {clock.duration(stats.lag)}" if stats.lag is not None else "",
        f"spool {size(spool)}",
        contact,
        f"{stats.reconnects:,} reconnects" if stats.reconnects else "",
        f"{stats.gaps:,} gaps" if stats.gaps else "",
    ]
    return "  ".join(part for part in parts if part)


def _fields(stats: RecorderStats, spool: int) -> dict[str, object]:
    """The statistics for a JSON log line."""
    return {
        "state": stats.state,
        "events": stats.events,
        "rate": round(stats.rate, 2),
        "lag": stats.lag,
        "spool_bytes": spool,
        "last_contact": stats.last_contact and stats.last_contact.isoformat(),
        "reconnects": stats.reconnects,
        "gaps": stats.gaps,
        "counts": dict(stats.counts),
    }
