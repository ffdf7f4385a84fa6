"""What a watcher tells, one small value after another: observations, how far they reach, and what went wrong between."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Scope:
    """What one list and watch covers: one namespace, or all of them."""

    namespace: str | None = None

    @property
    def path(self) -> str:
        """The path of core/v1 events on the API server."""
        return f"/api/v1/namespaces/{quote(self.namespace, safe='')}/events" if self.namespace else "/api/v1/events"

    def __str__(self) -> str:
        return f"namespace {self.namespace}" if self.namespace else "all namespaces"


class Origin(StrEnum):
    LIST = "list"
    WATCH = "watch"


class Cause(StrEnum):
    """Why a watch did not go on."""

    STOPPED = "stopped"  # nobody was watching: from the checkpoint of an earlier run to this one's beginning
    EXPIRED = "expired"  # 410 in any of its forms: etcd compacted the version to go on from
    RESET = "reset"  # the list's version is below the checkpoint: the cluster's store was restored or replaced
    AHEAD = "ahead"  # 504 ResourceVersionTooLarge: the server does not know the version yet
    SILENT = "silent"  # nothing came for longer than a watch may last: a dead peer
    BROKEN = "broken"  # a reset, a truncated body
    BRIEF = "brief"  # a watch ended within a second, without a line
    UNREACHABLE = "unreachable"  # no connection: refused, unknown host, TLS
    THROTTLED = "throttled"  # 429
    SERVER = "server"  # 5xx, or an ERROR line in the stream
    CREDENTIALS = "credentials"  # 401, or credentials that cannot be had
    FORBIDDEN = "forbidden"  # 403
    FOREIGN = "foreign"  # an answer that is none of an API server's: a proxy's HTML, a redirect


class Recovered(StrEnum):
    """What of a gap was made good."""

    ALL = "all"  # the watch went on from the version where it stopped: every update came late, none is missing
    LATEST = "latest"  # a list gave the latest state of what the cluster still held; updates before that are lost


@dataclass(frozen=True, slots=True)
class ResumePoint:
    """Where to go on: everything up to this version was handed over, and the server was last heard at this moment."""

    resource_version: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Observations:
    """Events as the server wrote them: whole core/v1 documents, with kind and apiVersion, one observation each.

    checkpoint: safe to keep once these documents, and all before them of this scope, are; None inside a list.
    """

    scope: Scope
    origin: Origin
    documents: list[bytes]
    at: datetime
    checkpoint: ResumePoint | None = None


@dataclass(frozen=True, slots=True)
class ListDone:
    """A list is complete: all its items were handed over before."""

    scope: Scope
    checkpoint: ResumePoint
    items: int  # handed over
    older: int  # left out, being older than what was asked for
    whole: bool = False  # asked for without pages, because the continue token had expired


@dataclass(frozen=True, slots=True)
class Opened:
    """The server accepted a watch. Whether it can go on from that version shows with the next signal."""

    scope: Scope
    resource_version: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Contact:
    """The server was heard: the scope is covered up to the checkpoint's moment."""

    scope: Scope
    checkpoint: ResumePoint


@dataclass(frozen=True, slots=True)
class Gap:
    """The scope was not watched from start to end; told when it is over."""

    scope: Scope
    start: datetime
    end: datetime
    cause: Cause
    recovered: Recovered
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Retry:
    """Something failed and is tried again after a wait, in seconds."""

    scope: Scope
    wait: float
    cause: Cause
    detail: str
    attempt: int  # 1 for the first failure in a row


@dataclass(frozen=True, slots=True)
class LineCounts:
    """Lines that are no observations: deletions, bookmarks, unknown line types, lines that are no JSON, …"""

    scope: Scope
    counts: dict[str, int] = field(default_factory=dict)


Signal = Observations | ListDone | Opened | Contact | Gap | Retry | LineCounts
