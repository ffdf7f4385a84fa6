"""Severities and categories."""

from __future__ import annotations

from kevents.cli.topics.page import Page
from kevents.event.severity import CATEGORIES, SEVERITY_MEANINGS


def page() -> Page:
    return (
        "An event's type is Normal or Warning by its sender's choice: NodeNotReady is Normal. So kevents rates events"
        " by their reason, from the worst:",
        tuple(SEVERITY_MEANINGS.items()),
        "--severity warning means that or worse, --severity =warning that alone, --severity '!info' all but that."
        " --category chooses by what an event is about:",
        tuple(CATEGORIES.items()),
        "A severity.toml in the configuration directory (kevents config show names it) adds reasons or rates them"
        " otherwise. Both are columns of every view, and of -o wide.",
        [
            "kevents list --severity error --since 1d",
            "kevents reasons --by category --severity warning",
        ],
    )
