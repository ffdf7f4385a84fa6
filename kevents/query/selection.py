"""The selection: the filters and the time window that every report and users' SQL share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from kevents.errors import UsageError
from kevents.event.severity import CATEGORIES, SEVERITIES
from kevents.query.pattern import EXCLUDE, Pattern, excluded, included
from kevents.suggest import hint

Values = tuple[str, ...]


@dataclass(frozen=True)
class Selection:
    """Which events a report is about. Different filters are ANDed; the values of one filter are ORed.

    Values are patterns (query/pattern.py). objects are TYPE/NAME, greps are regular expressions. A severity selects
    that level and worse ones, with `=` only that level. since is inclusive, until exclusive.
    """

    clusters: Values = ()
    namespaces: Values = ()
    kinds: Values = ()
    names: Values = ()
    objects: Values = ()
    reasons: Values = ()
    types: Values = ()
    nodes: Values = ()
    components: Values = ()
    severities: Values = ()
    categories: Values = ()
    greps: Values = ()
    since: datetime | None = None
    until: datetime | None = None
    min_count: int | None = None

    def __post_init__(self) -> None:
        if self.since and self.until and self.since >= self.until:
            raise UsageError("--since must be before --until")
        for value in self.objects:
            split_object(value)
        _check("severity", self.severities, SEVERITIES)
        _check("category", self.categories, CATEGORIES)

    def has_cluster(self, cluster: str) -> bool:
        """Whether the cluster filter selects this cluster."""
        selected = included(self.clusters)
        is_selected = not selected or any(pattern.matches(cluster) for pattern in selected)
        return is_selected and not any(pattern.matches(cluster) for pattern in excluded(self.clusters))


def _check(noun: str, values: Values, allowed: Iterable[str]) -> None:
    for value in values:
        word = Pattern.parse(value).text.removeprefix("=")
        if word.lower() not in allowed:
            raise UsageError(f'unknown {noun} "{word}"', hint(word, allowed))


def values_of(flag: Iterable[str] | None, marks: str = EXCLUDE) -> Values:
    """The values of a flag that may be repeated and may hold several values with commas.

    A mark before the first of them is for all of them: `!a,b` excludes a and b.
    """
    values: list[str] = []
    for text in flag or ():
        mark = text[:1] if text[:1] in marks else ""
        for part in text.split(","):
            value = part.strip()
            values.append(mark + value if value and value[0] not in marks else value)
    return tuple(value for value in values if value and value not in marks)


def split_object(value: str) -> tuple[str, str]:
    """TYPE and NAME of a value of --for."""
    kind, _, name = Pattern.parse(value).text.partition("/")
    if not kind or not name:
        raise UsageError(f'--for takes TYPE/NAME, not "{value}"', "For example pod/web-1 or deploy/web.")
    return kind, name
