"""Which items of a list are recent enough to be taken."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


def is_older(event: Mapping[str, Any], since: datetime) -> bool:
    """Whether a core/v1 event was last seen before that moment; one that says no readable time is not."""
    series = event.get("series")
    metadata = event.get("metadata")
    written = (  # the order of event/observe.sql: what comes first says when the event was last seen
        series.get("lastObservedTime") if isinstance(series, dict) else None,
        event.get("lastTimestamp"),
        event.get("eventTime"),
        event.get("firstTimestamp"),
        metadata.get("creationTimestamp") if isinstance(metadata, dict) else None,
    )
    for text in written:
        moment = _moment(text)
        if moment is not None:
            return moment < since
    return False


def _moment(text: object) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
