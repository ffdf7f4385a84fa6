"""The report on what else happened around an object's worst event."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from kevents.query.statement import ParameterValue
from kevents.report.anchor import Anchor, window_around
from kevents.report.catalog import load
from kevents.report.describe.family import Family, family, nodes
from kevents.report.question import Question

if TYPE_CHECKING:
    from kevents.query.engine import Engine
    from kevents.report.describe.subject import Subject

_NAMES_IN_EVENTS = """
SELECT
    list(DISTINCT node) FILTER (node IS NOT NULL) AS nodes,
    list(DISTINCT stored.image_named(message)) AS images,
    list(DISTINCT regexp_extract(message, '(?:[Vv]olume|persistentvolumeclaim) "([^"]+)"', 1)) AS volumes
FROM observations
"""
_PATTERN = "SELECT shape_of($message::VARCHAR, $name::VARCHAR) AS pattern"


@dataclass(frozen=True)
class CorrelationKeys:
    """What relates other events to an object: its family as TYPE/NAME, nodes, images, volumes and message pattern."""

    members: list[str]
    nodes: list[str]
    images: list[str]
    volumes: list[str]
    pattern: str | None


def correlation_keys(
    own: Engine, nearby: Engine, subject: Subject, anchor: Anchor, relatives: Family | None = None
) -> CorrelationKeys:
    """The keys of an object.

    own: its events. nearby: the events of its namespace. relatives: its family, if already known.
    """
    (names,) = own.rows(_NAMES_IN_EVENTS)
    (masked,) = own.rows(_PATTERN, {"message": anchor.message, "name": subject.name})
    members = (relatives or family(nearby, subject)).members
    family_nodes = [name for _, name in nodes(nearby, members)] if not names["nodes"] else []
    return CorrelationKeys(
        members=[f"{kind}/{name}" for kind, name in members],
        nodes=_sorted_names([*(names["nodes"] or ()), *family_nodes]),
        images=_sorted_names(names["images"]),
        volumes=_sorted_names(names["volumes"]),
        pattern=masked["pattern"],
    )


def correlate(subject: Subject, anchor: Anchor, keys: CorrelationKeys, at: datetime, length: timedelta) -> Question:
    """Related events in the window that extends the length before and after the moment, most unusual first."""
    since, until = window_around(at, length)
    values: dict[str, ParameterValue] = {
        "at": at,
        "since": since,
        "until": until,
        "kind": subject.kind,
        "name": subject.name,
        "home": subject.namespace,
        "members": keys.members,
        "nodes": keys.nodes,
        "images": keys.images,
        "volumes": keys.volumes,
        "reason": anchor.reason,
        "pattern": keys.pattern,
    }
    return Question(load("correlate.sql"), values=values)


def _sorted_names(names: Iterable[str | None] | None) -> list[str]:
    return sorted({name for name in names or () if name})
