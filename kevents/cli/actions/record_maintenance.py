"""Runs maintenance in the background of a recorder, and reports it in the log and in `kevents status`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from kevents.maintenance.background import BackgroundMaintenance
from kevents.maintenance.retention import retention_rules
from kevents.record.messages import Level, LogMessage
from kevents.render.units import size

if TYPE_CHECKING:
    from pathlib import Path

    from kevents.cli.flags import RetentionFlags
    from kevents.cli.log import Log
    from kevents.maintenance.retention import RetentionRules
    from kevents.maintenance.round_result import RoundResult


@dataclass
class MaintenanceLog:
    """The result of the last round. retention: the rules as in the flags; at: when the round ended."""

    rules: RetentionRules
    retention: str
    at: datetime | None = None
    failure: str | None = None
    _reported: set[str] = field(default_factory=set)  # problems that persist

    @classmethod
    def of(cls, flags: RetentionFlags) -> MaintenanceLog:
        """The rules of the flags; as text: `120d, warning=365d, at most 20GB`."""
        most = f"at most {flags.max_size}" if flags.max_size else ""
        words = ", ".join(filter(None, (flags.older_than, *(flags.keep_severity or ()), most)))
        retained = retention_rules(flags.older_than, flags.max_size, flags.keep_severity or ())
        return cls(retained, words or "everything")

    def ended(self, result: RoundResult, at: datetime) -> list[LogMessage]:
        """Note the result of a round. Returns the messages to log; a persistent problem is logged only once."""
        self.at, self.failure = at, "; ".join(result.failures) or None
        problems = _problems(result)
        new = [message for message in problems if message.event not in self._reported]
        self._reported = {message.event for message in problems}
        failed = [
            LogMessage(Level.WARNING, "upkeep", f"the store could not be compacted or pruned: {failure}")
            for failure in result.failures
        ]
        return [*_changes(result), *new, *failed]


@contextmanager
def background_maintenance(
    directory: Path,
    cluster: str,
    report: MaintenanceLog,
    log: Log,
    now: Callable[[], datetime],
    *,
    at_end: Callable[[], bool] = lambda: False,
) -> Iterator[Callable[[], None]]:
    """Maintain a cluster's data. Yields a function to call about once a second. at_end: whether to run a last round."""

    def ended(result: RoundResult) -> None:
        for message in report.ended(result, now()):
            log.write(message)

    maintenance = BackgroundMaintenance(directory, cluster, report.rules, now, ended)
    try:
        yield maintenance.poll
        if at_end():
            maintenance.run_now()
    finally:
        maintenance.close()


def _changes(result: RoundResult) -> Iterator[LogMessage]:
    if result.days:
        first, last = result.days[0], result.days[-1]
        days = first if first == last else f"{len(result.days):,} days from {first} to {last}"
        yield LogMessage(
            Level.INFO, "pruned", f"pruned {result.observations:,} observations ({size(result.bytes)}) of {days}"
        )
    if result.merged:
        large = f"{result.made:,} large {'file' if result.made == 1 else 'files'}"
        yield LogMessage(Level.INFO, "compacted", f"compacted {result.merged:,} small files into {large}")


def _problems(result: RoundResult) -> list[LogMessage]:
    problems = []
    if result.excess:
        why = "what is left is from today or has no usable time, which is never pruned"
        problems.append(("excess", f"the cluster is {size(result.excess)} larger than --max-size: {why}"))
    if result.damaged:
        files = "1 file is" if result.damaged == 1 else f"{result.damaged:,} files are"
        problems.append(("damaged", f"{files} damaged and neither compacted nor pruned: see kevents store verify"))
    return [LogMessage(Level.WARNING, *problem) for problem in problems]
