"""When an Event was last seen, without a database: used to skip old events of a list."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from kevents.event.fields import LAST_SEEN, Path

_GO_ZERO_TIME = datetime(1, 1, 1, tzinfo=UTC)  # means "not set"


def is_older(event: dict[str, Any], since: datetime) -> bool:
    """Whether a core/v1 Event was last seen before that time; False if it has no valid time."""
    moment = last_seen(event)
    return moment is not None and moment < since


def last_seen(event: dict[str, Any]) -> datetime | None:
    """The time that observe.sql stores as last_seen; None if the event has no valid time."""
    for path in LAST_SEEN:
        moment = _time(_value(event, path))
        if moment is not None:
            return moment
    return None


def _value(event: dict[str, Any], path: Path) -> object:
    value: object = event
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _time(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None if moment == _GO_ZERO_TIME else moment
