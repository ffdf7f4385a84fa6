"""What a command needs to use a live cluster: the connection, the namespaces, and the signals that stop it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, TextIO

from kevents.errors import UsageError
from kevents.query.pattern import are_exact

if TYPE_CHECKING:
    from kevents.cli.flags import ConnectionFlags
    from kevents.cli.terminal import Terminal
    from kevents.source.cluster.client import Environment, Flags, Kube
    from kevents.source.cluster.updates import Scope


def cluster_of(flags: ConnectionFlags, terminal: Terminal) -> Kube:
    """The cluster that kubectl would use with these flags."""
    from kevents.source.cluster.client import connect

    return connect(*connection_of(flags, terminal))


def connection_of(flags: ConnectionFlags, terminal: Terminal) -> tuple[Flags, Environment]:
    """The connection flags and the environment for reaching that cluster."""
    from kevents import clock
    from kevents.source.cluster.client import Environment, Flags

    connection = Flags(
        kubeconfig=Path(flags.kubeconfig) if flags.kubeconfig else None,
        context=flags.kube_context,
        cluster_entry=flags.kube_cluster,
        user=flags.user,
        as_user=flags.as_,
        as_groups=tuple(flags.as_group or ()),
        request_timeout=_seconds(flags.request_timeout),
    )
    interactive = _is_inherited_terminal(terminal.stdin)
    return connection, Environment(terminal.env, Path.home(), clock.now, interactive=interactive)


def scopes_of(namespaces: Sequence[str], default: str, *, everywhere: bool) -> tuple[Scope, ...]:
    """What to list and watch, as in kubectl: the given namespaces, all of them, or the default one.

    Names with `*` or `!` are filtered later, so they need all namespaces.
    """
    from kevents.source.cluster.updates import Scope

    if everywhere or not are_exact(namespaces):
        return (Scope(),)
    return tuple(map(Scope, dict.fromkeys(namespaces or (default,))))


@contextmanager
def stop_on_signals(stop: Callable[[], None]) -> Iterator[list[int]]:
    """Within the block, call stop on SIGINT or SIGTERM; a second signal ends the process immediately.

    Yields the list of the signals received.
    """
    received: list[int] = []

    def handle(number: int, _: FrameType | None) -> None:
        if received:
            os._exit(128 + number)
        received.append(number)
        stop()

    numbers = (signal.SIGINT, signal.SIGTERM)
    earlier_handlers = [signal.signal(number, handle) for number in numbers]
    try:
        yield received
    finally:
        for number, handler in zip(numbers, earlier_handlers, strict=True):
            signal.signal(number, handler)


def _is_inherited_terminal(stdin: TextIO) -> bool:
    """Whether the stream is a terminal that child processes inherit.

    An exec plugin reads from the process's own standard input, whatever the command reads from.
    """
    try:
        return stdin.isatty() and stdin.fileno() == 0
    except (OSError, ValueError):  # not a file, or closed
        return False


def _seconds(timeout: str | None) -> float | None:
    """The value of --request-timeout, as in kubectl: seconds or a duration; 0 means no timeout."""
    from kevents.clock import parse_duration

    if timeout is None:
        return None
    seconds = float(timeout) if timeout.isdecimal() else parse_duration(timeout).total_seconds()
    if seconds < 0:
        raise UsageError("--request-timeout can't be negative")
    return seconds or None
