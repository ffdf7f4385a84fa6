"""The event that a report centers on, and the moment when it started."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from kevents.escape import escape

if TYPE_CHECKING:
    from kevents.query.engine import Engine

_COLUMNS = """
    object, event_name, reason, severity, message,
    -- a repeated event started when it was first seen, or at the start of the window
    greatest(stored.first_occurrence(first_seen, last_seen, "count"), window_start()) AS started
"""
# Ties go to the event seen last. No need to look for the newest observation of each event: it is the last one seen.
_WORST = f"""
SELECT {_COLUMNS}
FROM observations
WHERE "day" IS NOT NULL
ORDER BY
    severity_rank(severity) DESC, last_seen DESC, "count" DESC, name_time(first_seen, clock_ns) DESC, object, event_name
LIMIT 1
"""
_NAMED = f"""
SELECT {_COLUMNS}
FROM observations
WHERE event_name = $name AND "day" IS NOT NULL
ORDER BY last_seen DESC, "count" DESC
LIMIT 1
"""


@dataclass(frozen=True)
class Anchor:
    """An event, and when it started."""

    at: datetime
    object: str | None
    reason: str | None
    severity: str
    message: str | None

    def title(self) -> str:
        """The event in a few words: `BackOff on Pod/web-1 (error)`."""
        return f"{escape(self.reason or 'an event')} on {escape(self.object or 'no object')} ({self.severity})"


def worst_event(engine: Engine) -> Anchor | None:
    """The worst event of the engine's selection; the newest if several are equally bad."""
    return _first(engine, _WORST, {})


def event_named(engine: Engine, event_name: str) -> Anchor | None:
    """The event of that name."""
    return _first(engine, _NAMED, {"name": event_name})


def window_around(moment: datetime, length: timedelta) -> tuple[datetime, datetime]:
    """Start and end (exclusive) of the window that extends the length before and after the moment.

    An event exactly at the end of the length is included.
    """
    earliest, latest = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    before, after = moment - earliest, latest - moment
    return moment - min(length, before), moment + min(length + timedelta(microseconds=1), after)


def _first(engine: Engine, sql: str, parameters: dict[str, Any]) -> Anchor | None:
    rows = engine.rows(sql, parameters)
    if not rows:
        return None
    (row,) = rows
    return Anchor(row["started"].astimezone(UTC), row["object"], row["reason"], row["severity"], row["message"])
