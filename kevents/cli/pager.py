"""A pager for what is longer than the screen, as git has it; what fits is written as it is."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO, cast

if TYPE_CHECKING:
    from kevents.cli.terminal import Terminal

_LESS = "FRX"  # quit if it fits after all, let colours through, leave the text on the screen


def pager_of(env: Mapping[str, str]) -> list[str] | None:
    """The pager's command: KEVENTS_PAGER, PAGER, else less; None where there is none or `cat` is asked for."""
    asked = next((env[name] for name in ("KEVENTS_PAGER", "PAGER") if name in env), "less")
    try:
        words = shlex.split(asked)
    except ValueError:  # an open quote
        return None
    found = shutil.which(words[0], path=env.get("PATH")) if words and words[0] != "cat" else None
    return [found, *words[1:]] if found else None


def write_paged(chunks: Iterable[bytes], terminal: Terminal) -> None:
    """Write the text, through the pager once it is longer than the screen; a pager that is left early ends it."""
    stream = terminal.stdout.buffer
    command, height = pager_of(terminal.env) if _is_a_file(stream) else None, terminal.height
    rest = iter(chunks)
    held, is_long = _screenful(rest, height) if command and height else ([], False)
    if command and is_long:
        with suppress(BrokenPipeError):
            _page(command, chain(held, rest), stream, terminal.env)
        return
    for chunk in chain(held, rest):
        stream.write(chunk)
        stream.flush()


def _is_a_file(stream: BinaryIO) -> bool:
    """Whether a process can write to it, as to every real terminal."""
    try:
        return stream.fileno() >= 0
    except OSError:
        return False


def _screenful(chunks: Iterator[bytes], height: int) -> tuple[list[bytes], bool]:
    """The beginning of the text, and whether it is more than a screen and the prompt below it."""
    held: list[bytes] = []
    lines = 0
    for chunk in chunks:
        held.append(chunk)
        lines += chunk.count(b"\n")
        if lines >= height:
            return held, True
    return held, False


def _page(command: list[str], chunks: Iterable[bytes], stream: BinaryIO, env: Mapping[str, str]) -> None:
    environment = {"LESS": _LESS, "LESSCHARSET": "utf-8", **env}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=stream, env=environment) as pager:  # noqa: S603
        text = cast("BinaryIO", pager.stdin)
        with suppress(BrokenPipeError, KeyboardInterrupt):
            for chunk in chunks:
                text.write(chunk)
        with suppress(BrokenPipeError):
            text.close()
        while pager.poll() is None:
            with suppress(KeyboardInterrupt):  # the pager's to answer
                pager.wait()
