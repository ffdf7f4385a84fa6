"""What `kevents help TOPIC` explains: a file each, whose function `page` says it from what the code knows."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from kevents.cli.topics.page import Page

TOPICS: Mapping[str, str] = {
    "times": "What can be typed for a time, and in which zone.",
    "filters": "Which events a question is about.",
    "severities": "How bad an event is, and what it is about.",
    "occurrences": "What a count says, and what happened when.",
    "coverage": "What is known of which time, and what cannot be.",
    "views": "The tables that SQL asks, and their columns.",
    "formats": "How an answer can be written.",
    "environment": "The variables that kevents reads.",
    "exit-codes": "What the exit status says.",
}


def page_of(topic: str) -> Page:
    """What there is to say of a topic."""
    room = import_module(f"kevents.cli.topics.{topic.replace('-', '_')}")
    return cast("Callable[[], Page]", room.page)()
