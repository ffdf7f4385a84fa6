"""How bad an event is and what it is about, by its reason: the type is Normal or Warning by convention only."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

SEVERITIES = ("critical", "error", "warning", "notice", "info")  # the worst first


@dataclass(frozen=True)
class Case:
    """A case in which a reason means something else; what is None does not matter."""

    severity: str
    category: str
    message: str | None = None
    kind: str | None = None
    component: str | None = None


@dataclass(frozen=True)
class Rating:
    """What a reason means, and who sends it."""

    reason: str
    severity: str
    category: str
    by: str
    unless: tuple[Case, ...] = ()


@cache
def ratings() -> Mapping[str, Rating]:
    """The rating of every reason that is known, by the reason."""
    return parse(files("kevents.event").joinpath("severity.toml").read_text("utf-8"))


def parse(text: str) -> Mapping[str, Rating]:
    """The ratings that a file's text holds."""
    return {reason: _rating(reason, told) for reason, told in tomllib.loads(text).items()}


def _rating(reason: str, told: dict[str, Any]) -> Rating:
    unless = tuple(Case(**one) for one in told.pop("unless", ()))
    return Rating(reason=reason, unless=unless, **told)
