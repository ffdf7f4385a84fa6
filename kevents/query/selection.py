"""The selection: which events a question is about, the same filters for every report and for users' SQL."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from kevents.errors import UsageError
from kevents.event.severity import CATEGORIES, SEVERITIES
from kevents.suggest import hint

Values = tuple[str, ...]


@dataclass(frozen=True)
class Selection:
    """Who and when. Of the values of one filter any may match, a value with `!` before it must not; filters add up.

    Names may hold `*`. objects are TYPE/NAME, greps regular expressions. A severity means itself and what is worse,
    with `=` or `!` before it itself alone. since is part of the window, until is not.
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
            raise UsageError("--since is not before --until, so nothing can lie between them")
        for named in self.objects:
            split_object(named)
        _check("severity", self.severities, SEVERITIES)
        _check("category", self.categories, CATEGORIES)

    def has_cluster(self, cluster: str) -> bool:
        """Whether the filter on clusters lets this one through."""
        wanted = [value for value in self.clusters if not value.startswith("!")]
        unwanted = [value[1:] for value in self.clusters if value.startswith("!")]
        is_wanted = not wanted or any(_matches(cluster, value) for value in wanted)
        return is_wanted and not any(_matches(cluster, value) for value in unwanted)


def _check(what: str, values: Values, allowed: Iterable[str]) -> None:
    for value in values:
        word = value.removeprefix("!").removeprefix("=")
        if word.lower() not in allowed:
            raise UsageError(f'there is no {what} "{word}"', hint(word, allowed))


def _matches(text: str, value: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, value.split("*"))), text, re.DOTALL) is not None


def values_of(flag: Iterable[str] | None, marks: str = "!") -> Values:
    """The values of a flag that may be repeated and may hold several with commas; the mark of `!a,b` is for both."""
    values: list[str] = []
    for text in flag or ():
        mark = text[:1] if text[:1] in marks else ""
        for part in text.split(","):
            value = part.strip()
            values.append(mark + value if value and value[0] not in marks else value)
    return tuple(value for value in values if value and value not in marks)


def split_object(named: str) -> tuple[str, str]:
    """TYPE and NAME of --for."""
    kind, _, name = named.removeprefix("!").partition("/")
    if not kind or not name:
        raise UsageError(f'--for takes TYPE/NAME, not "{named}"', "Such as pod/web-1 or deploy/web.")
    return kind, name
