"""Help on exit codes, from the error classes."""

from __future__ import annotations

from kevents import errors
from kevents.cli.topics.page import Page

_MEANINGS = {
    errors.KeventsError: "internal error",
    errors.UsageError: "usage error: a flag, time, pattern or config.toml",
    errors.SourceError: "input error: a file, archive or cluster",
    errors.StoreError: "store error: the directory, its files or its lock",
    errors.QueryError: "query error: SQL, report or unknown object",
}


def page() -> Page:
    return (
        "The exit status shows what kind of error occurred. An empty result is not an error.",
        (
            ("0", "success (including no results)"),
            *((str(error.exit_status), meaning) for error, meaning in _MEANINGS.items()),
            ("130", "interrupted (Ctrl-C)"),
            ("141", "broken pipe"),
        ),
        "Errors are one line on stderr followed by a hint. If an import file can't be read completely, the rest is kept"
        " and the exit status is 3.",
    )
