"""Text from a cluster on its way to a terminal: event text is hostile, and this is its one way out.

Left alone, a message can move the cursor, rename the window, hide its neighbours or swap what the eye reads; kubectl
escapes ESC and CR only (CVE-2021-25743). A backslash of the text itself stays as it is.
"""

from __future__ import annotations

import re

_CONTROL = r"\x00-\x09\x0b-\x1f\x7f-\x9f"  # C0 without newline, DEL, C1
_UNSEEN = r"\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # line separators, bidirectional controls
_SURROGATE = r"\ud800-\udfff"  # lone halves, which no encoding can write

_HOSTILE = re.compile(f"[{_CONTROL}{_UNSEEN}{_SURROGATE}\n]")
_HOSTILE_BUT_NEWLINE = re.compile(f"[{_CONTROL}{_UNSEEN}{_SURROGATE}]")
_LONE = re.compile(f"[{_SURROGATE}]")

_PLAIN = str.maketrans({"…": "...", "–": "-", "µ": "u"})  # what kevents itself writes beyond ASCII, drawings aside
_NAMED = {"\x1b": "^[", "\n": r"\n", "\r": r"\r", "\t": r"\t"}


def escape(text: str, *, keep_newlines: bool = False) -> str:
    r"""The text with everything that a terminal would act on made visible: `^[`, `\n`, `\x9b`, `\u202e`.

    keep_newlines: for views that give a text several lines.
    """
    hostile = _HOSTILE_BUT_NEWLINE if keep_newlines else _HOSTILE
    return hostile.sub(_visible, text) if hostile.search(text) else text


def is_hostile(text: str, *, keep_newlines: bool = False) -> bool:
    """Whether `escape` would change the text."""
    return (_HOSTILE_BUT_NEWLINE if keep_newlines else _HOSTILE).search(text) is not None


def escape_lone_surrogates(text: str) -> str:
    r"""The text in a form that UTF-8 can hold: `\ud83d` for half a character, the escape that JSON has for it."""
    return text if text.isascii() else _LONE.sub(_visible, text)


def encodable(text: str, encoding: str) -> str:
    r"""The text as an encoding can write it: `...` for an ellipsis, `\u4e2d` for what it does not hold at all."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_PLAIN).encode(encoding, "backslashreplace").decode(encoding)
    return text


def _visible(match: re.Match[str]) -> str:
    character = match.group()
    code = ord(character)
    return _NAMED.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")
