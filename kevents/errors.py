"""The error tree: one class for each exit status.

KeventsError        1  a bug, or nothing more precise
├── UsageError      2  the command line: a flag, a time expression, a pattern
├── SourceError     3  where events come from: a file, an archive, a cluster
├── StoreError      4  where events rest: the store's directory, its files, its lock
└── QueryError      5  what was asked: SQL, a report
"""


class KeventsError(Exception):
    """A failure that is told as one sentence, with a hint of what to do."""

    exit_status = 1

    def __init__(self, sentence: str, hint: str | None = None) -> None:
        super().__init__(sentence)
        self.hint = hint


class UsageError(KeventsError):
    exit_status = 2


class SourceError(KeventsError):
    exit_status = 3


class StoreError(KeventsError):
    exit_status = 4


class QueryError(KeventsError):
    exit_status = 5
