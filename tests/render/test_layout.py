"""Tables within the width of a terminal: wrapping, and columns on further lines."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kevents.render.fold import width as cells_of
from kevents.result import Column, Kind, Result
from tests.render.results import NOW, batch, column_of, event_list, event_stream, observation, rendered

ONCE = observation(type="Normal", reason="Pulled", object="Pod/web-10", message="Pulled", count=1, first_seen=NOW)
LONG = 'Failed to pull image "registry.example/team/web:2.0": not found, tried 5 times'


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (
            60,  # 17 cells are left for the message, which is too narrow
            "LAST SEEN   TYPE     REASON   OBJECT\n"
            "    MESSAGE\n"
            "0s          Normal   Pulled   Pod/web-10\n"
            '    Failed to pull image "registry.example/team/web:2.0":\n'
            "    not found, tried 5 times\n",
        ),
        (
            75,
            "LAST SEEN   TYPE     REASON   OBJECT       MESSAGE\n"
            "0s          Normal   Pulled   Pod/web-10   Failed to pull image\n"
            '                                           "registry.example/team/web:2.0":\n'
            "                                           not found, tried 5 times\n",
        ),
        (
            80,
            "LAST SEEN   TYPE     REASON   OBJECT       MESSAGE\n"
            "0s          Normal   Pulled   Pod/web-10   Failed to pull image\n"
            '                                           "registry.example/team/web:2.0": not\n'
            "                                           found, tried 5 times\n",
        ),
        (
            160,
            f"LAST SEEN   TYPE     REASON   OBJECT       MESSAGE\n0s          Normal   Pulled   Pod/web-10   {LONG}\n",
        ),
        (
            None,
            f"LAST SEEN   TYPE     REASON   OBJECT       MESSAGE\n0s          Normal   Pulled   Pod/web-10   {LONG}\n",
        ),
    ],
)
def test_long_text_is_wrapped_in_its_column_or_below_the_row(width: int | None, expected: str) -> None:
    assert rendered(event_list(ONCE | {"message": LONG}), "table", width=width) == expected


BUSY = (
    observation(object="Pod/crashy-6b75c97d68-grflx", reason="FailedToDrainNode", message=LONG),
    observation(object="Pod/crashy-6b75c97d68-grflx", reason="BackOff", message="Back-off"),
    observation(object="Node/node-3", reason="Rebooted", message=None),
)


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (
            60,  # neither the object nor the message fits on the line before it
            "LAST SEEN              TYPE      REASON\n"
            "    OBJECT\n"
            "    MESSAGE\n"
            "19m (x4524 over 17h)   Warning   FailedToDrainNode\n"
            "    Pod/crashy-6b75c97d68-grflx\n"
            '    Failed to pull image "registry.example/team/web:2.0":\n'
            "    not found, tried 5 times\n"
            "19m (x4524 over 17h)   Warning   BackOff\n"
            "    Pod/crashy-6b75c97d68-grflx\n"
            "    Back-off\n"
            "19m (x4524 over 17h)   Warning   Rebooted\n"
            "    Node/node-3\n",
        ),
        (
            66,  # after the object the message would have less than half of the line
            "LAST SEEN              TYPE      REASON\n"
            "    OBJECT\n"
            "    MESSAGE\n"
            "19m (x4524 over 17h)   Warning   FailedToDrainNode\n"
            "    Pod/crashy-6b75c97d68-grflx\n"
            '    Failed to pull image "registry.example/team/web:2.0": not\n'
            "    found, tried 5 times\n"
            "19m (x4524 over 17h)   Warning   BackOff\n"
            "    Pod/crashy-6b75c97d68-grflx\n"
            "    Back-off\n"
            "19m (x4524 over 17h)   Warning   Rebooted\n"
            "    Node/node-3\n",
        ),
        (
            80,
            "LAST SEEN              TYPE      REASON              OBJECT\n"
            "    MESSAGE\n"
            "19m (x4524 over 17h)   Warning   FailedToDrainNode   Pod/crashy-6b75c97d68-grflx\n"
            '    Failed to pull image "registry.example/team/web:2.0": not found, tried 5\n'
            "    times\n"
            "19m (x4524 over 17h)   Warning   BackOff             Pod/crashy-6b75c97d68-grflx\n"
            "    Back-off\n"
            "19m (x4524 over 17h)   Warning   Rebooted            Node/node-3\n",
        ),
        (
            79,
            "LAST SEEN              TYPE      REASON\n"
            "    OBJECT                        MESSAGE\n"
            "19m (x4524 over 17h)   Warning   FailedToDrainNode\n"
            "    Pod/crashy-6b75c97d68-grflx   Failed to pull image\n"
            '                                  "registry.example/team/web:2.0": not found,\n'
            "                                  tried 5 times\n"
            "19m (x4524 over 17h)   Warning   BackOff\n"
            "    Pod/crashy-6b75c97d68-grflx   Back-off\n"
            "19m (x4524 over 17h)   Warning   Rebooted\n"
            "    Node/node-3\n",
        ),
        (
            160,
            "LAST SEEN              TYPE      REASON              OBJECT                        MESSAGE\n"
            "19m (x4524 over 17h)   Warning   FailedToDrainNode   Pod/crashy-6b75c97d68-grflx   "
            'Failed to pull image "registry.example/team/web:2.0": not found, tried 5\n'
            f"{' ' * 83}times\n"
            "19m (x4524 over 17h)   Warning   BackOff             Pod/crashy-6b75c97d68-grflx   Back-off\n"
            "19m (x4524 over 17h)   Warning   Rebooted            Node/node-3\n",
        ),
    ],
)
def test_columns_that_do_not_fit_continue_below_and_names_are_not_wrapped(width: int, expected: str) -> None:
    assert rendered(event_list(*BUSY), "table", width=width) == expected


def test_columns_after_wrapped_text_are_on_a_separate_line() -> None:
    row = ONCE | {"message": LONG, "count": 3}
    assert rendered(event_list(row), "wide", width=79) == (
        "LAST SEEN          TYPE     REASON   OBJECT\n"
        "    MESSAGE\n"
        "    FIRST SEEN   COUNT\n"
        "19m (x3 over 0s)   Normal   Pulled   Pod/web-10\n"
        '    Failed to pull image "registry.example/team/web:2.0": not found, tried 5\n'
        "    times\n"
        "    0s               3\n"
    )


def test_a_wrapped_column_in_the_middle_keeps_its_neighbors_aligned() -> None:
    reasons = ["a rather long reason for such a thing", "short"]
    result = Result(
        (Column("reason"), Column("count", Kind.NUMBER)), [pa.record_batch({"reason": reasons, "count": [1, 10]})]
    )
    assert rendered(result, "table", width=38) == (
        "REASON                           COUNT\n"
        "a rather long reason for such        1\n"
        "a thing\n"
        "short                               10\n"
    )  # fmt: skip
    assert rendered(result, "table", width=45) == (
        "REASON                                  COUNT\n"
        "a rather long reason for such a thing       1\n"
        "short                                      10\n"
    )  # fmt: skip


def test_words_are_wrapped_rather_than_a_longer_name() -> None:
    row = ONCE | {"object": "Pod/" + "a" * 40, "message": "one two three four five six seven eight"}
    assert rendered(event_list(row), "table", width=115).splitlines()[1:] == [
        f"0s          Normal   Pulled   Pod/{'a' * 40}   one two three four five six seven",
        " " * 77 + "eight",
    ]


def test_a_long_path_is_wrapped_between_its_parts() -> None:
    result = Result(
        (Column("image"), Column("pulls", Kind.NUMBER)),
        [pa.record_batch({"image": ["registry.example.com/shop/checkout-service:1.42.0"], "pulls": [3]})],
    )
    assert rendered(result, "table", width=50) == (
        "IMAGE                                        PULLS\n"
        "registry.example.com/shop/checkout-              3\n"
        "service:1.42.0\n"
    )  # fmt: skip


def test_wide_characters_are_wrapped_by_cells() -> None:
    assert rendered(column_of(Kind.TEXT, ["中" * 25]), "table", width=31) == f"X\n{'中' * 15}\n{'中' * 10}\n"


def test_colors_do_not_affect_the_alignment() -> None:
    text = rendered(event_list(*BUSY), "table", width=79, color=True)
    plain = text
    for escape in ("\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[35m"):
        plain = plain.replace(escape, "")
    assert plain == rendered(event_list(*BUSY), "table", width=79)
    assert "\x1b[1mLAST SEEN\x1b[0m" in text
    assert "\n    \x1b[1mOBJECT\x1b[0m   " in text


def test_later_rows_are_wrapped_like_the_first_ones() -> None:
    result = event_stream([batch(ONCE), batch(ONCE | {"message": LONG})])
    assert rendered(result, "table", width=80).splitlines()[2:] == [
        "0s          Normal   Pulled   Pod/web-10   Failed to pull image",
        '                                           "registry.example/team/web:2.0": not',
        "                                           found, tried 5 times",
    ]


WORDS = st.text("ab 中-/", max_size=60)


@settings(deadline=None, database=None)
@given(st.lists(st.tuples(WORDS, WORDS, st.integers(0, 10**6)), min_size=1, max_size=4), st.integers(34, 90))
def test_no_line_is_wider_than_the_terminal_and_no_text_is_lost(rows: list[tuple[Any, ...]], width: int) -> None:
    columns = (Column("a"), Column("b"), Column("count", Kind.NUMBER))
    a, b, count = (list(values) for values in zip(*rows, strict=True))
    text = rendered(Result(columns, [pa.record_batch({"a": a, "b": b, "count": count})]), "table", width=width)
    assert all(cells_of(line) <= width for line in text.splitlines())
    output, cells = ("".join(sorted(each.replace(" ", ""))) for each in (text, "".join(map(str, sum(rows, ())))))
    assert output.replace("\n", "") == "".join(sorted(cells + "ABCOUNT"))
