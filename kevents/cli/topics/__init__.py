"""The topics of `kevents help`: one module for each, whose function `page` returns its text."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from kevents.cli.topics.page import Page

TOPICS: Mapping[str, str] = {
    "times": "How to write times, durations and time zones.",
    "filters": "How to select events.",
    "severities": "Severity levels and categories.",
    "occurrences": "How counts and repeats are interpreted.",
    "coverage": "Time coverage and gaps.",
    "views": "SQL views and columns.",
    "formats": "Output formats.",
    "environment": "Environment variables.",
    "exit-codes": "What each exit status means.",
}


def page_of(topic: str) -> Page:
    """The text of a topic."""
    module = import_module(f"kevents.cli.topics.{topic.replace('-', '_')}")
    return cast("Callable[[], Page]", module.page)()
