"""Finds the object that TYPE/NAME refers to, or suggests similar ones."""

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

_MAX_SUGGESTIONS = 8
_MIN_SIMILARITY = 0.8  # from 0 to 1 (identical), between the typed name and a suggestion

_OBJECTS = """
SELECT DISTINCT cluster, namespace, kind, name
FROM stored.observations
ORDER BY ALL
"""
_IN_RELATIONS = """
SELECT DISTINCT cluster, namespace
FROM stored.relations_with_prefix($prefix)
WHERE (parent_kind = $kind AND parent_name = $name) OR (kind = $kind AND name = $name)
ORDER BY ALL
"""
# the same name with another kind first, then names that start with it, then similar names
_SIMILAR = """
WITH objects AS (SELECT DISTINCT cluster, namespace, kind, name FROM stored.observations WHERE kind IS NOT NULL),

rated AS (
    SELECT
        *,
        (name = $name)::INTEGER AS is_same_name,
        (kind = $kind)::INTEGER AS is_same_kind,
        CASE
            WHEN starts_with(name, $name) THEN 1
            WHEN left(name, 1) = left($name, 1) OR kind = $kind THEN jaro_winkler_similarity(name, $name)
            ELSE 0
        END AS similarity
    FROM objects
)

SELECT cluster, namespace, kind, name
FROM rated
WHERE is_same_name = 1 OR similarity >= $min_similarity
ORDER BY is_same_name DESC, is_same_kind DESC, similarity DESC, name, kind, namespace, cluster
LIMIT $limit
"""


@dataclass(frozen=True)
class Subject:
    """One object. namespace: None if its kind has none, whatever the namespace of its events."""

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
    """The type and name in the arguments of a command: `pod/web-1` or `pod web-1`, as in kubectl."""
    arguments = tuple(words)
    parts = arguments[0].split("/", 1) if len(arguments) == 1 else arguments
    if len(parts) != 2 or not all(parts):
        raise UsageError(
            f'{command} takes one TYPE/NAME, not "{" ".join(arguments)}"',
            "Examples: pod/web-1, deploy/web, node worker-2.",
        )
    kind, name = parts
    if not Pattern.parse(name).is_exact:
        raise UsageError(
            f'{command} takes one object, not "{name}"',
            f"kevents list --name '{name}' lists events of several objects.",
        )
    return kind, name


def find(engine: Engine, kind: str, name: str) -> Subject | None:
    """The one object of that type and name in the engine's selection; None if there is none."""
    subjects = list(
        dict.fromkeys(
            Subject(
                row["cluster"], None if row["kind"] in CLUSTER_SCOPED else row["namespace"], row["kind"], row["name"]
            )
            for row in engine.rows(_OBJECTS)
        )
    )
    if len(subjects) > 1:
        raise _ambiguous(f"{kind}/{name}", subjects)
    return subjects[0] if subjects else None


def find_relative(engine: Engine, kind: str, name: str) -> Subject | None:
    """An object without events, if events of its relatives name it. The engine selects all possible relatives."""
    full_kind = parse_kind(kind).kind
    parameters = {"prefix": None if full_kind == "Node" else first_word(name), "kind": full_kind, "name": name}
    rows = engine.rows(_IN_RELATIONS, parameters)
    has_namespace = full_kind not in CLUSTER_SCOPED
    subjects = list(
        dict.fromkeys(
            Subject(row["cluster"], row["namespace"] if has_namespace else None, full_kind, name) for row in rows
        )
    )
    if len(subjects) > 1:
        raise _ambiguous(f"{kind}/{name}", subjects)
    return subjects[0] if subjects else None


def first_word(name: str) -> str:
    """The prefix that the names of an owner and its children share at least."""
    return name.split("-", 1)[0]


def unknown(engine: Engine, kind: str, name: str, cluster: str | None = None) -> QueryError:
    """The error for an object without events, with similar names. The engine selects all objects.

    cluster: the label of the cluster, if it was asked as well.
    """
    parsed = parse_kind(kind)
    parameters: dict[str, str | float] = {
        "kind": parsed.kind,
        "name": name,
        "min_similarity": _MIN_SIMILARITY,
        "limit": _MAX_SUGGESTIONS,
    }
    similar = [_place(row) for row in engine.rows(_SIMILAR, parameters)]
    hint = f"Similar: {', '.join(dict.fromkeys(similar))}." if similar else "kevents list shows what is in the store."
    if not parsed.is_known and (type_ := nearest(kind, map(str.lower, KINDS))):
        hint = f"Did you mean the type {type_}? {hint}"
    where = f"the store or cluster {cluster}" if cluster else "the store"
    return QueryError(f"no events for {escape(kind)}/{escape(name)} in {where}", hint)


def _ambiguous(name: str, subjects: list[Subject]) -> UsageError:
    clusters = sorted({subject.cluster for subject in subjects})
    if len(clusters) > 1:
        choices, flag, noun = clusters, "--cluster", "clusters"
    elif len(kinds := sorted({subject.kind for subject in subjects})) > 1:
        return UsageError(f"{name} matches several kinds: {', '.join(kinds)}", "Write the kind in full.")
    else:
        choices, flag, noun = sorted({subject.namespace or "" for subject in subjects}), "-n", "namespaces"
    listed = ", ".join(map(escape, choices[:_MAX_SUGGESTIONS])) + (", …" if len(choices) > _MAX_SUGGESTIONS else "")
    return UsageError(f"{escape(name)} is in {len(choices)} {noun}: {listed}", f"Choose one with {flag} {choices[0]}.")


def _place(row: dict[str, Any]) -> str:
    """`pod/web-1 in shop`."""
    where = "" if row["kind"] in CLUSTER_SCOPED or not row["namespace"] else f" in {escape(row['namespace'])}"
    return f"{escape(row['kind'].lower())}/{escape(row['name'])}{where}"
