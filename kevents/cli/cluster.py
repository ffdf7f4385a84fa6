"""From flags to a cluster: the connection, the namespaces, and being asked to stop."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from kevents.errors import UsageError
from kevents.query.pattern import are_exact

if TYPE_CHECKING:
    from kevents.cli.flags import ConnectionFlags
    from kevents.cli.terminal import Terminal
    from kevents.source.cluster.client import Environment, Flags, Kube
    from kevents.source.cluster.updates import Scope


def cluster_of(flags: ConnectionFlags, terminal: Terminal) -> Kube:
    """The cluster that kubectl would talk to with these flags."""
    from kevents.source.cluster.client import connect

    return connect(*connection_of(flags, terminal))


def connection_of(flags: ConnectionFlags, terminal: Terminal) -> tuple[Flags, Environment]:
    """How that cluster would be reached."""
    from kevents import clock
    from kevents.source.cluster.client import Environment, Flags

    wanted = Flags(
        kubeconfig=Path(flags.kubeconfig) if flags.kubeconfig else None,
        context=flags.kube_context,
        cluster_entry=flags.kube_cluster,
        user=flags.user,
        as_user=flags.as_,
        as_groups=tuple(flags.as_group or ()),
        request_timeout=_seconds(flags.request_timeout),
    )
    around = Environment(terminal.env, Path.home(), clock.now, interactive=sys.stdin is not None and sys.stdin.isatty())
    return wanted, around


def scopes_of(namespaces: Sequence[str], usual: str, *, everywhere: bool) -> tuple[Scope, ...]:
    """What to list and watch, as kubectl has it: the context's namespace unless others are named, or all.

    Names with `*` or `!` before them can only be sorted out where all namespaces are watched.
    """
    from kevents.source.cluster.updates import Scope

    if everywhere or not are_exact(namespaces):
        return (Scope(),)
    return tuple(map(Scope, dict.fromkeys(namespaces or (usual,))))


@contextmanager
def stops(ask: Callable[[], None]) -> Iterator[list[int]]:
    """Within the block, SIGINT and SIGTERM ask to stop; a second one ends the process at once.

    The list holds the signals that came.
    """
    came: list[int] = []

    def heard(number: int, _: FrameType | None) -> None:
        if came:
            os._exit(128 + number)
        came.append(number)
        ask()

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, heard) for number in numbers]
    try:
        yield came
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _seconds(timeout: str | None) -> float | None:
    """kubectl's --request-timeout: seconds, or a duration; 0 for none."""
    from kevents.clock import parse_duration

    if timeout is None:
        return None
    seconds = float(timeout) if timeout.isdecimal() else parse_duration(timeout).total_seconds()
    if seconds < 0:
        raise UsageError("--request-timeout cannot be negative")
    return seconds or None
