"""Reads JSON text from a stream with line numbers, offsets and problems, holding a window of it in memory."""

from __future__ import annotations

import codecs
import json
import re

from kevents.json_depth import TOO_DEEP, is_too_deep, value_end, without_managed_fields
from kevents.source.dump.pieces import Problem
from kevents.source.dump.utf8 import Utf8Stream
from kevents.source.json_text import Json, JsonText

WINDOW = 1 << 20
LIMIT = 24 << 20  # characters of one document
_COUNTED_AT_ONCE = 1 << 20  # characters
_LONG_VALUE = 4 << 20  # characters
_TRUNCATED = "the document ends in the middle: the file seems truncated"
_LITERALS = ("true", "false", "null", "NaN", "Infinity", "-Infinity")


class BrokenJson(Exception):  # noqa: N818 - it does not leave this package: who catches it reports the problem
    """A value that cannot be read."""

    def __init__(self, reason: str, line: int, offset: int | None) -> None:
        super().__init__(reason)
        self.problem = Problem(reason, line, offset)


class SkippedRest(Exception):  # noqa: N818
    """The rest of a document was skipped after its problem was reported; the next document may start here."""


class JsonReader(JsonText):
    """A decoded window over a stream, with the line and offset of the current position."""

    def __init__(self, stream: Utf8Stream, *, window: int = WINDOW, limit: int = LIMIT) -> None:
        super().__init__(self._read_text, piece_size=window, limit=limit)
        self.invalid_bytes = 0  # bytes that are not UTF-8
        self._stream = stream
        self._line = stream.line  # of the character at `_counted`, as is the offset
        self._offset = stream.offset
        self._counted = 0
        self._starts_line = True  # whether the text in the buffer starts at the start of a line
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")

    @property
    def line(self) -> int:
        self._count()
        return self._line

    @property
    def offset(self) -> int:
        self._count()
        return self._offset

    def more(self) -> bool:
        self._count()
        starts_line = self._is_at_line_start()
        if not super().more():
            return False
        self._counted, self._starts_line = 0, starts_line
        return True

    def has_line(self) -> bool:
        """Whether any text is left."""
        return self.at < len(self.text) or self.more()

    def value(self, *, outside: int = 0) -> Json:
        """The JSON value that starts here. Raises BrokenJson if there is none; then `at` does not move.

        outside: the levels of the document around it. A value that is nested too deeply is broken, but passed.
        """
        try:
            value, end = self.next_value()
        except json.JSONDecodeError as error:
            raise self._broken(error) from None
        except RecursionError:
            return self._deep_value(outside)
        if is_too_deep("[" * outside + self.text[self.at : end]):
            return self._deep_value(outside)
        self.at = end
        if self.at > _LONG_VALUE:
            self._drop_read()
        return value

    def _deep_value(self, outside: int) -> Json:
        """The value that starts here without managedFields, which may be all that is nested too deeply."""
        while (end := value_end(self.text, self.at)) is None:
            if len(self.text) - self.at >= self.limit or not self.more():
                raise BrokenJson(f"invalid JSON: {TOO_DEEP}", self.line, self.offset)
        text = without_managed_fields(self.text[self.at : end])
        broken = BrokenJson(f"invalid JSON: {TOO_DEEP}", self.line, self.offset)
        self.at = end
        if is_too_deep("[" * outside + text):
            raise broken
        try:
            return JsonText.of(text).next_value()[0]
        except json.JSONDecodeError:
            raise broken from None

    def value_in_window(self) -> Json:
        """The object that starts here, if it is complete within one window, else None."""
        while True:
            try:
                value, end = self.decode()
            except json.JSONDecodeError as error:
                if self.is_incomplete(error) and len(self.text) - self.at < self.piece_size and self.more():
                    continue
                return None
            except RecursionError:
                return None
            if is_too_deep(self.text[self.at : end]):
                return None
            self.at = end
            return value

    def truncated(self, reason: str = _TRUNCATED) -> Exception:
        """The exception for text that ends too early. If the stream failed, that is the reason, reported only once."""
        failure = self._stream.failure
        if failure is not None:
            is_new = self._stream.take_failure() is not None
            return BrokenJson(failure, self.line, self.offset) if is_new else SkippedRest()
        return BrokenJson(reason, self.line, self.offset)

    def read_line(self) -> str:
        """The rest of the line without its line break."""
        end = self._line_end()
        line = self.text[self.at : end]
        self.at = min(end + 1, len(self.text))
        return line.rstrip("\r")

    def skip_to(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Go to the next match, or to the end if there is none. Matches must be shorter than 1,000 characters."""
        while (match := pattern.search(self.text, self.at)) is None:
            self.at = max(self.at, len(self.text) - 1000)
            if not self.more():
                self.at = len(self.text)
                return None
        self.at = match.start()
        return match

    def indentation(self) -> str | None:
        """The white space before this position in its line; None if there is other text, or if it is unknown."""
        start = self.text.rfind("\n", 0, self.at) + 1
        before = self.text[start : self.at]
        return before if (start or self._starts_line) and not before.strip() else None

    def give_back(self) -> None:
        """Return the unread text to the stream."""
        self._count()
        self._stream.unread(self.text[self.at :].encode("utf-8", "surrogatepass"))
        self._stream.line, self._stream.offset = self._line, self._offset
        self.is_exhausted = False
        self.text, self.at, self._counted = "", 0, 0  # the reader is part of a cycle, so it is not freed at once

    def _is_at_line_start(self) -> bool:
        return self.text[self.at - 1] == "\n" if self.at else self._starts_line

    def _drop_read(self) -> None:
        """Drop the text before this position: with one emoji in it, each of its characters takes 4 bytes."""
        self._count()
        self._starts_line = self._is_at_line_start()
        self.text, self.at, self._counted = self.text[self.at :], 0, 0

    def _line_end(self) -> int:
        while (end := self.text.find("\n", self.at)) < 0:
            if len(self.text) - self.at > self.limit or not self.more():
                return len(self.text)
        return end

    def _read_text(self, size: int) -> str:
        text, is_last = "", False
        while not text and not is_last:
            data = self._stream.read(size)
            is_last = len(data) < size
            text = self._decoded(data, is_last=is_last)
        return text

    def _decoded(self, data: bytes, *, is_last: bool) -> str:
        try:
            return self._decoder.decode(data, is_last)
        except UnicodeDecodeError:
            pending, _ = self._decoder.getstate()
            self._decoder.reset()
            return self._repaired(pending + data, is_last=is_last)

    def _repaired(self, data: bytes, *, is_last: bool) -> str:
        """The text with U+FFFD in place of invalid bytes, except for what may be an incomplete character at the end."""
        decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        text = decoder.decode(data, is_last)
        self._decoder.setstate((decoder.getstate()[0], 0))
        repaired = re.sub("[\udc80-\udcff]", "\ufffd", text)
        self.invalid_bytes += sum("\udc80" <= char <= "\udcff" for char in text)
        return repaired

    def _broken(self, error: json.JSONDecodeError) -> Exception:
        if self.is_incomplete(error) and not self.is_exhausted:
            too_long = f"the document that starts here is longer than {self.limit >> 20} MB"
            return BrokenJson(too_long, self.line, self.offset)
        rest = self.text[error.pos :].strip()
        if error.msg.startswith("Unterminated") or any(literal.startswith(rest) for literal in (*_LITERALS, "\\u")):
            return self.truncated()
        line = self.line + self.text.count("\n", self.at, error.pos)
        offset = self.offset + len(self.text[self.at : error.pos].encode("utf-8", "replace"))
        return BrokenJson(f"invalid JSON: {_message(error)}", line, offset)

    def _count(self) -> None:
        """Move the counted line and offset up to `at`."""
        for start in range(self._counted, self.at, _COUNTED_AT_ONCE):
            passed = self.text[start : min(start + _COUNTED_AT_ONCE, self.at)]
            self._line += passed.count("\n")
            self._offset += len(passed) if passed.isascii() else len(passed.encode("utf-8", "replace"))
        self._counted = max(self._counted, self.at)


def _message(error: json.JSONDecodeError) -> str:
    if error.msg.startswith("Invalid control character"):
        is_unclosed = error.doc[error.pos] in "\r\n"
        return "a string is not closed before the end of its line" if is_unclosed else "a control character in a string"
    return f"{error.msg[0].lower()}{error.msg[1:]}"
