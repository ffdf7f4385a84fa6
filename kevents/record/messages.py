"""Log messages for the signals of a watcher."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from kevents import clock
from kevents.source.cluster.updates import Cause, Gap, LineCounts, ListDone, Recovered, Retry, Signal
from kevents.source.json_depth import MAX_DEPTH


class Level(StrEnum):
    INFO = "info"
    WARNING = "warning"


class LogMessage(NamedTuple):
    """A line of the log. event: a fixed name for this type of message."""

    level: Level
    event: str
    text: str


_CAUSES = {
    Cause.STOPPED: "no recorder was running",
    Cause.EXPIRED: "resource version expired",
    Cause.RESET: "the cluster's event store was reset",
    Cause.AHEAD: "server is behind the last seen resource version",
    Cause.SILENT: "connection timed out",
    Cause.BROKEN: "connection lost",
    Cause.BRIEF: "server closed each watch immediately",
    Cause.UNREACHABLE: "server unreachable",
    Cause.THROTTLED: "server throttled the requests",
    Cause.SERVER: "server error",
    Cause.CREDENTIALS: "credentials rejected",
    Cause.FORBIDDEN: "permission denied",
    Cause.FOREIGN: "something other than the API server answered",
}
_RECOVERED = {
    Recovered.ALL: "every missed update was fetched",
    Recovered.LATEST: "only the latest state of each event was fetched, so updates in between may be missing",
}


def message_of(signal: Signal) -> LogMessage | None:
    """The log message for a signal; None if it is routine."""
    match signal:
        case Gap():
            return LogMessage(Level.WARNING, "gap", _gap(signal))
        case Retry(attempt=attempt) if attempt in (1, 3) or attempt % 10 == 0:
            return LogMessage(Level.WARNING, "retry", _retry(signal))
        case ListDone():
            older = f", {signal.older:,} older ones ignored" if signal.older else ""
            return LogMessage(Level.INFO, "listed", f"listed {signal.items:,} events in {signal.scope}{older}")
        case LineCounts(too_deep=str(name)):
            return LogMessage(Level.WARNING, "skipped", f"skipped {name}: nested deeper than {MAX_DEPTH} levels")
    return None


def _retry(retry: Retry) -> str:
    where = f"{retry.scope}: " if retry.scope.namespace else ""
    attempt = f" (attempt {retry.attempt})" if retry.attempt > 1 else ""
    return f"{where}{retry.detail}; trying again in {clock.duration(retry.wait)}{attempt}"


def _gap(gap: Gap) -> str:
    where = f" in {gap.scope}" if gap.scope.namespace else ""
    start = f"{gap.start:%Y-%m-%d %H:%M:%SZ}"
    cause, recovered = _CAUSES[gap.cause], _RECOVERED[gap.recovered]
    return f"gap of {clock.age(gap.end - gap.start)}{where} since {start}: {cause}; {recovered}"
