"""A terminal that remembers: what a whole command line writes, without a process."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from typing import NamedTuple

from kevents.cli.main import main
from kevents.cli.terminal import Terminal


class Screen(NamedTuple):
    """The exit status, and what was written on standard output and standard error."""

    status: int
    shown: str
    said: str


def run(*arguments: str, env: Mapping[str, str] | None = None) -> Screen:
    """Run one command line in a pipe."""
    shown, said = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    status = main(
        arguments,
        Terminal(io.TextIOWrapper(io.BytesIO()), shown, said, {"KEVENTS_CONFIG_DIR": os.devnull, **(env or {})}),
    )
    return Screen(status, _text(shown), _text(said))


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    written = stream.buffer
    assert isinstance(written, io.BytesIO)
    return written.getvalue().decode()
