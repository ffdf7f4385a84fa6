"""What TYPE/NAME means in a store: one object, or what was probably meant instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kevents.errors import QueryError, UsageError
from kevents.escape import escape
from kevents.query.kinds import CLUSTER_SCOPED, KINDS, parse_kind
from kevents.query.pattern import Pattern
from kevents.suggest import nearest

if TYPE_CHECKING:
    from kevents.query.engine import Engine

_NAMED = 8  # candidates that an error names
_ALIKE = 0.8  # of 1: how much a name must look like the one that was typed

_FOUND = """
SELECT cluster, namespace, kind, name, max(last_seen) AS last_seen
FROM stored.observations
GROUP BY ALL
ORDER BY ALL
"""
_RELATIVE = """
SELECT DISTINCT cluster, namespace
FROM stored.relations_with_prefix($prefix)
WHERE (parent_kind = $kind AND parent_name = $name) OR (kind = $kind AND name = $name)
ORDER BY ALL
"""
# the same name under another kind comes first, then names that begin with it, then those that look like it
_NEAR = """
WITH objects AS (SELECT DISTINCT cluster, namespace, kind, name FROM stored.observations WHERE kind IS NOT NULL),

alike AS (
    SELECT
        *,
        (name = $name)::INTEGER AS is_same,
        (kind = $kind)::INTEGER AS is_kind,
        CASE
            WHEN starts_with(name, $name) THEN 1
            WHEN left(name, 1) = left($name, 1) OR kind = $kind THEN jaro_winkler_similarity(name, $name)
            ELSE 0
        END AS likeness
    FROM objects
)

SELECT cluster, namespace, kind, name
FROM alike
WHERE is_same = 1 OR likeness >= $least
ORDER BY is_same DESC, is_kind DESC, likeness DESC, name, kind, namespace, cluster
LIMIT $most
"""
_NAMES = """
SELECT DISTINCT kind, name
FROM stored.observations
WHERE starts_with(name, $prefix) AND kind IS NOT NULL
ORDER BY name, kind
LIMIT $most
"""


@dataclass(frozen=True)
class Subject:
    """One object. namespace: None where its kind has none, wherever its events live."""

    cluster: str
    namespace: str | None
    kind: str
    name: str

    @property
    def place(self) -> str:
        """`Pod shop/web-1`, for a sentence."""
        where = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind} {where}{self.name}"


def parse(words: Iterable[str], command: str = "describe") -> tuple[str, str]:
    """The type and the name that a command is given, which kubectl takes as `pod/web-1` and as `pod web-1`."""
    given = tuple(words)
    parts = given[0].split("/", 1) if len(given) == 1 else given
    if len(parts) != 2 or not all(parts):
        raise UsageError(
            f'{command} takes one TYPE/NAME, not "{" ".join(given)}"',
            "Such as pod/web-1, deploy/web, or node worker-2.",
        )
    kind, name = parts
    if not Pattern.parse(name).is_exact:
        raise UsageError(f'{command} takes one object, not "{name}"', f"kevents list --name '{name}' lists several.")
    return kind, name


def find(engine: Engine, kind: str, name: str) -> Subject | None:
    """The one object of that type and name, if there is one, of those that the engine's selection leaves."""
    rows = engine.rows(_FOUND)
    found = list(
        dict.fromkeys(
            Subject(
                row["cluster"], None if row["kind"] in CLUSTER_SCOPED else row["namespace"], row["kind"], row["name"]
            )
            for row in rows
        )
    )
    if len(found) > 1:
        raise _ambiguous(f"{kind}/{name}", found)
    return found[0] if found else None


def find_relative(engine: Engine, kind: str, name: str) -> Subject | None:
    """An object that has no event left, but relatives that have. The engine holds all that may be one."""
    meant = parse_kind(kind).kind
    parameters = {"prefix": None if meant == "Node" else first_word(name), "kind": meant, "name": name}
    rows = engine.rows(_RELATIVE, parameters)
    is_scoped = meant in CLUSTER_SCOPED
    found = list(
        dict.fromkeys(Subject(row["cluster"], None if is_scoped else row["namespace"], meant, name) for row in rows)
    )
    if len(found) > 1:
        raise _ambiguous(f"{kind}/{name}", found)
    return found[0] if found else None


def first_word(name: str) -> str:
    """What the names of owners and owned have in common at least."""
    return name.split("-", 1)[0]


def unknown(engine: Engine, kind: str, name: str, cluster: str | None = None) -> QueryError:
    """The error for an object without events, with similar names. The engine holds all objects.

    cluster: the label of the cluster that was asked as well.
    """
    meant = parse_kind(kind).kind
    parameters: dict[str, str | float] = {"kind": meant, "name": name, "least": _ALIKE, "most": _NAMED}
    near = [_named(row) for row in engine.rows(_NEAR, parameters)]
    hint = f"Similar: {', '.join(dict.fromkeys(near))}." if near else "kevents list shows what is in the store."
    if not parse_kind(kind).is_known and (type_ := nearest(kind, map(str.lower, KINDS))):
        hint = f"Did you mean the type {type_}? {hint}"
    where = f"the store or cluster {cluster}" if cluster else "the store"
    return QueryError(f"no events for {escape(kind)}/{escape(name)} in {where}", hint)


def _ambiguous(named: str, found: list[Subject]) -> UsageError:
    clusters = sorted({one.cluster for one in found})
    if len(clusters) > 1:
        chosen, flag, several = clusters, "--cluster", "clusters"
    elif len(kinds := sorted({one.kind for one in found})) > 1:
        return UsageError(f"{named} may be of several kinds: {', '.join(kinds)}", "Write the kind in full.")
    else:
        chosen, flag, several = sorted({one.namespace or "" for one in found}), "-n", "namespaces"
    shown = ", ".join(map(escape, chosen[:_NAMED])) + (", …" if len(chosen) > _NAMED else "")
    return UsageError(f"{escape(named)} is in {len(chosen)} {several}: {shown}", f"Choose one with {flag} {chosen[0]}.")


def _named(row: dict[str, Any]) -> str:
    where = "" if row["kind"] in CLUSTER_SCOPED or not row["namespace"] else f" in {escape(row['namespace'])}"
    return f"{escape(row['kind'].lower())}/{escape(row['name'])}{where}"
