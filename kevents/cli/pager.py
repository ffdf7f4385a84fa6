"""Sends output that is longer than the screen through a pager, as git does."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO, cast

from kevents.errors import QueryStillRuns, Terminated

if TYPE_CHECKING:
    from kevents.cli.terminal import Terminal

_LESS = "FRX"  # quit if the text fits on one screen, pass colors through, leave the text on the screen


def pager_of(env: Mapping[str, str]) -> list[str] | None:
    """The pager's command line, from KEVENTS_PAGER or PAGER, else less; None if it is `cat` or not installed."""
    setting = next((env[name] for name in ("KEVENTS_PAGER", "PAGER") if name in env), "less")
    try:
        words = shlex.split(setting)
    except ValueError:  # a quote is not closed
        return None
    program = shutil.which(words[0], path=env.get("PATH")) if words and words[0] != "cat" else None
    return [program, *words[1:]] if program else None


def write_paged(chunks: Iterable[bytes], terminal: Terminal) -> None:
    """Write the text, through a pager if it is longer than the screen. Stops early if the user quits the pager."""
    stream = terminal.stdout.buffer
    command, height = pager_of(terminal.env) if _has_descriptor(stream) else None, terminal.height
    rest = iter(chunks)
    start, is_long = _read_screen(rest, height) if command and height else ([], False)
    if command and is_long:
        with suppress(BrokenPipeError):
            _page(command, chain(start, rest), stream, terminal.env)
        return
    for chunk in chain(start, rest):
        stream.write(chunk)
        stream.flush()


def _has_descriptor(stream: BinaryIO) -> bool:
    """Whether another process can write to the stream."""
    try:
        return stream.fileno() >= 0
    except OSError:
        return False


def _read_screen(chunks: Iterator[bytes], height: int) -> tuple[list[bytes], bool]:
    """Read one screen of text. Returns its chunks, and whether the text is too long for the screen with a prompt."""
    start: list[bytes] = []
    lines = 0
    for chunk in chunks:
        start.append(chunk)
        lines += chunk.count(b"\n")
        if lines >= height:
            return start, True
    return start, False


def _page(command: list[str], chunks: Iterable[bytes], stream: BinaryIO, env: Mapping[str, str]) -> None:
    environment = {"LESS": _LESS, "LESSCHARSET": "utf-8", **env}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=stream, env=environment) as pager:  # noqa: S603
        text = cast("BinaryIO", pager.stdin)
        with suppress(BrokenPipeError, KeyboardInterrupt):
            try:
                for chunk in chunks:
                    text.write(chunk)
            except (QueryStillRuns, Terminated):
                pager.terminate()  # it restores the terminal
                raise
        with suppress(BrokenPipeError):
            text.close()
        while pager.poll() is None:
            with suppress(KeyboardInterrupt):  # the pager handles Ctrl-C
                pager.wait()
