"""Characters that a terminal interprets become visible; other text is unchanged."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kevents.escape import escape, escape_lone_surrogates, is_hostile


@pytest.mark.parametrize(
    ("hostile", "visible"),
    [
        ("\x1b[31mred", "^[[31mred"),
        ("\x9b31mred", r"\x9b31mred"),
        ("bell\x07", r"bell\x07"),
        ("over\rwritten", r"over\rwritten"),
        ("back\x08space", r"back\x08space"),
        ("nul\0", r"nul\x00"),
        ("two\nlines", r"two\nlines"),
        ("a\ttab", r"a\ttab"),
        ("vertical\x0b form\x0c", r"vertical\x0b form\x0c"),
        ("del\x7f", r"del\x7f"),
        ("next line\x85", r"next line\x85"),
        ("first and last of C1 \x80\x9f", r"first and last of C1 \x80\x9f"),
        ("line\u2028 paragraph\u2029", r"line\u2028 paragraph\u2029"),
        ("\u202a\u202b\u202c\u202d\u202e", r"\u202a\u202b\u202c\u202d\u202e"),
        ("\u2066\u2067\u2068\u2069", r"\u2066\u2067\u2068\u2069"),
        ("\u200e\u200f\u061c", r"\u200e\u200f\u061c"),
        ("zero\u200bwidth\u200c\u2060\ufeff", r"zero\u200bwidth\u200c\u2060\ufeff"),
        ("ad\u200dmin 👩\u200dx", r"ad\u200dmin 👩\u200dx"),
        ("soft\u00adhyphen", r"soft\xadhyphen"),
        ("filler \u3164\u115f", r"filler \u3164\u115f"),
        ("tag \U000e0001\U000e0041\U000e007f", r"tag \U000e0001\U000e0041\U000e007f"),
        ("selector \ufe00\U000e0100", r"selector \ufe00\U000e0100"),
        ("half \ud83d", r"half \ud83d"),
        ("half \udfff", r"half \udfff"),
    ],
)
def test_characters_that_a_terminal_interprets_become_visible(hostile: str, visible: str) -> None:
    assert is_hostile(hostile)
    assert escape(hostile) == visible


@pytest.mark.parametrize(
    "harmless",
    ["", "Back-off pulling image", r"C:\new\x1b", "[/x] [red]", "中文 🚀 é", "\u00a0", "👩\u200d💻", "❤\ufe0f\u200d🔥"],
)
def test_other_text_is_unchanged(harmless: str) -> None:
    assert not is_hostile(harmless)
    assert escape(harmless) is harmless


def test_newlines_can_be_kept() -> None:
    assert escape("two\nlines\r\n\x1b", keep_newlines=True) == "two\nlines\\r\n^["


def test_a_lone_surrogate_becomes_its_json_escape() -> None:
    assert escape_lone_surrogates("中\ud83d\x1b") == "中\\ud83d\x1b"


@settings(deadline=None, database=None)
@given(st.text(st.characters(), max_size=50))
def test_escaped_text_is_harmless_and_can_be_encoded(text: str) -> None:
    safe = escape(text)
    assert not is_hostile(safe)
    assert escape(safe) == safe
    safe.encode()
