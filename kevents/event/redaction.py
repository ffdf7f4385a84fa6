"""Redaction: text that matches a pattern is replaced in free-text fields. Names are kept, because they are identity."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from kevents.errors import UsageError
from kevents.event.fields import COUNT, GROUPS, TEXT, TYPE_META

if TYPE_CHECKING:
    import pyarrow as pa

MARK = "[redacted]"
FREE_TEXT = ("message", "action")
FREE_JSON = ("related", "extra")  # extra: the fields without a column
_KEPT = {*TYPE_META, COUNT, *TEXT} - {*FREE_TEXT}


class Redaction:
    """The pattern of --redact, applied to text, to JSON values and to Events."""

    def __init__(self, pattern: str) -> None:
        try:
            self._pattern = re.compile(pattern)
        except re.error as error:
            raise UsageError(f'invalid --redact pattern "{pattern}": {error}') from error
        if self._pattern.match(""):
            raise UsageError(f'the --redact pattern "{pattern}" matches empty text, so it would redact everything')

    def text(self, text: str) -> str:
        """The text with its matches replaced."""
        return self._pattern.sub(MARK, text)

    def value(self, value: Any) -> Any:
        """A JSON value with the matches in its strings replaced; keys are kept."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {key: self.value(item) for key, item in value.items()}
        return value

    def document(self, document: bytes) -> bytes:
        """A core/v1 Event as JSON, redacted in the same fields as a table of raw fields.

        If the document is not valid JSON, it is redacted as plain text.
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
            return {
                name: child if name in GROUPS[key] and isinstance(child, str) else self.value(child)
                for name, child in value.items()
            }
        return self.value(value)


class Redactor:
    """Redacts tables of raw fields, in the columns that hold free text."""

    def __init__(self, pattern: str) -> None:
        self._redaction = Redaction(pattern)

    def __call__(self, raw: pa.Table) -> pa.Table:
        """The table, in the schema raw.RAW, with matches replaced."""
        import pyarrow as pa

        replacements = {**dict.fromkeys(FREE_TEXT, self._redaction.text), **dict.fromkeys(FREE_JSON, self._json)}
        for name, redact in replacements.items():
            values = [None if value is None else redact(value) for value in raw.column(name).to_pylist()]
            raw = raw.set_column(raw.schema.get_field_index(name), name, pa.array(values, pa.string()))
        return raw

    def _json(self, text: str) -> str:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):  # in a Parquet file from elsewhere, which is rejected later
            return self._redaction.text(text)
        return json.dumps(self._redaction.value(value), ensure_ascii=False, separators=(",", ":"))
