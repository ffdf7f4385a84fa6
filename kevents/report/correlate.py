"""The question of what else happened: what an object has to do with others, and the window around its worst event."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from kevents.query.statement import ParameterValue
from kevents.report.anchor import Anchor, around
from kevents.report.catalog import load
from kevents.report.describe.family import Family, family, nodes
from kevents.report.question import Question

if TYPE_CHECKING:
    from kevents.query.engine import Engine
    from kevents.report.describe.subject import Subject

_TIES = """
SELECT
    list(DISTINCT node) FILTER (node IS NOT NULL) AS nodes,
    list(DISTINCT regexp_extract(message, '[Ii]mage "([^"]+)"', 1)) AS images,
    list(DISTINCT regexp_extract(message, '(?:[Vv]olume|persistentvolumeclaim) "([^"]+)"', 1)) AS volumes
FROM observations
"""
_SHAPE = "SELECT shape_of($message::VARCHAR, $name::VARCHAR) AS shape"


@dataclass(frozen=True)
class Ties:
    """What an object shares with others: its family as TYPE/NAME, nodes, images and volumes, and what it is told of."""

    members: list[str]
    nodes: list[str]
    images: list[str]
    volumes: list[str]
    shape: str | None


def ties(alone: Engine, surrounding: Engine, subject: Subject, anchor: Anchor, known: Family | None = None) -> Ties:
    """Read from the events of the object alone, and from those of its namespace. known: its family, if it is."""
    (told,) = alone.rows(_TIES)
    parameters = {"message": anchor.message, "name": subject.name}
    (shaped,) = alone.rows(_SHAPE, parameters)
    relatives = (known or family(surrounding, subject)).members
    runs_on = [name for _, name in nodes(surrounding, relatives)] if not told["nodes"] else []
    return Ties(
        members=[f"{kind}/{name}" for kind, name in relatives],
        nodes=_words([*(told["nodes"] or ()), *runs_on]),
        images=_words(told["images"]),
        volumes=_words(told["volumes"]),
        shape=shaped["shape"],
    )


def correlate(subject: Subject, anchor: Anchor, tied: Ties, at: datetime, window: timedelta) -> Question:
    """What else happened as long as the window before and after the moment, by how unusual it was there."""
    since, until = around(at, window)
    values: dict[str, ParameterValue] = {
        "at": at,
        "since": since,
        "until": until,
        "kind": subject.kind,
        "name": subject.name,
        "home": subject.namespace,
        "members": tied.members,
        "nodes": tied.nodes,
        "images": tied.images,
        "volumes": tied.volumes,
        "reason": anchor.reason,
        "shape": tied.shape,
    }
    return Question(load("correlate.sql"), values=values)


def _words(found: Iterable[str | None] | None) -> list[str]:
    return sorted({word for word in found or () if word})
