"""What a recorder says while it works: a line that is kept up to date on a terminal, log lines elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from kevents import clock
from kevents.record.messages import Level, Told
from kevents.record.recorder import scope_name
from kevents.source.cluster.updates import Checkpoint, Scope
from kevents.store.filesystem import doubt
from kevents.store.journal.recorder_state import RecorderState, write_state
from kevents.store.recording.journal import Journal
from kevents.store.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from kevents.cli.console import Line
    from kevents.cli.keeping import Keeping
    from kevents.cli.log import Log
    from kevents.record.stats import Figures

_SUMMARY = timedelta(minutes=1)  # between two log lines with the figures


@dataclass
class Recording:
    """One run of a recorder, as its user and `kevents status` see it."""

    journal: Journal
    cluster: str
    identity: str
    scopes: tuple[str, ...]
    pid: int
    started: datetime
    now: Callable[[], datetime]
    log: Log
    line: Line
    keeping: Keeping
    _summed: datetime | None = field(default=None, init=False)

    def show(self, figures: Figures) -> None:
        """Tell the figures: on the terminal's line, in the store, and once a minute in the log."""
        now = self.now()
        spool = self.journal.spool_bytes
        self.line.show(lambda _: line_of(figures, spool, now))
        self._write(figures, spool, now)
        if self._summed is None or now - self._summed >= _SUMMARY:
            told, self._summed = self._summed is not None, now
            if told and not self.log.is_on_terminal:
                self.log.say(Told(Level.INFO, "figures", line_of(figures, spool, now)), **_numbers(figures, spool))

    def end(self, figures: Figures) -> None:
        """Say goodbye in the store: who finds nothing else knows that the recorder was killed."""
        figures.state = "stopped"
        self._write(figures, self.journal.spool_bytes, self.now())

    def _write(self, figures: Figures, spool: int, now: datetime) -> None:
        state = RecorderState(
            cluster=self.cluster,
            pid=self.pid,
            started=self.started,
            told=now,
            identity=self.identity,
            scopes=self.scopes,
            state=figures.state,
            events=figures.events,
            rate=round(figures.rate, 2),
            lag=figures.lag,
            spool_bytes=spool,
            last_contact=figures.last_contact,
            reconnects=figures.reconnects,
            last_error=figures.last_error or self.journal.sealing_error or self.keeping.failure,
            more={
                "gaps": figures.gaps,
                "counts": dict(figures.counts),
                "keeps": self.keeping.words,
                "upkeep": self.keeping.at and self.keeping.at.isoformat(),
            },
        )
        with suppress(OSError):  # a full disk is told by the journal
            write_state(self.journal.folder, state)


def line_of(figures: Figures, spool: int, now: datetime) -> str:
    """The figures on one line."""
    from kevents.render.units import size

    contact = f"heard {clock.age(now - figures.last_contact)} ago" if figures.last_contact else "nothing heard yet"
    parts = [
        figures.state,
        f"{figures.events:,} events",
        f"{figures.rate:,.1f}/s" if figures.rate < 100 else f"{figures.rate:,.0f}/s",
        f"lag {clock.duration(figures.lag)}" if figures.lag is not None else "",
        f"spool {size(spool)}",
        contact,
        f"{figures.reconnects:,} reconnects" if figures.reconnects else "",
        f"{figures.gaps:,} gaps" if figures.gaps else "",
    ]
    return "  ".join(part for part in parts if part)


def _numbers(figures: Figures, spool: int) -> dict[str, object]:
    return {
        "state": figures.state,
        "events": figures.events,
        "rate": round(figures.rate, 2),
        "lag": figures.lag,
        "spool_bytes": spool,
        "last_contact": figures.last_contact and figures.last_contact.isoformat(),
        "reconnects": figures.reconnects,
        "gaps": figures.gaps,
        "counts": dict(figures.counts),
    }


@contextmanager
def opened(folder: Path, cluster: str, now: Callable[[], datetime], log: Log) -> Iterator[Journal]:
    """The cluster's journal in the store, closed in any case."""
    if doubted := doubt(folder):
        log.say(Told(Level.WARNING, "file system", doubted))
    journal = Journal.open(Store(folder), cluster, now)
    try:
        found = journal.recovery
        if found.documents or found.torn_bytes:
            torn = f"; {found.torn_bytes:,} torn bytes behind them were cut" if found.torn_bytes else ""
            log.usual("recovery", f"an earlier recording left {found.documents:,} events to be sealed{torn}")
        yield journal
    finally:
        journal.close()


def checkpoints(journal: Journal, scopes: Sequence[Scope]) -> dict[Scope, Checkpoint]:
    """Where an earlier recording of the same scopes stopped."""
    known = ((scope, journal.checkpoints.get(scope_name(scope))) for scope in scopes)
    return {scope: Checkpoint(found.resource_version, found.at) for scope, found in known if found}
