"""JSON pulled out of a stream of text: values of any shape, with no more than a window of it in memory."""

from __future__ import annotations

import codecs
import json
import math
import re

from kevents.source.dump.pieces import Json, Problem
from kevents.source.dump.utf8 import Feed

SIZE = 1 << 20
LIMIT = 16 << 20  # of one document
_CUT_OFF = "the document ends in the middle: the file seems truncated"

_SPACE = re.compile(r"[ \t\r\n\ufeff]*")
_NEAR = 16  # how far before the end of the window the decoder may notice that a value is incomplete
_LITERALS = ("true", "false", "null", "NaN", "Infinity", "-Infinity")


def _finite(digits: str) -> float | str:
    number = float(digits)
    return number if math.isfinite(number) else digits


# what JSON has no word for stays as it was written
_decode = json.JSONDecoder(parse_constant=str, parse_float=_finite).raw_decode
_decode_long = json.JSONDecoder(parse_constant=str, parse_float=_finite, parse_int=str).raw_decode


class Broken(Exception):  # noqa: N818 - it does not leave this package: who catches it tells the problem
    """A value that cannot be read."""

    def __init__(self, reason: str, line: int, offset: int | None) -> None:
        super().__init__(reason)
        self.problem = Problem(reason, line, offset)


class Lost(Exception):  # noqa: N818
    """A document cannot be read on, which has been told; the text stands where the next one may begin."""


class JsonReader:
    """A window over a feed, decoded: `at` is the place that is read next, and what lies before it is forgotten."""

    def __init__(self, feed: Feed, *, size: int = SIZE, limit: int = LIMIT) -> None:
        self.text = ""
        self.at = 0
        self.undecodable = 0  # bytes that were no UTF-8
        self._feed = feed
        self._size = size
        self._limit = limit
        self._line = feed.line
        self._offset = feed.offset  # of the counted place
        self._counted = 0
        self._line_start = True  # whether the text begins where a line does
        self._ended = False
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")

    @property
    def line(self) -> int:
        self._count()
        return self._line

    @property
    def offset(self) -> int:
        self._count()
        return self._offset

    @property
    def ended(self) -> bool:
        """Whether nothing is left to be read."""
        return self._ended and self.at >= len(self.text)

    def more(self) -> bool:
        """Read on, forgetting what was passed; False at the end."""
        if self._ended:
            return False
        self._count()
        if self.at:
            self._line_start = self.text[self.at - 1] == "\n"
        rest = self.text[self.at :]
        self.text, self.at, self._counted = rest, 0, 0
        added = self._read(max(self._size, min(len(rest), self._limit - len(rest))))
        self.text = rest + added
        return bool(added) or self.more()

    def skip_space(self) -> str:
        """The next character that is no white space, or nothing at the end."""
        while True:
            self.at = _SPACE.match(self.text, self.at).end()  # type: ignore[union-attr]
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.more():
                return ""

    def has_line(self) -> bool:
        """Whether any text is left."""
        return self.at < len(self.text) or self.more()

    def value(self) -> Json:
        """The JSON value that begins here; raises Broken if there is none, with `at` left where it was."""
        while True:
            try:
                value, end = self._decoded()
            except json.JSONDecodeError as error:
                if self._is_cut(error) and self._grow():
                    continue
                raise self._broken(error) from None
            if end < len(self.text) or self.text[end - 1] in '}]"' or not self._grow():
                self.at = end
                return value

    def value_at_hand(self) -> Json:
        """The object that begins here if it is whole and within one window, else None."""
        while True:
            try:
                value, self.at = self._decoded()
            except json.JSONDecodeError as error:
                if self._is_cut(error) and len(self.text) - self.at < self._size and self.more():
                    continue
                return None
            except Broken:
                return None
            return value

    def cut_off(self, reason: str = _CUT_OFF) -> Exception:
        """What to raise where the text ends too early: the stream's own failure if that is why."""
        failure = self._feed.failure
        if failure is not None:
            return Broken(failure, self.line, self.offset) if self._feed.tell() else Lost()
        return Broken(reason, self.line, self.offset)

    def read_line(self) -> str:
        """The rest of the line without its end."""
        end = self._line_end()
        line = self.text[self.at : end]
        self.at = min(end + 1, len(self.text))
        return line.rstrip("\r")

    def pass_to(self, mark: re.Pattern[str]) -> re.Match[str] | None:
        """Go to the next place that matches, or to the end if there is none. Marks are shorter than 1 kB."""
        while (found := mark.search(self.text, self.at)) is None:
            self.at = max(self.at, len(self.text) - 1000)
            if not self.more():
                self.at = len(self.text)
                return None
        self.at = found.start()
        return found

    def indentation(self) -> str | None:
        """The white space before this place in its line, or None if something else is there or it is not known."""
        start = self.text.rfind("\n", 0, self.at) + 1
        before = self.text[start : self.at]
        return before if (start or self._line_start) and not before.strip() else None

    def give_back(self) -> None:
        """Return to the feed what was not read."""
        self._count()
        self._feed.unread(self.text[self.at :].encode("utf-8", "surrogatepass"))
        self._feed.line, self._feed.offset = self._line, self._offset

    def _line_end(self) -> int:
        while (end := self.text.find("\n", self.at)) < 0:
            if len(self.text) - self.at > self._limit or not self.more():
                return len(self.text)
        return end

    def _read(self, size: int) -> str:
        data = self._feed.read(size)
        self._ended = len(data) < size
        try:
            return self._decoder.decode(data, self._ended)
        except UnicodeDecodeError:
            pending, _ = self._decoder.getstate()
            self._decoder.reset()
            return self._repaired(pending + data)

    def _repaired(self, data: bytes) -> str:
        """Text with U+FFFD where bytes are no UTF-8, but for what may be half a character at the end."""
        decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        text = decoder.decode(data, self._ended)
        self._decoder.setstate((decoder.getstate()[0], 0))
        repaired = re.sub("[\udc80-\udcff]", "\ufffd", text)
        self.undecodable += sum("\udc80" <= char <= "\udcff" for char in text)
        return repaired

    def _decoded(self) -> tuple[Json, int]:
        try:
            return _decode(self.text, self.at)
        except json.JSONDecodeError:
            raise
        except RecursionError:
            raise Broken("no valid JSON: values are nested too deeply", self.line, self.offset) from None
        except ValueError:  # Python refuses to convert a number of thousands of digits
            return _decode_long(self.text, self.at)

    def _grow(self) -> bool:
        return len(self.text) - self.at <= self._limit and self.more()

    def _is_cut(self, error: json.JSONDecodeError) -> bool:
        """Whether the decoder met the end of the window rather than a mistake."""
        return error.pos >= len(self.text) - _NEAR or error.msg.startswith("Unterminated string")

    def _broken(self, error: json.JSONDecodeError) -> Exception:
        if self._is_cut(error) and not self._ended:
            too_long = f"the document that begins here is longer than {self._limit >> 20} MB"
            return Broken(too_long, self.line, self.offset)
        rest = self.text[error.pos :].strip()
        if error.msg.startswith("Unterminated") or any(literal.startswith(rest) for literal in (*_LITERALS, "\\u")):
            return self.cut_off()
        line = self.line + self.text.count("\n", self.at, error.pos)
        offset = self.offset + len(self.text[self.at : error.pos].encode("utf-8", "replace"))
        return Broken(f"no valid JSON: {_in_words(error)}", line, offset)

    def _count(self) -> None:
        """Bring line and offset up to the place that is read next."""
        if self._counted < self.at:
            self._line += self.text.count("\n", self._counted, self.at)
            passed = self.text[self._counted : self.at]
            self._offset += len(passed) if passed.isascii() else len(passed.encode("utf-8", "replace"))
            self._counted = self.at


def _in_words(error: json.JSONDecodeError) -> str:
    if error.msg.startswith("Invalid control character"):
        unclosed = error.doc[error.pos] in "\r\n"
        return "a text is not closed where its line ends" if unclosed else "a raw control character in a text"
    return f"{error.msg[0].lower()}{error.msg[1:]}"
