"""Help on severities and categories."""

from __future__ import annotations

from kevents.cli.topics.page import Page
from kevents.event.severity import CATEGORIES, SEVERITY_MEANINGS


def page() -> Page:
    return (
        "The type of an event, Normal or Warning, is set by its sender and often doesn't show how bad it is:"
        " NodeNotReady is Normal. So kevents assigns a severity to each event, based on its reason:",
        tuple(SEVERITY_MEANINGS.items()),
        "--severity warning selects warning and worse, --severity =warning only warning, --severity '!info' everything"
        " except info. --category selects events by subject:",
        tuple(CATEGORIES.items()),
        "Use severity.toml to add reasons or change their severities. It is in the configuration directory, which"
        " kevents config show prints. severity and category are columns of every view and of -o wide.",
        [
            "kevents list --severity error --since 1d",
            "kevents reasons --by category --severity warning",
        ],
    )
