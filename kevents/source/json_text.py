"""An incremental JSON decoder for text that arrives in pieces."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable
from typing import Any

Json = dict[str, Any] | list[Any] | str | int | float | bool | None  # any parsed JSON or YAML value

_SPACE = re.compile(r"[ \t\r\n\ufeff]*")
_NEAR_END = 16  # characters: an error this close to the end of the buffer may be due to an incomplete value


def _finite(digits: str) -> float | str:
    number = float(digits)
    return number if math.isfinite(number) else digits


# NaN, Infinity, 1e999 and integers that are too long for Python become strings, exactly as written
_decode = json.JSONDecoder(parse_constant=str, parse_float=_finite).raw_decode
_decode_long_integers = json.JSONDecoder(parse_constant=str, parse_float=_finite, parse_int=str).raw_decode


class JsonText:
    """A buffer over a stream of text. `at` is the position of the next character; the text before it may be dropped."""

    def __init__(self, read: Callable[[int], str], *, piece_size: int = 1, limit: int = sys.maxsize) -> None:
        """read: returns roughly this many more characters, and "" only at the end.

        piece_size: the minimum number of characters to read at once. limit: the maximum size of one value.
        """
        self.text = ""
        self.at = 0
        self.limit = limit
        self.piece_size = piece_size
        self.is_exhausted = False  # whether the stream has been read to its end
        self._read = read

    @classmethod
    def of(cls, text: str) -> JsonText:
        """The decoder of a complete text."""
        pieces = iter((text, ""))
        complete = cls(lambda _: next(pieces))
        complete.more()
        return complete

    @property
    def ended(self) -> bool:
        """Whether all text has been consumed."""
        return self.is_exhausted and self.at >= len(self.text)

    def more(self) -> bool:
        """Read more text and drop the text before `at`; at the end of the stream, do nothing and return False.

        Each call doubles the text after `at`, so a long value is decoded only a few times until it is complete.
        """
        if self.is_exhausted:
            return False
        unread = len(self.text) - self.at
        added = self._read(max(self.piece_size, min(unread, self.limit - unread)))
        if not added:
            self.is_exhausted = True
            return False
        rest, self.text, self.at = self.text[self.at :], "", 0  # frees the text, which may be long
        self.text = rest + added
        return True

    def skip_space(self) -> str:
        """Skip white space; returns the next character, or "" at the end."""
        if self.at < len(self.text) and " " < (character := self.text[self.at]) < "\x7f":
            return character
        while True:
            self.at = _SPACE.match(self.text, self.at).end()  # type: ignore[union-attr]
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.more():
                return ""

    def next_value(self) -> tuple[Json, int]:
        """The JSON value at `at` and its end in the buffer; `at` is not moved past it.

        Raises JSONDecodeError, or RecursionError if values are nested too deeply.
        """
        while True:
            try:
                value, end = self.decode()
            except json.JSONDecodeError as error:
                if self.is_incomplete(error) and self._grow():
                    continue
                raise
            # a number near the end of the buffer may continue: `1`, `1.`, `1e+`
            if self.text[end - 1] in '}]"' or end + _NEAR_END <= len(self.text) or not self._grow():
                return value, end

    def decode(self) -> tuple[Json, int]:
        """The JSON value at `at` and its end, decoded from the text in the buffer only."""
        try:
            return _decode(self.text, self.at)
        except json.JSONDecodeError:
            raise
        except ValueError:  # Python refuses to convert integers of thousands of digits
            return _decode_long_integers(self.text, self.at)

    def is_incomplete(self, error: json.JSONDecodeError) -> bool:
        """Whether the error may be due to the end of the buffer, so that more text may fix it."""
        return error.pos >= len(self.text) - _NEAR_END or error.msg.startswith("Unterminated string")

    def _grow(self) -> bool:
        return len(self.text) - self.at <= self.limit and self.more()
