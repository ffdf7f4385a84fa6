"""Escaping of event text for terminals. All text from a cluster goes through this module, because it may be hostile.

Unescaped, a message can move the cursor, rename the window, or hide and reorder other text. kubectl escapes only ESC
and CR (CVE-2021-25743). Backslashes in the text are not escaped.
"""

from __future__ import annotations

import re

_CONTROL = r"\x00-\x09\x0b-\x1f\x7f-\x9f"  # C0 without newline, DEL, C1
_INVISIBLE = r"\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # line separators, bidirectional controls
_SURROGATE = r"\ud800-\udfff"  # lone surrogates, which no encoding can represent

_HOSTILE = re.compile(f"[{_CONTROL}{_INVISIBLE}{_SURROGATE}\n]")
_HOSTILE_EXCEPT_NEWLINE = re.compile(f"[{_CONTROL}{_INVISIBLE}{_SURROGATE}]")
_LONE_SURROGATE = re.compile(f"[{_SURROGATE}]")

_PLAIN = str.maketrans(
    {"…": "...", "–": "-", "µ": "u"}
)  # the non-ASCII characters in texts of kevents, except drawings
_NAMED = {"\x1b": "^[", "\n": r"\n", "\r": r"\r", "\t": r"\t"}


def escape(text: str, *, keep_newlines: bool = False) -> str:
    r"""The text with the characters that a terminal interprets made visible: `^[`, `\n`, `\x9b`, `\u202e`.

    keep_newlines: for output that shows a text on several lines.
    """
    hostile = _HOSTILE_EXCEPT_NEWLINE if keep_newlines else _HOSTILE
    return hostile.sub(_visible, text) if hostile.search(text) else text


def is_hostile(text: str, *, keep_newlines: bool = False) -> bool:
    """Whether `escape` would change the text."""
    return (_HOSTILE_EXCEPT_NEWLINE if keep_newlines else _HOSTILE).search(text) is not None


def escape_lone_surrogates(text: str) -> str:
    r"""The text as valid UTF-8: a lone surrogate becomes its JSON escape, such as `\ud83d`."""
    return text if text.isascii() else _LONE_SURROGATE.sub(_visible, text)


def replace_lone_surrogates(text: str) -> str:
    """The text as valid UTF-8: a lone surrogate becomes U+FFFD."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def encodable(text: str, encoding: str) -> str:
    r"""The text in characters of the encoding: `...` for an ellipsis, `\u4e2d` for a character that it lacks."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_PLAIN).encode(encoding, "backslashreplace").decode(encoding)
    return text


def _visible(match: re.Match[str]) -> str:
    character = match.group()
    code = ord(character)
    return _NAMED.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")
