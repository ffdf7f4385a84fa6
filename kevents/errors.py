"""The exit statuses of kevents, and one error class for each status that means a failure."""

from __future__ import annotations

from enum import IntEnum, unique


@unique
class ExitStatus(IntEnum):
    """An exit status of a command. meaning: when it occurs, as shown in the help."""

    meaning: str

    def __new__(cls, value: int, meaning: str) -> ExitStatus:
        status = int.__new__(cls, value)
        status._value_ = value
        status.meaning = meaning
        return status

    OK = 0, "success (including no results)"
    ERROR = 1, "internal error: a bug in kevents"
    USAGE = 2, "usage error: a flag, a time, a pattern, config.toml"
    SOURCE = 3, "input error: a file, an archive, a cluster"
    STORE = 4, "store error: the store directory, its files, its lock"
    QUERY = 5, "query error: SQL, a report, an unknown object"
    HANGUP = 129, "ended by SIGHUP: the terminal was closed"
    INTERRUPTED = 130, "interrupted (Ctrl-C)"
    BROKEN_PIPE = 141, "broken pipe: the reader of standard output exited"
    TERMINATED = 143, "ended by SIGTERM"


class KeventsError(Exception):
    """A failure that is printed as one sentence, with a hint on how to fix it."""

    exit_status = ExitStatus.ERROR

    def __init__(self, sentence: str, hint: str | None = None) -> None:
        super().__init__(sentence)
        self.hint = hint


class UsageError(KeventsError):
    """The command line or the configuration is wrong."""

    exit_status = ExitStatus.USAGE


class SourceError(KeventsError):
    """A file, an archive or a cluster cannot be read."""

    exit_status = ExitStatus.SOURCE


class StoreError(KeventsError):
    """The store directory, one of its files or its lock cannot be used."""

    exit_status = ExitStatus.STORE


class QueryError(KeventsError):
    """SQL or a report cannot be run, or the object does not exist."""

    exit_status = ExitStatus.QUERY


class OutOfMemoryError(QueryError):
    """A query needs more memory, or more temporary disk space, than it may use."""


class Terminated(BaseException):
    """The process was asked to end. exit_status: that of the signal."""

    def __init__(self, exit_status: ExitStatus) -> None:
        super().__init__(exit_status)
        self.exit_status = exit_status


class QueryStillRuns(BaseException):
    """A query does not stop after an interruption, which is the cause of this. Only the end of the process stops it."""
