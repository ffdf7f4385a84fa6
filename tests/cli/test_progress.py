"""What standard error shows while work goes on: on a terminal, and nothing in a pipe."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from kevents.cli.progress import Progress, StatusLine
from tests.cli.test_terminal import said, terminal

_ESCAPE = re.compile(r"\x1b\[[?0-9;]*[A-Za-z]|\r")


def ticking(*moments: float) -> Callable[[], float]:
    clock: Iterator[float] = iter(moments)
    return lambda: next(clock)


def shown(text: str) -> str:
    """The text without escapes."""
    return _ESCAPE.sub("", text)


def test_a_status_line_is_rewritten_in_place_and_erased_at_the_end() -> None:
    world = terminal(is_terminal=True)
    line = StatusLine(world, ticking(0, 1))
    line.show(lambda: "watching")
    line.show(lambda: "full")
    line.close()
    assert said(world) == "\r\x1b[Kwatching\r\x1b[Kfull\r\x1b[K"


def test_a_status_line_is_made_ten_times_a_second_at_most() -> None:
    world = terminal(is_terminal=True)
    line = StatusLine(world, ticking(1, 1.05, 1.09, 1.11))
    for number in range(4):
        line.show(lambda number=number: f"line {number}")  # type: ignore[misc]
    assert [word for word in ("line 0", "line 1", "line 2", "line 3") if word in said(world)] == ["line 0", "line 3"]


def test_a_status_line_keeps_to_one_line() -> None:
    world = terminal(is_terminal=True, columns=40)
    StatusLine(world, ticking(0)).show(lambda: "x" * 100)
    assert said(world) == "\r\x1b[K" + "x" * 39


def test_a_warning_takes_the_status_line_away_and_it_comes_back() -> None:
    world = terminal(is_terminal=True)
    line = StatusLine(world, ticking(1, 1.01))
    line.show(lambda: "watching")
    world.warn("the file ends early")
    line.show(lambda: "watching")
    assert said(world) == "\r\x1b[Kwatching\r\x1b[Kkevents: the file ends early\n\r\x1b[Kwatching"


def test_progress_shows_share_amount_detail_and_time_left() -> None:
    world = terminal(is_terminal=True, columns=120)
    now = [0.0]
    progress = Progress(world, 4 * 2**20, seconds=lambda: now[0])
    for now[0], done in ((0.0, 0), (1.0, 2**19), (2.0, 2**20)):
        progress.update(done, doing="importing", detail=f"5,000 events  {progress.rate(5000)}  dump.json")
    line = shown(said(world)).rpartition("importing")[2]
    assert re.fullmatch(r" ━+╺━+ +25% 1MiB of 4MiB 5,000 events  2,500/s  dump.json 00:06", line), line
    progress.close()
    assert said(world).endswith("\x1b[2K")


def test_progress_of_unknown_length_has_no_bar() -> None:
    world = terminal(is_terminal=True)
    Progress(world).update(512, detail="1,200 events")
    assert "512B 1,200 events" in shown(said(world))
    assert "━" not in said(world)
    assert "%" not in said(world)


def test_progress_escapes_names_and_keeps_to_one_line() -> None:
    world = terminal(is_terminal=True, columns=60)
    Progress(world, 100).update(1, detail="[bold]evil\x1b[2J\n" + "x" * 100)
    text = said(world)
    assert "\x1b[2J" not in text
    assert "[bold]evil^[[2J" in text
    assert len(shown(text).strip("\n").splitlines()) == 1


@pytest.mark.parametrize("env", [{}, {"TERM": "dumb"}])
def test_progress_is_silent_where_standard_error_is_no_terminal(env: dict[str, str]) -> None:
    world = terminal(is_terminal=bool(env), **env)
    with Progress(world, 100) as progress:
        progress.update(50, doing="exporting")
    assert said(world) == ""


def test_a_warning_takes_the_bar_away_and_it_comes_back() -> None:
    world = terminal(is_terminal=True)
    with Progress(world, 100) as progress:
        progress.update(50, doing="exporting")
        world.warn("the file ends early")
        before, after = said(world).split("kevents: the file ends early\n")
        assert before.endswith("\x1b[2K")
        progress.update(60, doing="exporting")
        assert "60B of 100B" in said(world)
    assert after == ""


def test_closing_a_progress_that_never_showed_says_nothing() -> None:
    world = terminal(is_terminal=True)
    Progress(world, 100).close()
    assert said(world) == ""
