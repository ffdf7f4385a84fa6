"""Redaction: what matches a pattern is replaced in all that senders word freely; names stay, for they are identity."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from kevents.errors import UsageError
from kevents.event.fields import GROUPS, TEXT

if TYPE_CHECKING:
    import pyarrow as pa

MARK = "[redacted]"
FREE_TEXT = ("message", "action")
FREE_JSON = ("related", "extra")  # extra is what has no column
_KEPT = {"kind", "apiVersion", "count", *TEXT} - {*FREE_TEXT}


class Redaction:
    """The pattern of --redact, applied to text, to JSON values, and to whole Events."""

    def __init__(self, pattern: str) -> None:
        try:
            self._pattern = re.compile(pattern)
        except re.error as error:
            raise UsageError(f"--redact {pattern!r} is no regular expression: {error}") from error
        if self._pattern.match(""):
            raise UsageError(f"--redact {pattern!r} matches empty text, so it would redact everything")

    def text(self, text: str) -> str:
        """The text with its matches replaced."""
        return self._pattern.sub(MARK, text)

    def value(self, value: Any) -> Any:
        """A JSON value with the matches in its texts replaced; keys stay."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {key: self.value(item) for key, item in value.items()}
        return value

    def document(self, document: bytes) -> bytes:
        """A core/v1 Event as JSON, with matches replaced where a table of its fields has them in free columns.

        One that is no JSON is redacted as the text that it is.
        """
        try:
            event = json.loads(document)
        except (ValueError, RecursionError):
            return self.text(document.decode("utf-8", "replace")).encode()
        redacted = {key: self._field(key, value) for key, value in event.items()}
        return json.dumps(redacted, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")

    def _field(self, key: str, value: Any) -> Any:
        if key in _KEPT and isinstance(value, str):
            return value
        if key in GROUPS and isinstance(value, dict):
            known = GROUPS[key]
            return {
                name: part if name in known and isinstance(part, str) else self.value(part)
                for name, part in value.items()
            }
        return self.value(value)


class Redactor:
    """Replaces matches in what senders word freely: message, action, related, extra. Names stay, as identity."""

    def __init__(self, pattern: str) -> None:
        self._redaction = Redaction(pattern)

    def __call__(self, raw: pa.Table) -> pa.Table:
        """The table in event.raw.RAW, with matches replaced."""
        import pyarrow as pa

        rewrites = {**dict.fromkeys(FREE_TEXT, self._redaction.text), **dict.fromkeys(FREE_JSON, self._json)}
        for name, rewrite in rewrites.items():
            values = [None if value is None else rewrite(value) for value in raw.column(name).to_pylist()]
            raw = raw.set_column(raw.schema.get_field_index(name), name, pa.array(values, pa.string()))
        return raw

    def _json(self, text: str) -> str:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):  # of a file from elsewhere, which is refused later
            return self._redaction.text(text)
        return json.dumps(self._redaction.value(value), ensure_ascii=False, separators=(",", ":"))
