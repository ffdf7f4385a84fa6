"""Tables, byte for byte."""

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
from tests.render.results import NOW, batch, column_of, event_list, event_stream, hostile, observation, rendered

ONCE = observation(type="Normal", reason="Pulled", object="Pod/web-10", message="Pulled", count=1, first_seen=NOW)


def test_a_list_looks_like_kubectl_events() -> None:
    assert rendered(event_list(observation(), ONCE), "table") == (
        "LAST SEEN              TYPE      REASON    OBJECT       MESSAGE\n"
        "19m (x4524 over 17h)   Warning   BackOff   Pod/web-1    Back-off restarting\n"
        "0s                     Normal    Pulled    Pod/web-10   Pulled\n"
    )


def test_wide_has_more_columns_and_right_aligned_numbers() -> None:
    assert rendered(event_list(observation(), ONCE), "wide") == (
        "LAST SEEN              TYPE      REASON    OBJECT       MESSAGE               FIRST SEEN   COUNT\n"
        "19m (x4524 over 17h)   Warning   BackOff   Pod/web-1    Back-off restarting   17h           4524\n"
        "0s                     Normal    Pulled    Pod/web-10   Pulled                0s               1\n"
    )


def test_headers_can_be_turned_off_and_then_take_no_space() -> None:
    assert rendered(column_of(Kind.NUMBER, [1, 22]), "table", headers=False) == " 1\n22\n"
    assert rendered(event_list(ONCE), "table", headers=False) == "0s   Normal   Pulled   Pod/web-10   Pulled\n"


def test_a_namespace_column_is_shown_if_there_are_several_namespaces() -> None:
    both = rendered(event_list(observation(), observation(namespace="default")), "table")
    assert both.splitlines()[0].startswith("NAMESPACE   LAST SEEN ")
    assert both.splitlines()[1].startswith("demo        19m ")
    assert "CLUSTER" not in both


def test_a_second_namespace_in_a_later_batch_adds_the_column() -> None:
    result = event_stream([batch(ONCE), batch(ONCE), batch(ONCE | {"namespace": "default"}), batch(ONCE)])
    assert rendered(result, "table") == (
        "LAST SEEN   TYPE     REASON   OBJECT       MESSAGE\n"
        "0s          Normal   Pulled   Pod/web-10   Pulled\n"
        "0s          Normal   Pulled   Pod/web-10   Pulled\n"
        "\n"
        "NAMESPACE   LAST SEEN   TYPE     REASON   OBJECT       MESSAGE\n"
        "default     0s          Normal   Pulled   Pod/web-10   Pulled\n"
        "demo        0s          Normal   Pulled   Pod/web-10   Pulled\n"
    )


def test_an_endless_result_is_written_batch_by_batch() -> None:
    from kevents.render import table
    from kevents.render.look import Look

    endless = event_stream(batch(ONCE) for _ in itertools.count())
    lines = list(itertools.islice(table.chunks(endless, Look(NOW)), 3))
    assert [line.count("\n") for line in lines] == [2, 1, 1]


def test_a_wider_cell_in_a_later_batch_is_not_truncated() -> None:
    result = event_stream([batch(ONCE), batch(ONCE | {"reason": "FailedToRetrieveImagePullSecret"})])
    assert rendered(result, "table").splitlines()[2] == (
        "0s          Normal   FailedToRetrieveImagePullSecret   Pod/web-10   Pulled"
    )


def test_wide_characters_take_two_cells() -> None:
    result = Result((Column("a"), Column("b")), [pa.record_batch({"a": ["中文", "abcd", "🚀"], "b": ["x", "y", "z"]})])
    assert rendered(result, "table") == "A      B\n中文   x\nabcd   y\n🚀     z\n"


def test_an_ascii_encoding_has_aligned_escapes() -> None:
    result = Result((Column("a"), Column("b")), [pa.record_batch({"a": ["é", "abcd"], "b": ["中", "y"]})])
    assert rendered(result, "table", encoding="ascii") == "A      B\n\\xe9   \\u4e2d\nabcd   y\n"


def test_hostile_text_is_escaped_and_stays_on_its_line() -> None:
    text = rendered(hostile(), "table")
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


def test_hostile_text_cannot_add_color_codes() -> None:
    text = rendered(hostile(), "table", color=True, width=40)
    assert text.replace("\x1b[1m", "").replace("\x1b[0m", "").count("\x1b") == 0


def test_a_colored_table_has_no_trailing_blanks() -> None:
    assert rendered(event_list(observation(), ONCE), "table", color=True) == (
        "\x1b[1mLAST SEEN\x1b[0m              \x1b[1mTYPE\x1b[0m      \x1b[1mREASON\x1b[0m    "
        "\x1b[1mOBJECT\x1b[0m       \x1b[1mMESSAGE\x1b[0m\n"
        "\x1b[2m19m (x4524 over 17h)\x1b[0m   \x1b[35mWarning\x1b[0m   BackOff   Pod/web-1    Back-off restarting\n"
        "\x1b[2m0s\x1b[0m                     Normal    Pulled    Pod/web-10   Pulled\n"
    )


def test_no_line_ends_in_blanks() -> None:
    result = event_list(observation(message=None), observation(message="", object=None), observation(message="blank  "))
    assert all(line == line.rstrip() for line in rendered(result, "table").splitlines())


def test_a_table_without_rows_is_empty() -> None:
    assert rendered(event_list(), "table") == ""


def test_bars_are_scaled_to_the_largest_value() -> None:
    result = Result(
        (Column("reason"), Column("share", Kind.BAR, Show.DRAWN, label="")),
        [pa.record_batch({"reason": ["a", "b", "c"], "share": [8, 4, 0]})],
    )
    assert rendered(result, "table") == f"REASON\na        {'█' * 20}\nb        {'█' * 10}\nc\n"
    assert rendered(result, "table", encoding="ascii") == f"REASON\na        {'#' * 20}\nb        {'#' * 10}\nc\n"


def test_absolute_times_include_the_count_and_span() -> None:
    rows = event_list(observation(count=2, last_seen=NOW, first_seen=NOW - timedelta(minutes=3)))
    assert rendered(rows, "table", time="absolute").splitlines()[1].startswith("2026-11-21 00:35:17Z (x2 over 3m)   ")


def test_every_row_of_a_real_list_equals_kubectls(shared: Path) -> None:
    directory = shared / "dumps" / "kubernetes-1.36"
    events = json.loads((directory / "kubectl-get-events.json").read_text())["items"]
    taken_at = datetime.fromisoformat((directory / "kubectl-events.txt.taken-at").read_text().strip())
    fraction = timedelta(milliseconds=600)  # the file has only seconds; this follows from the ages of eventTime
    actual = rendered(event_list(*map(row_of, events)), "table", now=taken_at + fraction)
    expected = (directory / "kubectl-events.txt").read_text()
    assert cells_of(actual) == cells_of(expected)


def row_of(event: dict[str, Any]) -> dict[str, Any]:
    """The row of an event, with its first and last time and its count."""
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
    """The cells of a table, without widths and order."""
    return sorted(re.split(r" {2,}", line.rstrip()) for line in table.splitlines())
