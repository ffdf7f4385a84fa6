"""Markdown tables, byte for byte."""

from __future__ import annotations

from kevents.escape import is_hostile
from kevents.result import Column, Kind, Result
from tests.render.results import batch, column_of, event_list, event_stream, hostile, observation, rendered


def test_a_list_is_a_markdown_table() -> None:
    assert rendered(event_list(observation()), "markdown") == (
        "| LAST SEEN | TYPE | REASON | OBJECT | MESSAGE |\n"
        "| --- | --- | --- | --- | --- |\n"
        "| 19m (x4524 over 17h) | Warning | BackOff | Pod/web-1 | Back-off restarting |\n"
    )


def test_numbers_are_right_aligned() -> None:
    assert rendered(column_of(Kind.NUMBER, [1]), "markdown") == "| X |\n| ---: |\n| 1 |\n"


def test_a_column_that_becomes_visible_later_starts_a_new_table() -> None:
    result = event_stream([batch(observation()), batch(observation(namespace="default"))])
    lines = rendered(result, "markdown").split("\n")
    assert lines[3:5] == ["", "| NAMESPACE | LAST SEEN | TYPE | REASON | OBJECT | MESSAGE |"]


def test_markup_links_and_html_are_escaped() -> None:
    text = rendered(
        column_of(Kind.TEXT, ["a|b `c` <i>&amp; [x](http://e) *b* _u_ ~s~ \\ !"]), "markdown", headers=False
    )
    assert text == r"| a\|b \`c\` &lt;i&gt;&amp;amp; \[x\](http://e) \*b\* \_u\_ \~s\~ \\ ! |" + "\n"


def test_hostile_text_stays_in_its_cell() -> None:
    text = rendered(hostile(), "markdown")
    assert not is_hostile(text, keep_newlines=True)
    assert all(line.startswith("| ") and line.endswith(" |") for line in text.split("\n")[:-1])
    assert text.split("\n")[2] == r"| ^\[\]0;owned\\x07 |"


def test_an_ascii_encoding_has_escapes() -> None:
    assert rendered(column_of(Kind.TEXT, ["中"]), "markdown", headers=False, encoding="ascii") == "| \\\\u4e2d |\n"


def test_headers_are_escaped_too() -> None:
    result = Result((Column("a|b"),), [batch(observation()).select(["type"]).rename_columns(["a|b"])])
    assert rendered(result, "markdown").split("\n")[0] == r"| a\|b |"
