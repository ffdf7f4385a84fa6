"""The family of an object, rebuilt from the view `relations`: who owns it, what it owns, and what that runs on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kevents.report.describe.subject import Subject, first_word

if TYPE_CHECKING:
    from kevents.query.engine import Engine

_OWNING = ("owner", "target")
_RELATIONS = "SELECT parent_kind, parent_name, kind, name, relation, how FROM stored.relations_named($prefix)"

_CREATED = """
SELECT min(coalesce(name_time(first_seen, clock_ns), epoch_ns(first_seen))) AS at
FROM stored.sightings_named($prefix)
WHERE reason = 'SuccessfulCreate' AND kind <> 'Pod'
    AND stored.child_said(stored.words_of(message)) = {kind: $kind::VARCHAR, name: $name::VARCHAR}
"""
_NODES = """
SELECT DISTINCT node
FROM observations
WHERE kind = 'Pod' AND node IS NOT NULL AND name IN (SELECT unnest($names::VARCHAR[]))
"""

Object = tuple[str, str]  # kind and name


@dataclass
class Family:
    """The members by kind and name. depth: how many owners stand above. inferred: known by its name alone."""

    depth: dict[Object, int] = field(default_factory=dict)
    inferred: set[Object] = field(default_factory=set)

    @property
    def members(self) -> tuple[Object, ...]:
        """Everyone, the top first."""
        return tuple(sorted(self.depth, key=lambda one: (self.depth[one], one)))


def family(engine: Engine, subject: Subject) -> Family:
    """Owners up to the top and all that is below them; with the nodes and claims of the pods.

    The engine holds the subject's cluster and, if it has one, its namespace. The pods of a node are its family, their
    owners are not; the siblings of a pod are, for they come from the same rollout.
    """
    me = (subject.kind, subject.name)
    if subject.kind == "Node":
        pods = [
            _pair(row, "kind", "name")
            for row in _relations(engine, None, "relation = 'node' AND parent_name = $me", me)
        ]
        return Family({me: 0, **dict.fromkeys(pods, 1)})
    rows = _relations(engine, first_word(subject.name), "relation <> 'node'")
    owners = _edges(row for row in rows if row["relation"] in _OWNING)
    top = _tops(me, owners)
    found = Family(_below(top, owners))
    found.inferred = _inferred(rows, found.depth)
    for row in rows:
        claim, pod = _pair(row, "parent_kind", "parent_name"), _pair(row, "kind", "name")
        if row["relation"] == "volume" and (pod in found.depth or claim == me):
            found.depth.setdefault(claim, max(found.depth.get(pod, 1) - 1, 0))
            found.depth.setdefault(pod, found.depth[claim] + 1)
    return found


def nodes(engine: Engine, pods: Iterable[Object]) -> set[Object]:
    """The nodes that run the pods."""
    names = [name for kind, name in pods if kind == "Pod"]
    batches = engine.batches(_NODES, {"names": names}) if names else ()
    return {("Node", row["node"]) for batch in batches for row in batch.to_pylist()}


def created(engine: Engine, subject: Subject) -> int | None:
    """When an owner first said that it made the object, in nanoseconds since 1970."""
    parameters = {"prefix": first_word(subject.name), "kind": subject.kind, "name": subject.name}
    batches = engine.batches(_CREATED, parameters)
    return next((row["at"] for batch in batches for row in batch.to_pylist()), None)


def _relations(engine: Engine, prefix: str | None, condition: str, me: Object | None = None) -> list[dict[str, Any]]:
    parameters = {"prefix": prefix} | ({"me": me[1]} if me else {})
    batches = engine.batches(f"{_RELATIONS} WHERE {condition}", parameters)
    return [row for batch in batches for row in batch.to_pylist()]


def _edges(rows: Iterable[Mapping[str, Any]]) -> list[tuple[Object, Object]]:
    return [(_pair(row, "parent_kind", "parent_name"), _pair(row, "kind", "name")) for row in rows]


def _pair(row: Mapping[str, Any], kind: str, name: str) -> Object:
    return row[kind], row[name]


def _tops(me: Object, edges: list[tuple[Object, Object]]) -> set[Object]:
    """The owners above that nobody owns."""
    parents: dict[Object, set[Object]] = {}
    for parent, child in edges:
        parents.setdefault(child, set()).add(parent)
    tops, seen, waiting = set(), {me}, [me]
    while waiting:
        one = waiting.pop()
        above = parents.get(one, set()) - seen
        if not parents.get(one):
            tops.add(one)
        seen |= above
        waiting += above
    return tops or {me}  # a circle, which only invented events can draw


def _below(tops: set[Object], edges: list[tuple[Object, Object]]) -> dict[Object, int]:
    children: dict[Object, set[Object]] = {}
    for parent, child in edges:
        children.setdefault(parent, set()).add(child)
    depth: dict[Object, int] = {}
    level, at = set(tops), 0
    while level:
        depth |= dict.fromkeys(level, at)
        level = {child for one in level for child in children.get(one, ())} - depth.keys()
        at += 1
    return depth


def _inferred(rows: Iterable[Mapping[str, Any]], members: Mapping[Object, int]) -> set[Object]:
    """Members that no event ties to another member."""
    tied: set[Object] = set()
    guessed: set[Object] = set()
    for row in rows:
        pair = {_pair(row, "parent_kind", "parent_name"), _pair(row, "kind", "name")}
        if pair <= members.keys():
            if row["how"] == "inferred":
                guessed |= pair
            else:
                tied |= pair
    return guessed - tied
