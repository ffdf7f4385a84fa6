"""The signals of a watcher: observations, how far the time is covered, gaps and retries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from urllib.parse import quote

from kevents.event.version import EventVersion


@dataclass(frozen=True, slots=True)
class Scope:
    """The scope of a list and watch: one namespace or all namespaces."""

    namespace: str | None = None

    @property
    def path(self) -> str:
        """The path of core/v1 events on the API server."""
        return f"/api/v1/namespaces/{quote(self.namespace, safe='')}/events" if self.namespace else "/api/v1/events"

    def __str__(self) -> str:
        return f"namespace {self.namespace}" if self.namespace else "all namespaces"


class Origin(StrEnum):
    """The request that returned observations."""

    LIST = "list"
    WATCH = "watch"


class Cause(StrEnum):
    """Why a watch was interrupted."""

    STOPPED = "stopped"  # no recorder was running since the checkpoint
    EXPIRED = "expired"  # 410 in any form: etcd has compacted the resource version to resume from
    RESET = "reset"  # the list's version is lower than the checkpoint's: the cluster was restored or replaced
    AHEAD = "ahead"  # 504 ResourceVersionTooLarge: the server does not have the version yet
    SILENT = "silent"  # nothing was received for longer than a watch may last: a dead peer
    BROKEN = "broken"  # a connection reset or a truncated body
    BRIEF = "brief"  # a watch ended within a second, without a line
    UNREACHABLE = "unreachable"  # no connection: refused, unknown host, TLS
    THROTTLED = "throttled"  # 429
    SERVER = "server"  # 5xx, or an ERROR line in the stream
    CREDENTIALS = "credentials"  # 401, or no credentials could be obtained
    FORBIDDEN = "forbidden"  # 403
    FOREIGN = "foreign"  # the response is not an API server's: a proxy's HTML, a redirect


class Recovered(StrEnum):
    """How much of a gap was fetched later."""

    ALL = "all"  # the watch resumed from the version at which it had stopped: every missed update was fetched
    LATEST = "latest"  # a list returned the latest state of existing events; updates before it are lost


@dataclass(frozen=True, slots=True)
class ResumePoint:
    """A point to resume from: everything up to this version was handed over.

    at: the last contact with the server. last_event: the newest event then, which shows whether a cluster still has the
    same history.
    """

    resource_version: int
    at: datetime
    last_event: EventVersion | None = None


@dataclass(frozen=True, slots=True)
class Observations:
    """Events as written by the server: complete core/v1 documents with kind and apiVersion, one observation each.

    checkpoint: valid as soon as these documents, and all before them in this scope, are stored; None inside a list.
    """

    scope: Scope
    origin: Origin
    documents: list[bytes]
    at: datetime
    checkpoint: ResumePoint | None = None


@dataclass(frozen=True, slots=True)
class ListDone:
    """A list is complete; its items were handed over before."""

    scope: Scope
    checkpoint: ResumePoint
    items: int  # handed over
    older: int  # left out, because they are older than WatchOptions.since
    is_unpaged: bool = False  # requested without pages, because the continue token had expired


@dataclass(frozen=True, slots=True)
class WatchOpened:
    """The server accepted a watch. Only the next signal shows whether it can resume from this version."""

    scope: Scope
    resource_version: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The server responded: the scope is covered up to the time of the checkpoint."""

    scope: Scope
    checkpoint: ResumePoint


@dataclass(frozen=True, slots=True)
class Gap:
    """The scope was not watched from start to end. Sent at the end of the gap."""

    scope: Scope
    start: datetime
    end: datetime
    cause: Cause
    recovered: Recovered
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Retry:
    """A request failed and will be retried after a wait, in seconds."""

    scope: Scope
    wait: float
    cause: Cause
    detail: str
    attempt: int  # 1 for the first failure in a row


@dataclass(frozen=True, slots=True)
class LineCounts:
    """The number of lines that are not observations: deletions, bookmarks, unknown types, invalid JSON, …

    too_deep: the name of the scope's first event that is nested too deeply, if it is counted here.
    """

    scope: Scope
    counts: dict[str, int] = field(default_factory=dict)
    too_deep: str | None = None


Signal = Observations | ListDone | WatchOpened | Heartbeat | Gap | Retry | LineCounts
