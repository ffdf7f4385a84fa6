"""Exit codes, from the tree of errors."""

from __future__ import annotations

from kevents import errors
from kevents.cli.topics.page import Page

_MEANINGS = {
    errors.KeventsError: "a bug, or nothing more precise",
    errors.UsageError: "the command line: a flag, a time, a pattern, config.toml",
    errors.SourceError: "where events come from: a file, an archive, a cluster",
    errors.StoreError: "where events rest: the store's directory, its files, its lock",
    errors.QueryError: "what was asked: SQL, a report, an object that nobody knows",
}


def page() -> Page:
    return (
        "The exit status says where a failure is. No events found is an answer, and no failure.",
        (
            ("0", "answered, even with nothing"),
            *((str(kind.exit_status), means) for kind, means in _MEANINGS.items()),
            ("130", "interrupted: Ctrl-C"),
            ("141", "the reader of standard output went away"),
        ),
        "An error is one sentence on standard error, and below it what to do. Files of an import that cannot be read to"
        " the end make it 3; what was good is kept.",
    )
