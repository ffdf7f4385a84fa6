"""The table, byte for byte."""

from __future__ import annotations

import itertools
import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from kevents.escape import is_hostile
from kevents.result import Column, Kind, Result, Show
from tests.render.answers import NOW, batch, column_of, hostile, listed, observation, streamed, written

ONCE = observation(type="Normal", reason="Pulled", object="Pod/web-10", message="Pulled", count=1, first_seen=NOW)


def test_a_list_looks_as_kubectl_events_does() -> None:
    assert written(listed(observation(), ONCE), "table") == (
        "LAST SEEN              TYPE      REASON    OBJECT       MESSAGE\n"
        "19m (x4524 over 17h)   Warning   BackOff   Pod/web-1    Back-off restarting\n"
        "0s                     Normal    Pulled    Pod/web-10   Pulled\n"
    )


def test_wide_adds_columns_and_aligns_numbers_to_the_right() -> None:
    assert written(listed(observation(), ONCE), "wide") == (
        "LAST SEEN              TYPE      REASON    OBJECT       MESSAGE               FIRST SEEN   COUNT\n"
        "19m (x4524 over 17h)   Warning   BackOff   Pod/web-1    Back-off restarting   17h           4524\n"
        "0s                     Normal    Pulled    Pod/web-10   Pulled                0s               1\n"
    )


def test_headers_can_be_left_out_and_take_no_room() -> None:
    assert written(column_of(Kind.NUMBER, [1, 22]), "table", headers=False) == " 1\n22\n"
    assert written(listed(ONCE), "table", headers=False) == "0s   Normal   Pulled   Pod/web-10   Pulled\n"


def test_a_namespace_column_appears_where_there_is_more_than_one() -> None:
    both = written(listed(observation(), observation(namespace="default")), "table")
    assert both.splitlines()[0].startswith("NAMESPACE   LAST SEEN ")
    assert both.splitlines()[1].startswith("demo        19m ")
    assert "CLUSTER" not in both


def test_a_namespace_that_comes_late_brings_its_column_along() -> None:
    result = streamed([batch(ONCE), batch(ONCE), batch(ONCE | {"namespace": "default"}), batch(ONCE)])
    assert written(result, "table") == (
        "LAST SEEN   TYPE     REASON   OBJECT       MESSAGE\n"
        "0s          Normal   Pulled   Pod/web-10   Pulled\n"
        "0s          Normal   Pulled   Pod/web-10   Pulled\n"
        "\n"
        "NAMESPACE   LAST SEEN   TYPE     REASON   OBJECT       MESSAGE\n"
        "default     0s          Normal   Pulled   Pod/web-10   Pulled\n"
        "demo        0s          Normal   Pulled   Pod/web-10   Pulled\n"
    )


def test_a_result_that_never_ends_is_written_batch_by_batch() -> None:
    from kevents.render import table
    from kevents.render.look import Look

    endless = streamed(batch(ONCE) for _ in itertools.count())
    lines = list(itertools.islice(table.chunks(endless, Look(NOW)), 3))
    assert [line.count("\n") for line in lines] == [2, 1, 1]


def test_a_wider_row_of_a_later_batch_pushes_and_is_not_cut() -> None:
    result = streamed([batch(ONCE), batch(ONCE | {"reason": "FailedToRetrieveImagePullSecret"})])
    assert written(result, "table").splitlines()[2] == (
        "0s          Normal   FailedToRetrieveImagePullSecret   Pod/web-10   Pulled"
    )


def test_wide_characters_take_two_cells() -> None:
    result = Result((Column("a"), Column("b")), [pa.record_batch({"a": ["中文", "abcd", "🚀"], "b": ["x", "y", "z"]})])
    assert written(result, "table") == "A      B\n中文   x\nabcd   y\n🚀     z\n"


def test_an_ascii_output_gets_escapes_that_stay_aligned() -> None:
    result = Result((Column("a"), Column("b")), [pa.record_batch({"a": ["é", "abcd"], "b": ["中", "y"]})])
    assert written(result, "table", encoding="ascii") == "A      B\n\\xe9   \\u4e2d\nabcd   y\n"


def test_hostile_text_stays_on_its_line_and_acts_on_nothing() -> None:
    text = written(hostile(), "table")
    lines = text.split("\n")
    assert not is_hostile(text, keep_newlines=True)
    assert lines[0] == r"a^[[1m\nb"
    assert lines[1:7] == [
        r"^[]0;owned\x07",
        r"\x9b2J",
        "[/x][red]a[link=http://evil]b",
        r"two\nlines",
        r"a\ttab",
        r"\u202egnirts\u2066",
    ]
    assert len(lines) == 1 + 22 + 1


def test_hostile_text_in_colour_brings_no_escape_of_its_own() -> None:
    text = written(hostile(), "table", color=True, width=40)
    assert text.replace("\x1b[1m", "").replace("\x1b[0m", "").count("\x1b") == 0


def test_colours_are_few_and_leave_no_blanks_behind() -> None:
    assert written(listed(observation(), ONCE), "table", color=True) == (
        "\x1b[1mLAST SEEN\x1b[0m              \x1b[1mTYPE\x1b[0m      \x1b[1mREASON\x1b[0m    "
        "\x1b[1mOBJECT\x1b[0m       \x1b[1mMESSAGE\x1b[0m\n"
        "\x1b[2m19m (x4524 over 17h)\x1b[0m   \x1b[35mWarning\x1b[0m   BackOff   Pod/web-1    Back-off restarting\n"
        "\x1b[2m0s\x1b[0m                     Normal    Pulled    Pod/web-10   Pulled\n"
    )


def test_no_line_ends_in_blanks() -> None:
    result = listed(observation(message=None), observation(message="", object=None), observation(message="blank  "))
    assert all(line == line.rstrip() for line in written(result, "table").splitlines())


def test_nothing_is_written_of_nothing() -> None:
    assert written(listed(), "table") == ""


def test_bars_are_drawn_beside_what_they_measure() -> None:
    result = Result(
        (Column("reason"), Column("share", Kind.BAR, Show.DRAWN, label="")),
        [pa.record_batch({"reason": ["a", "b", "c"], "share": [8, 4, 0]})],
    )
    assert written(result, "table") == f"REASON\na        {'█' * 20}\nb        {'█' * 10}\nc\n"
    assert written(result, "table", encoding="ascii") == f"REASON\na        {'#' * 20}\nb        {'#' * 10}\nc\n"


def test_an_old_list_is_read_at_its_own_time() -> None:
    rows = listed(observation(count=2, last_seen=NOW, first_seen=NOW - timedelta(minutes=3)))
    assert written(rows, "table", time="absolute").splitlines()[1].startswith("2026-11-21 00:35:17Z (x2 over 3m)   ")


def test_every_row_of_a_real_list_is_kubectls_own(shared: Path) -> None:
    directory = shared / "dumps" / "kubernetes-1.36"
    events = json.loads((directory / "kubectl-get-events.json").read_text())["items"]
    taken_at = datetime.fromisoformat((directory / "kubectl-events.txt.taken-at").read_text().strip())
    within = timedelta(milliseconds=600)  # the file says the second only, the ages of eventTime tell the rest
    ours = written(listed(*map(row_of, events)), "table", now=taken_at + within)
    theirs = (directory / "kubectl-events.txt").read_text()
    assert cells_of(ours) == cells_of(theirs)


def row_of(event: dict[str, Any]) -> dict[str, Any]:
    """An event as facts/events.md reads it: which time is the last, which the first, and the count."""
    series = event.get("series") or {}
    last = series.get("lastObservedTime") or event["lastTimestamp"] or event["eventTime"]
    involved = event["involvedObject"]
    return observation(
        last_seen=datetime.fromisoformat(last),
        first_seen=datetime.fromisoformat(event["eventTime"] or event["firstTimestamp"]),
        count=series.get("count") or event.get("count") or 1,
        type=event["type"],
        reason=event["reason"],
        object=f"{involved['kind']}/{involved['name']}",
        message=event["message"],
    )


def cells_of(table: str) -> list[list[str]]:
    """The rows of a table whatever its widths and its order."""
    return sorted(re.split(r" {2,}", line.rstrip()) for line in table.splitlines())
