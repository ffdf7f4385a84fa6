"""Escaping of event text for terminals. All text from a cluster goes through this module, because it may be hostile.

Unescaped, a message can move the cursor, rename the window, or hide and reorder other text. kubectl escapes only ESC
and CR (CVE-2021-25743). Backslashes in the text are not escaped.
"""

from __future__ import annotations

import re

_CONTROL = r"\x00-\x09\x0b-\x1f\x7f-\x9f"  # C0 without newline, DEL, C1
_INVISIBLE = r"\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # line separators, bidirectional controls
# soft hyphen, fillers, zero-width characters, invisible operators, variation selectors, BOM, annotations
_ZERO_WIDTH = (
    r"\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c\u2060-\u2065\u206a-\u206f\u3164"
    r"\ufe00-\ufe0d\ufeff\uffa0\ufff9-\ufffb"
)
_TAGS = r"\U000e0000-\U000e0fff"
_EMOJI = r"\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
_JOINER = rf"(?<![{_EMOJI}])\u200d|\u200d(?![{_EMOJI}])"  # a zero-width joiner within an emoji is harmless
_SURROGATE = r"\ud800-\udfff"  # lone surrogates, which no encoding can represent

_HIDDEN = f"{_INVISIBLE}{_ZERO_WIDTH}{_TAGS}"
_HOSTILE = re.compile(f"[{_CONTROL}{_HIDDEN}{_SURROGATE}\n]|{_JOINER}")
_HOSTILE_EXCEPT_NEWLINE = re.compile(f"[{_CONTROL}{_HIDDEN}{_SURROGATE}]|{_JOINER}")
_HOSTILE_IN_JSON = re.compile(rf"[\x7f-\x9f{_HIDDEN}{_SURROGATE}]|{_JOINER}")  # JSON itself escapes C0
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


def escape_json(text: str) -> str:
    r"""JSON text for a terminal: the characters that JSON leaves as they are, but a terminal does not, as `\u009b`."""
    return text if text.isascii() and "\x7f" not in text else _HOSTILE_IN_JSON.sub(_json_escape, text)


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
    if character in _NAMED:
        return _NAMED[character]
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _json_escape(match: re.Match[str]) -> str:
    units = match.group().encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[index : index + 2].hex()}" for index in range(0, len(units), 2))
