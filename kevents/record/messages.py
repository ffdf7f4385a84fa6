"""What a watcher tells, in sentences."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from kevents import clock
from kevents.source.cluster.updates import Cause, Gap, ListDone, Recovered, Retry, Signal


class Level(StrEnum):
    INFO = "info"
    WARNING = "warning"


class LogMessage(NamedTuple):
    """A sentence, how much it matters, and what kind of thing it tells of."""

    level: Level
    event: str
    sentence: str


_WHY = {
    Cause.STOPPED: "nobody was watching",
    Cause.EXPIRED: "the cluster had dropped the history to go on from",
    Cause.RESET: "the cluster's event store was reset",
    Cause.AHEAD: "the server was behind the version to go on from",
    Cause.SILENT: "the server fell silent",
    Cause.BROKEN: "the connection broke",
    Cause.BRIEF: "the server ended watches at once",
    Cause.UNREACHABLE: "the server could not be reached",
    Cause.THROTTLED: "the server asked to wait",
    Cause.SERVER: "the server failed",
    Cause.CREDENTIALS: "the credentials were not accepted",
    Cause.FORBIDDEN: "the cluster did not allow it",
    Cause.FOREIGN: "something else than the API server answered",
}
_MADE_GOOD = {
    Recovered.ALL: "everything came late, nothing is missing",
    Recovered.LATEST: "the latest state of what the cluster still held was taken, updates in between may be missing",
}


def message_of(signal: Signal) -> LogMessage | None:
    """What a signal means to a user; None for what is all in a day's work."""
    match signal:
        case Gap():
            return LogMessage(Level.WARNING, "gap", _gap(signal))
        case Retry(attempt=attempt) if attempt in (1, 3) or attempt % 10 == 0:
            again = f"trying again in {clock.duration(signal.wait)}"
            said = (
                f"{signal.scope}: {signal.detail}; {again}" if signal.scope.namespace else f"{signal.detail}; {again}"
            )
            return LogMessage(Level.WARNING, "retry", said if attempt == 1 else f"{said} (attempt {attempt})")
        case ListDone():
            older = f", {signal.older:,} older ones left out" if signal.older else ""
            return LogMessage(Level.INFO, "listed", f"listed {signal.items:,} events of {signal.scope}{older}")
    return None


def _gap(gap: Gap) -> str:
    lasted = clock.age(gap.end - gap.start)
    where = f" of {gap.scope}" if gap.scope.namespace else ""
    since = f"{gap.start:%Y-%m-%d %H:%M:%SZ}"
    return f"a gap of {lasted}{where} since {since}: {_WHY[gap.cause]}; {_MADE_GOOD[gap.recovered]}"
