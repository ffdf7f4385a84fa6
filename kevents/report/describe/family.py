"""The family of an object, rebuilt from the view `relations`: who owns it, what it owns, and what that runs on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from kevents.report.describe.subject import Subject, first_word

if TYPE_CHECKING:
    from kevents.query.engine import Engine

_OWNING = ("owner", "target")
_RELATIONS = "SELECT parent_kind, parent_name, kind, name, relation, how FROM stored.relations_with_prefix($prefix)"

_CREATED = """
SELECT DISTINCT unnest(
    [coalesce(name_time(first_seen, clock_ns), stored.nanoseconds(first_seen)), stored.nanoseconds(last_seen)]
) AS at
FROM stored.relation_sources($prefix)
WHERE reason = 'SuccessfulCreate' AND kind <> 'Pod' AND "day" IS NOT NULL
    AND stored.child_in_message(stored.strip_combined(message)) = {kind: $kind::VARCHAR, name: $name::VARCHAR}
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

    def concerns(self, named: str | None) -> bool:
        """Whether an event that names this child, if any, is about the family: a sibling's making is not."""
        return named is None or tuple(named.split("/", 1)) in self.depth

    @property
    def members(self) -> tuple[Object, ...]:
        """Everyone, the top first."""
        return tuple(sorted(self.depth, key=lambda one: (self.depth[one], one)))


def family(engine: Engine, subject: Subject) -> Family:
    """Owners up to the top and all that is below the subject, with the claims of the pods; the pods of a node.

    The engine holds the subject's cluster and, if it has one, its namespace.
    """
    me = (subject.kind, subject.name)
    if subject.kind == "Node":
        rows = _relations(engine, None, "relation = 'node' AND parent_name = $me", me)
        pods = [_edge(row).child for row in rows]
        return Family({me: 0, **dict.fromkeys(pods, 1)})
    rows = _relations(engine, first_word(subject.name), "relation <> 'node'")
    edges = [edge for edge in map(_edge, rows) if edge.relation in _OWNING]
    above = _reached({me}, {(edge.child, edge.parent) for edge in edges})
    below = _reached({me}, {(edge.parent, edge.child) for edge in edges})
    found = Family(_depths(above | below, edges))
    found.inferred = _inferred(map(_edge, rows), found.depth)
    for edge in map(_edge, rows):
        if edge.relation == "volume" and (edge.child in found.depth or edge.parent == me):
            found.depth.setdefault(edge.parent, max(found.depth.get(edge.child, 1) - 1, 0))
            found.depth.setdefault(edge.child, found.depth[edge.parent] + 1)
    return found


def nodes(engine: Engine, pods: Iterable[Object]) -> set[Object]:
    """The nodes that run the pods."""
    names = [name for kind, name in pods if kind == "Pod"]
    return {("Node", row["node"]) for row in (engine.rows(_NODES, {"names": names}) if names else ())}


def created(engine: Engine, subject: Subject) -> tuple[int, ...]:
    """When an owner said that it made the object, as far as that is known; in nanoseconds since 1970."""
    parameters = {"prefix": first_word(subject.name), "kind": subject.kind, "name": subject.name}
    return tuple(row["at"] for row in engine.rows(_CREATED, parameters))


def _relations(engine: Engine, prefix: str | None, condition: str, me: Object | None = None) -> list[dict[str, Any]]:
    parameters = {"prefix": prefix} | ({"me": me[1]} if me else {})
    return engine.rows(f"{_RELATIONS} WHERE {condition}", parameters)


class _Edge(NamedTuple):
    parent: Object
    child: Object
    relation: str
    how: str


def _edge(row: Mapping[str, Any]) -> _Edge:
    parent, child = (row["parent_kind"], row["parent_name"]), (row["kind"], row["name"])
    return _Edge(parent, child, row["relation"], row["how"])


def _reached(start: set[Object], steps: Iterable[tuple[Object, Object]]) -> set[Object]:
    """The start, and all that steps lead to from there."""
    onward: dict[Object, set[Object]] = {}
    for one, other in steps:
        onward.setdefault(one, set()).add(other)
    reached, waiting = set(start), list(start)
    while waiting:
        new = onward.get(waiting.pop(), set()) - reached
        reached |= new
        waiting += new
    return reached


def _depths(members: set[Object], edges: Iterable[_Edge]) -> dict[Object, int]:
    """How many owners stand above each member, by the shortest way down."""
    children: dict[Object, set[Object]] = {}
    for edge in edges:
        if {edge.parent, edge.child} <= members:
            children.setdefault(edge.parent, set()).add(edge.child)
    owned = {child for below in children.values() for child in below}
    level, at = (members - owned) or members, 0  # all are owned in a circle, which only invented events can draw
    depth: dict[Object, int] = {}
    while level:
        depth |= dict.fromkeys(level, at)
        level = {child for one in level for child in children.get(one, ())} - depth.keys()
        at += 1
    return depth


def _inferred(edges: Iterable[_Edge], members: Mapping[Object, int]) -> set[Object]:
    """Members that no event ties to another member."""
    tied: set[Object] = set()
    guessed: set[Object] = set()
    for edge in edges:
        pair = {edge.parent, edge.child}
        if pair <= members.keys():
            (guessed if edge.how == "inferred" else tied).update(pair)
    return guessed - tied
