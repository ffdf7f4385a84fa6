"""The table within the width of a terminal: what folds, what shrinks, what goes on below its row."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kevents.render.fold import width as cells_of
from kevents.result import Column, Kind, Result, Show
from tests.render.answers import NOW, batch, column_of, listed, observation, streamed, written

ONCE = observation(type="Normal", reason="Pulled", object="Pod/web-10", message="Pulled", count=1, first_seen=NOW)
LONG = 'Failed to pull image "registry.example/team/web:2.0": not found, tried 5 times'


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (
            60,  # 17 cells are left beside the others: too few to read in
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
def test_long_text_folds_beside_the_others_or_goes_below_them(width: int | None, expected: str) -> None:
    assert written(listed(ONCE | {"message": LONG}), "table", width=width) == expected


BUSY = (
    observation(object="Pod/crashy-6b75c97d68-grflx", reason="FailedToDrainNode", message=LONG),
    observation(object="Pod/crashy-6b75c97d68-grflx", reason="BackOff", message="Back-off"),
    observation(object="Node/node-3", reason="Rebooted", message=None),
)


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (
            60,  # not even the object fits beside the reason, nor the message beside the object
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
            66,  # beside the object the message would have less than half of the line
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
def test_columns_that_do_not_fit_go_on_below_and_names_stay_whole(width: int, expected: str) -> None:
    assert written(listed(*BUSY), "table", width=width) == expected


def test_columns_after_folded_text_go_on_in_a_line_of_their_own() -> None:
    row = ONCE | {"message": LONG, "count": 3}
    assert written(listed(row), "wide", width=79) == (
        "LAST SEEN          TYPE     REASON   OBJECT\n"
        "    MESSAGE\n"
        "    FIRST SEEN   COUNT\n"
        "19m (x3 over 0s)   Normal   Pulled   Pod/web-10\n"
        '    Failed to pull image "registry.example/team/web:2.0": not found, tried 5\n'
        "    times\n"
        "    0s               3\n"
    )


def reasons(*names: str) -> Result:
    """A distribution as `kevents reasons` draws it."""
    columns = (
        Column("reason"),
        Column("occurrences", Kind.NUMBER),
        Column("bar", Kind.BAR, Show.DRAWN, label=""),
        Column("trend", Kind.SPARK, label="OVER TIME"),
    )
    amounts = [4 // 2**turn for turn in range(len(names))]
    rows = {"reason": names, "occurrences": amounts, "bar": amounts, "trend": [[0] * 22 + [1, 1]] * len(names)}
    return Result(columns, [pa.record_batch({name: pa.array(values) for name, values in rows.items()})])


FULL, HALF = "█" * 20, "█" * 10
LONG_SPARK = "▁" * 22 + "██"
SHORT_SPARK = "▁" * 11 + "█"


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (
            160,
            "REASON    OCCURRENCES                          OVER TIME\n"
            f"BackOff             4   {FULL}   {LONG_SPARK}\n"
            f"Failed              2   {HALF}             {LONG_SPARK}\n",
        ),
        (
            71,  # just enough for all
            "REASON    OCCURRENCES                          OVER TIME\n"
            f"BackOff             4   {FULL}   {LONG_SPARK}\n"
            f"Failed              2   {HALF}             {LONG_SPARK}\n",
        ),
        (
            70,
            "REASON    OCCURRENCES              OVER TIME\n"
            f"BackOff             4   ████████   {LONG_SPARK}\n"
            f"Failed              2   ████       {LONG_SPARK}\n",
        ),
        (
            58,
            "REASON    OCCURRENCES              OVER TIME\n"
            f"BackOff             4   ████████   {SHORT_SPARK}\n"
            f"Failed              2   ████       {SHORT_SPARK}\n",
        ),
        (
            46,
            "REASON    OCCURRENCES   OVER TIME\n"
            f"BackOff             4   {SHORT_SPARK}\n"
            f"Failed              2   {SHORT_SPARK}\n",
        ),
        (35, "REASON    OCCURRENCES\nBackOff             4\nFailed              2\n"),
        (20, "REASON   OCCURRENCES\nBackOff            4\nFailed             2\n"),
        (10, "REASON\n    OCCURRENCES\nBackOff\n              4\nFailed\n              2\n"),
    ],
)
def test_drawings_shrink_and_leave_before_anything_else_gives_way(width: int, expected: str) -> None:
    assert written(reasons("BackOff", "Failed"), "table", width=width) == expected


def test_drawings_shrink_before_a_name_is_cut() -> None:
    name = "Pod/" + "a" * 40
    assert written(reasons(name), "table", width=100).splitlines()[1] == (
        f"{name}             4   ████████   {LONG_SPARK}"
    )


def test_a_folded_column_in_the_middle_keeps_its_neighbours_in_line() -> None:
    reasons = ["a rather long reason for such a thing", "short"]
    result = Result(
        (Column("reason"), Column("count", Kind.NUMBER)), [pa.record_batch({"reason": reasons, "count": [1, 10]})]
    )
    assert written(result, "table", width=38) == (
        "REASON                           COUNT\n"
        "a rather long reason for such        1\n"
        "a thing\n"
        "short                               10\n"
    )  # fmt: skip
    assert written(result, "table", width=45) == (
        "REASON                                  COUNT\n"
        "a rather long reason for such a thing       1\n"
        "short                                      10\n"
    )  # fmt: skip


def test_words_are_folded_rather_than_a_longer_name() -> None:
    row = ONCE | {"object": "Pod/" + "a" * 40, "message": "one two three four five six seven eight"}
    assert written(listed(row), "table", width=115).splitlines()[1:] == [
        f"0s          Normal   Pulled   Pod/{'a' * 40}   one two three four five six seven",
        " " * 77 + "eight",
    ]


def test_a_long_path_is_folded_at_its_joints() -> None:
    result = Result(
        (Column("image"), Column("pulls", Kind.NUMBER)),
        [pa.record_batch({"image": ["registry.example.com/shop/checkout-service:1.42.0"], "pulls": [3]})],
    )
    assert written(result, "table", width=50) == (
        "IMAGE                                        PULLS\n"
        "registry.example.com/shop/checkout-              3\n"
        "service:1.42.0\n"
    )  # fmt: skip


def test_wide_characters_are_folded_by_cells() -> None:
    assert written(column_of(Kind.TEXT, ["中" * 25]), "table", width=31) == f"X\n{'中' * 15}\n{'中' * 10}\n"


def test_colours_do_not_move_what_is_below() -> None:
    text = written(listed(*BUSY), "table", width=79, color=True)
    plain = text
    for escape in ("\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[35m"):
        plain = plain.replace(escape, "")
    assert plain == written(listed(*BUSY), "table", width=79)
    assert "\x1b[1mLAST SEEN\x1b[0m" in text
    assert "\n    \x1b[1mOBJECT\x1b[0m   " in text


def test_rows_that_come_later_are_folded_as_the_first_ones() -> None:
    result = streamed([batch(ONCE), batch(ONCE | {"message": LONG})])
    assert written(result, "table", width=80).splitlines()[2:] == [
        "0s          Normal   Pulled   Pod/web-10   Failed to pull image",
        '                                           "registry.example/team/web:2.0": not',
        "                                           found, tried 5 times",
    ]


WORDS = st.text("ab 中-/", max_size=60)


@settings(deadline=None, database=None)
@given(st.lists(st.tuples(WORDS, WORDS, st.integers(0, 10**6)), min_size=1, max_size=4), st.integers(34, 90))
def test_no_line_is_wider_than_the_terminal_and_nothing_is_lost(rows: list[tuple[Any, ...]], width: int) -> None:
    columns = (Column("a"), Column("b"), Column("count", Kind.NUMBER))
    a, b, count = (list(values) for values in zip(*rows, strict=True))
    text = written(Result(columns, [pa.record_batch({"a": a, "b": b, "count": count})]), "table", width=width)
    assert all(cells_of(line) <= width for line in text.splitlines())
    shown, given_ = ("".join(sorted(each.replace(" ", ""))) for each in (text, "".join(map(str, sum(rows, ())))))
    assert shown.replace("\n", "") == "".join(sorted(given_ + "ABCOUNT"))


def rated(*severities: str) -> Result:
    """Reasons with a column that is shown where there is room for it."""
    columns = (Column("reason"), Column("worst", Kind.SEVERITY, Show.ROOMY, label="SEVERITY"), Column("object"))
    names = [f"Reason{turn}" for turn in range(len(severities))]
    rows = {"reason": names, "worst": severities, "object": names}
    return Result(columns, [pa.record_batch({name: pa.array(values) for name, values in rows.items()})])


def test_a_column_that_needs_room_is_shown_where_a_row_keeps_to_one_line() -> None:
    assert written(rated("error", "info"), "table", width=30).splitlines()[0] == "REASON    SEVERITY   OBJECT"
    assert written(rated("error", "info"), "table", width=20).splitlines()[0] == "REASON    OBJECT"
    assert "SEVERITY" in written(rated("error", "info"), "table")  # a pipe has room


def test_it_says_nothing_where_all_are_alike() -> None:
    assert "SEVERITY" not in written(rated("error", "error"), "table")
    assert "error" in written(rated("error", "error"), "csv")
