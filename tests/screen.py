"""Runs command lines in this process and captures what they write."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from typing import NamedTuple

from kevents.cli.main import main
from kevents.cli.terminal import Terminal


class Screen(NamedTuple):
    """What a command wrote to standard output and standard error, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def shown(self) -> str:
        """The earlier name of out."""
        return self.out

    @property
    def said(self) -> str:
        """The earlier name of err."""
        return self.err


def run(*arguments: str, env: Mapping[str, str] | None = None, stdin: bytes = b"") -> Screen:
    """Run one command line whose streams are pipes."""
    stdout, stderr = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    environment = {"KEVENTS_CONFIG_DIR": os.devnull, **(env or {})}
    status = main(arguments, Terminal(io.TextIOWrapper(io.BytesIO(stdin)), stdout, stderr, environment))
    return Screen(status, _text(stdout), _text(stderr))


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode()
