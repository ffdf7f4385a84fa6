"""Coverage: for which spans of time a cluster was watched, listed or imported, and the gaps between."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

ALL = "*"  # the scope of all namespaces; every other scope is a namespace's name


class State(StrEnum):
    WATCHED = "watched"  # every update was taken
    LISTED = "listed"  # the latest state of what the cluster held at that moment was taken
    IMPORTED = "imported"  # a dump told of this time; of what, only its makers know
    GAP = "gap"  # nobody watched


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time of one scope. cause, recovered and detail are a gap's, in the words of the live source."""

    scope: str
    state: State
    start: datetime
    end: datetime
    cause: str | None = None
    recovered: str | None = None  # all: it came late, nothing is missing; latest: updates in between are lost
    detail: str | None = None
