"""The moment around which something is asked: when an event began, and which event that is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from kevents.escape import escape

if TYPE_CHECKING:
    from kevents.query.engine import Engine

_COLUMNS = """
    cluster, namespace, kind, name, object, event_name, reason, severity, message,
    -- a repeat began when it was first seen, or where the window cuts it
    greatest(stored.first_occurrence(first_seen, last_seen, "count"), window_start()) AS began
"""
# of the worst the one that was seen last; observations will do, for the newest of an event is the last of them
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
    """An event, and when it began."""

    at: datetime
    cluster: str
    reason: str | None
    object: str | None
    name: str | None
    namespace: str | None
    severity: str
    message: str | None

    def title(self) -> str:
        """The event in a few words: `BackOff of Pod/web-1 (error)`."""
        return f"{escape(self.reason or 'an event')} of {escape(self.object or 'no object')} ({self.severity})"


def worst(engine: Engine) -> Anchor | None:
    """The worst event of the engine's selection, of equals the newest."""
    return _first(engine, _WORST, {})


def named(engine: Engine, event_name: str) -> Anchor | None:
    """The event of that name."""
    return _first(engine, _NAMED, {"name": event_name})


def around(moment: datetime, window: timedelta) -> tuple[datetime, datetime]:
    """The window that reaches as far before a moment as behind it, the moment's last instant included."""
    earliest, latest = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    before, after = moment - earliest, latest - moment
    return moment - min(window, before), moment + min(window + timedelta(microseconds=1), after)


def _first(engine: Engine, sql: str, parameters: dict[str, Any]) -> Anchor | None:
    for row in engine.rows(sql, parameters):
        kept = {key: row[key] for key in Anchor.__dataclass_fields__ if key in row}
        return Anchor(at=row["began"].astimezone(UTC), **kept)
    return None
