"""The family of an object, from the view `relations`: its owners, what it owns, and the nodes that run its pods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from kevents.report.describe.subject import Subject, first_word

if TYPE_CHECKING:
    from kevents.query.engine import Engine

_OWNERSHIP = ("owner", "target")
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
    """The members by kind and name. depth: the number of owners above. inferred: members related by name only."""

    depth: dict[Object, int] = field(default_factory=dict)
    inferred: set[Object] = field(default_factory=set)

    def concerns(self, child: str | None) -> bool:
        """Whether an event that names this child, or none, is about the family. Events about siblings are not."""
        return child is None or tuple(child.split("/", 1)) in self.depth

    @property
    def members(self) -> tuple[Object, ...]:
        """All members, the top owner first."""
        return tuple(sorted(self.depth, key=lambda member: (self.depth[member], member)))


def family(engine: Engine, subject: Subject) -> Family:
    """The subject's owners up to the top, everything below it, and the volume claims of its pods; a node's pods.

    The engine selects the subject's cluster and, if it has one, its namespace.
    """
    own = (subject.kind, subject.name)
    if subject.kind == "Node":
        rows = _relations(engine, None, "relation = 'node' AND parent_name = $node", subject.name)
        pods = [_edge(row).child for row in rows]
        return Family({own: 0, **dict.fromkeys(pods, 1)})
    all_edges = [_edge(row) for row in _relations(engine, first_word(subject.name), "relation <> 'node'")]
    edges = [edge for edge in all_edges if edge.relation in _OWNERSHIP]
    above = _reachable({own}, {(edge.child, edge.parent) for edge in edges})
    below = _reachable({own}, {(edge.parent, edge.child) for edge in edges})
    result = Family(_depths(above | below, edges))
    result.inferred = _inferred(all_edges, result.depth)
    for edge in all_edges:
        if edge.relation == "volume" and (edge.child in result.depth or edge.parent == own):
            result.depth.setdefault(edge.parent, max(result.depth.get(edge.child, 1) - 1, 0))
            result.depth.setdefault(edge.child, result.depth[edge.parent] + 1)
    return result


def nodes(engine: Engine, objects: Iterable[Object]) -> set[Object]:
    """The nodes that run the pods among the objects."""
    names = [name for kind, name in objects if kind == "Pod"]
    return {("Node", row["node"]) for row in (engine.rows(_NODES, {"names": names}) if names else ())}


def created(engine: Engine, subject: Subject) -> tuple[int, ...]:
    """The times at which an owner's event reports creating the object, in nanoseconds since 1970."""
    parameters = {"prefix": first_word(subject.name), "kind": subject.kind, "name": subject.name}
    return tuple(row["at"] for row in engine.rows(_CREATED, parameters))


def _relations(engine: Engine, prefix: str | None, condition: str, node: str | None = None) -> list[dict[str, Any]]:
    parameters = {"prefix": prefix} | ({} if node is None else {"node": node})
    return engine.rows(f"{_RELATIONS} WHERE {condition}", parameters)


class _Edge(NamedTuple):
    parent: Object
    child: Object
    relation: str
    how: str


def _edge(row: Mapping[str, Any]) -> _Edge:
    parent, child = (row["parent_kind"], row["parent_name"]), (row["kind"], row["name"])
    return _Edge(parent, child, row["relation"], row["how"])


def _reachable(start: set[Object], steps: Iterable[tuple[Object, Object]]) -> set[Object]:
    """The start, and all objects that the steps lead to from there."""
    next_objects: dict[Object, set[Object]] = {}
    for source, target in steps:
        next_objects.setdefault(source, set()).add(target)
    reached, queue = set(start), list(start)
    while queue:
        new = next_objects.get(queue.pop(), set()) - reached
        reached |= new
        queue += new
    return reached


def _depths(members: set[Object], edges: Iterable[_Edge]) -> dict[Object, int]:
    """The number of owners above each member, on the shortest path."""
    children: dict[Object, set[Object]] = {}
    for edge in edges:
        if {edge.parent, edge.child} <= members:
            children.setdefault(edge.parent, set()).add(edge.child)
    owned = {child for below in children.values() for child in below}
    level = (members - owned) or members  # all are owned only in a cycle, which only forged events can form
    level_depth = 0
    depth: dict[Object, int] = {}
    while level:
        depth |= dict.fromkeys(level, level_depth)
        level = {child for member in level for child in children.get(member, ())} - depth.keys()
        level_depth += 1
    return depth


def _inferred(edges: Iterable[_Edge], members: Mapping[Object, int]) -> set[Object]:
    """Members that no event relates to another member; only their names do."""
    reported: set[Object] = set()
    guessed: set[Object] = set()
    for edge in edges:
        pair = {edge.parent, edge.child}
        if pair <= members.keys():
            (guessed if edge.how == "inferred" else reported).update(pair)
    return guessed - reported
