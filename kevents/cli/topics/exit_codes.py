"""Exit codes, from the exit statuses that kevents defines."""

from __future__ import annotations

from kevents.cli.topics.page import Page
from kevents.errors import ExitStatus


def page() -> Page:
    return (
        "The exit status shows what kind of failure occurred. A query without results succeeds.",
        tuple((str(int(status)), status.meaning) for status in ExitStatus),
        "Errors are one line on stderr followed by a hint. If an import file can't be read completely, the rest is kept"
        " and the exit status is 3.",
    )
