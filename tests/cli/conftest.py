"""Runs command lines on a small store."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kevents.cli.main import main
from kevents.cli.terminal import Terminal
from tests.screen import Screen

Run = Callable[..., Screen]


class Stream(io.TextIOWrapper):
    """A stream in memory that can pose as a terminal."""

    def __init__(self, text: str = "", *, is_terminal: bool = False) -> None:
        super().__init__(io.BytesIO(text.encode()), encoding="utf-8", write_through=True)
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal

    @property
    def written(self) -> str:
        return self.buffer.getvalue().decode()  # type: ignore[attr-defined,no-any-return]


def event(n: int, time: str, **fields: Any) -> dict[str, Any]:
    """A core/v1 Event of 2026-11-20 about pod web-n. fields: override the defaults."""
    time_seen = f"2026-11-20T{time}Z"
    defaults: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"web-{n}.{n}", "namespace": "shop", "uid": f"00000000-0000-4000-8000-{n:012}"},
        "involvedObject": {"kind": "Pod", "namespace": "shop", "name": f"web-{n}"},
        "reason": "Started",
        "message": "Started container app",
        "source": {"component": "kubelet", "host": "node-a"},
        "firstTimestamp": time_seen,
        "lastTimestamp": time_seen,
        "count": 1,
        "type": "Normal",
    }
    return defaults | fields


EVENTS = [
    event(1, "09:00:00"),
    event(
        2,
        "09:10:00",
        reason="BackOff",
        type="Warning",
        message="Back-off",
        count=13,
        firstTimestamp="2026-11-20T08:10:00Z",
    ),
    event(3, "09:20:00", reason="Killing", message="Stopping"),
]


@pytest.fixture
def kevents(tmp_path: Path) -> Run:
    """Runs a command line on a store with three events."""

    def run(*arguments: str, stdin: str = "", is_terminal: bool = False, **variables: str) -> Screen:
        stdout, stderr = Stream(is_terminal=is_terminal), Stream()
        env = {"KEVENTS_STORE": str(tmp_path / "store"), "NO_COLOR": "1", "COLUMNS": "200", "PAGER": "cat"}
        env |= {"KEVENTS_CONFIG_DIR": str(tmp_path / "config"), **variables}
        status = main(arguments, Terminal(Stream(stdin), stdout, stderr, env))
        return Screen(status, stdout.written, stderr.written)

    dump = tmp_path / "dump.json"
    dump.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": EVENTS}))
    assert run("import", str(dump)).status == 0
    return run
