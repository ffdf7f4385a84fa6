"""The Markdown table, byte for byte."""

from __future__ import annotations

from kevents.escape import is_hostile
from kevents.result import Column, Kind, Result
from tests.render.answers import batch, column_of, hostile, listed, observation, streamed, written


def test_a_list_is_a_table() -> None:
    assert written(listed(observation()), "markdown") == (
        "| LAST SEEN | TYPE | REASON | OBJECT | MESSAGE |\n"
        "| --- | --- | --- | --- | --- |\n"
        "| 19m (x4524 over 17h) | Warning | BackOff | Pod/web-1 | Back-off restarting |\n"
    )


def test_numbers_are_aligned_to_the_right() -> None:
    assert written(column_of(Kind.NUMBER, [1]), "markdown") == "| X |\n| ---: |\n| 1 |\n"


def test_a_column_that_comes_late_begins_a_new_table() -> None:
    result = streamed([batch(observation()), batch(observation(namespace="default"))])
    lines = written(result, "markdown").split("\n")
    assert lines[3:5] == ["", "| NAMESPACE | LAST SEEN | TYPE | REASON | OBJECT | MESSAGE |"]


def test_markup_links_and_html_are_only_text() -> None:
    text = written(column_of(Kind.TEXT, ["a|b `c` <i>&amp; [x](http://e) *b* _u_ ~s~ \\ !"]), "markdown", headers=False)
    assert text == r"| a\|b \`c\` &lt;i&gt;&amp;amp; \[x\](http://e) \*b\* \_u\_ \~s\~ \\ ! |" + "\n"


def test_hostile_text_stays_in_its_cell() -> None:
    text = written(hostile(), "markdown")
    assert not is_hostile(text, keep_newlines=True)
    assert all(line.startswith("| ") and line.endswith(" |") for line in text.split("\n")[:-1])
    assert text.split("\n")[2] == r"| ^\[\]0;owned\\x07 |"


def test_an_ascii_output_gets_escapes() -> None:
    assert written(column_of(Kind.TEXT, ["中"]), "markdown", headers=False, encoding="ascii") == "| \\\\u4e2d |\n"


def test_headers_are_text_too() -> None:
    result = Result((Column("a|b"),), [batch(observation()).select(["type"]).rename_columns(["a|b"])])
    assert written(result, "markdown").split("\n")[0] == r"| a\|b |"
