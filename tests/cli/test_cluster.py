"""What commands need to use a live cluster: connection flags, namespaces, and stop signals."""

from __future__ import annotations

import os
import pty
import signal
import sys
from collections.abc import Iterator
from typing import TextIO

import pytest

from kevents.cli.cluster import connection_of, scopes_of, stop_on_signals
from kevents.cli.flags import ConnectionFlags
from kevents.cli.terminal import Terminal
from kevents.errors import UsageError
from kevents.source.cluster.updates import Scope
from tests.cli.conftest import Stream


def is_interactive(stdin: TextIO) -> bool:
    _, environment = connection_of(ConnectionFlags(), Terminal(stdin, Stream(), Stream()))
    return environment.interactive


@pytest.fixture
def terminal_as_stdin() -> Iterator[None]:
    """Makes a terminal the standard input of this process."""
    earlier = os.dup(0)
    parent_end, child_end = pty.openpty()
    os.dup2(child_end, 0)
    yield
    os.dup2(earlier, 0)
    for descriptor in (earlier, parent_end, child_end):
        os.close(descriptor)


@pytest.mark.usefixtures("terminal_as_stdin")
def test_an_exec_plugin_can_ask_only_if_the_command_reads_from_the_terminal():
    with open(0, closefd=False) as stdin:
        assert is_interactive(stdin)
    assert not is_interactive(Stream())


def test_an_exec_plugin_can_not_ask_on_a_terminal_that_it_does_not_inherit():
    assert not is_interactive(Stream(is_terminal=True))
    parent_end, child_end = pty.openpty()
    with os.fdopen(child_end) as stdin:
        assert stdin.isatty()
        assert not is_interactive(stdin)
    os.close(parent_end)


def test_an_exec_plugin_can_not_ask_if_standard_input_is_closed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "stdin", None)
    terminal = Terminal.of_process()
    assert terminal.stdin.read() == ""
    assert not is_interactive(Terminal.of_process().stdin)


@pytest.mark.parametrize(
    ("namespaces", "everywhere", "scopes"),
    [
        ((), False, [Scope("shop")]),
        (("pay", "pay", "web"), False, [Scope("pay"), Scope("web")]),
        (("pay",), True, [Scope()]),
        (("!pay",), False, [Scope()]),
        (("pay-*",), False, [Scope()]),
    ],
)
def test_namespaces_work_as_in_kubectl(namespaces: tuple[str, ...], everywhere: bool, scopes: list[Scope]):
    assert list(scopes_of(namespaces, "shop", everywhere=everywhere)) == scopes


def test_a_signal_calls_stop_and_the_handlers_are_restored():
    earlier = signal.getsignal(signal.SIGTERM)
    calls: list[str] = []
    with stop_on_signals(lambda: calls.append("stop")) as received:
        os.kill(os.getpid(), signal.SIGTERM)
        assert (calls, received) == (["stop"], [signal.SIGTERM])
    assert signal.getsignal(signal.SIGTERM) is earlier


@pytest.mark.parametrize(("text", "seconds"), [(None, None), ("0", None), ("30", 30), ("1m", 60), ("1.5s", 1.5)])
def test_the_request_timeout_is_in_seconds_or_a_duration(text: str | None, seconds: float | None):
    flags, _ = connection_of(ConnectionFlags(request_timeout=text), Terminal(Stream(), Stream(), Stream()))
    assert flags.request_timeout == seconds


def test_an_invalid_request_timeout_is_a_usage_error():
    with pytest.raises(UsageError):
        connection_of(ConnectionFlags(request_timeout="soon"), Terminal(Stream(), Stream(), Stream()))
