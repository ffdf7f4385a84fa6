"""What a watch needs: the client, the scopes and where to start, clocks and timing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from kevents.source.cluster.backoff import Clock, Timing
from kevents.source.cluster.cancel import CancelToken
from kevents.source.cluster.response import Response
from kevents.source.cluster.updates import ResumePoint, Scope


class ApiClient(Protocol):
    """A client for GET requests: `kevents.source.cluster.client.Kube`."""

    def get(self, path: str, query: Mapping[str, str | int], *, read_timeout: float | None = None) -> Response: ...


@dataclass(frozen=True)
class WatchOptions:
    """Which scopes to watch, from where, and for how long.

    checkpoints: where to resume scopes that were watched before; other scopes start with a list. since: list items last
    seen before this time are ignored. follow: False to list once and end. retry_permanent: retry even permanent errors.
    """

    scopes: Sequence[Scope] = (Scope(),)
    checkpoints: Mapping[Scope, ResumePoint] = field(default_factory=dict)
    since: datetime | None = None
    follow: bool = True
    retry_permanent: bool = False


@dataclass(frozen=True)
class SharedContext:
    """The values that the reflectors of all scopes share."""

    kube: ApiClient
    options: WatchOptions
    token: CancelToken
    clock: Clock
    timing: Timing
