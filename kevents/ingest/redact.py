"""Redaction of tables of raw fields, before anything is written."""

from __future__ import annotations

import json

import pyarrow as pa

from kevents.event.redaction import FREE_JSON, FREE_TEXT, Redaction


class Redactor:
    """Replaces matches in what senders word freely: message, action, related, extra. Names stay, as identity."""

    def __init__(self, pattern: str) -> None:
        self._redaction = Redaction(pattern)

    def __call__(self, raw: pa.Table) -> pa.Table:
        """The table in event.raw.RAW, with matches replaced."""
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
