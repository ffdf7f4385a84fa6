"""Redaction: what matches a pattern is replaced before anything is written."""

from __future__ import annotations

import json
import re
from typing import Any

import pyarrow as pa

from kevents.errors import UsageError

MARK = "[redacted]"


class Redactor:
    """Replaces matches in what senders word freely: message, action, related, extra. Names stay, as identity."""

    def __init__(self, pattern: str) -> None:
        try:
            self._pattern = re.compile(pattern)
        except re.error as error:
            raise UsageError(f"--redact {pattern!r} is no regular expression: {error}") from error
        if self._pattern.match(""):
            raise UsageError(f"--redact {pattern!r} matches empty text, so it would redact everything")

    def __call__(self, raw: pa.Table) -> pa.Table:
        """The table in event.raw.RAW, with matches replaced."""
        rewrites = {"message": self._text, "action": self._text, "related": self._json, "extra": self._json}
        for name, rewrite in rewrites.items():
            values = [None if value is None else rewrite(value) for value in raw.column(name).to_pylist()]
            raw = raw.set_column(raw.schema.get_field_index(name), name, pa.array(values, pa.string()))
        return raw

    def _text(self, text: str) -> str:
        return self._pattern.sub(MARK, text)

    def _json(self, text: str) -> str:
        return json.dumps(self._value(json.loads(text)), ensure_ascii=False, separators=(",", ":"))

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list):
            return [self._value(item) for item in value]
        if isinstance(value, dict):
            return {key: self._value(item) for key, item in value.items()}
        return value
