"""Redaction: text that matches a pattern is replaced in every field except those that identify an object.

Identifiers, times and counts are kept, because questions and duplicate detection depend on them. A known reason and a
usual type are kept, too: they are no secrets, and the severity depends on them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import re2

from kevents.errors import UsageError
from kevents.escape import replace_lone_surrogates
from kevents.event.fields import API_KEYS, GROUPS, INTEGERS, LAST_SEEN, METADATA, REFERENCE, TYPE_META, Path
from kevents.event.severity_table import builtin_ratings

if TYPE_CHECKING:
    import pyarrow as pa

MARK = "[redacted]"
_MAX_MATCHES = 1_000  # in one text; what follows is redacted, because each search can take as long as the text
_SAMPLES = ("", "a", " ")  # a pattern that matches no character of these is not one for text

_IDENTIFIERS: frozenset[Path] = frozenset(
    (
        *((name,) for name in TYPE_META),
        *(("metadata", name) for name in METADATA if name != "creationTimestamp"),
        *(("involvedObject", name) for name in REFERENCE if name != "fieldPath"),
    )
)
_TIMES_AND_COUNTS: frozenset[Path] = frozenset((*LAST_SEEN, *INTEGERS))
_TIME_CHARACTERS = frozenset("0123456789-:.+TZtz ")
_TIME_FIELDS = frozenset(("series", *(path[-1] for path in (*LAST_SEEN, *INTEGERS))))
_USUAL_TYPES = frozenset(("Normal", "Warning"))

# columns of the tables of raw fields (event.raw.RAW), and of a store (event.schema.STORED), if the name differs
_COLUMNS: Mapping[str, Path] = {
    **{name: (name,) for name in ("message", "action", "reason", "type", "reportingComponent", "reportingInstance")},
    **{".".join(path): path for path in LAST_SEEN},
    **{f"source.{name}": ("source", name) for name in GROUPS["source"]},
    **{f"source_{name}": ("source", name) for name in GROUPS["source"]},
    "involvedObject.fieldPath": ("involvedObject", "fieldPath"),
    "time_fields": ("time_fields",),
    "field_path": ("involvedObject", "fieldPath"),
    "reporting_controller": ("reportingComponent",),
    "reporting_instance": ("reportingInstance",),
}


class Redaction:
    """The pattern of --redact, applied to text, to JSON values and to Events."""

    def __init__(self, pattern: str) -> None:
        options = re2.Options()
        options.log_errors = False
        try:
            self._pattern = re2.compile(pattern, options)
        except re2.error as error:
            reason = error.args[0].decode("utf-8", "replace")
            raise UsageError(f'invalid --redact pattern "{pattern}": {reason}', "Patterns use RE2 syntax.") from error
        except UnicodeEncodeError as error:
            raise UsageError(f'invalid --redact pattern "{pattern}": it is not valid UTF-8') from error
        if any(match.start() == match.end() for text in _SAMPLES for match in self._pattern.finditer(text)):
            raise UsageError(f'the --redact pattern "{pattern}" matches empty text, so it would redact everything')

    def text(self, text: str) -> str:
        """The text with its matches replaced."""
        text = replace_lone_surrogates(text)
        parts, end = [], 0
        for number, match in enumerate(self._pattern.finditer(text)):
            parts += [text[end : match.start()], MARK]
            end = match.end()
            if number == _MAX_MATCHES:
                return "".join(parts)
        return "".join((*parts, text[end:]))

    def value(self, value: Any) -> Any:
        """A JSON value with the matches in its texts, numbers and unknown keys replaced."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return self._mapping((key, self.value(item)) for key, item in value.items())
        if isinstance(value, int | float) and not isinstance(value, bool):
            text = str(value)
            return value if self.text(text) == text else MARK
        return value

    def event(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of a core/v1 Event, or some of them, with matches replaced."""
        return self._mapping((key, self._top_level(key, value)) for key, value in event.items())

    def document(self, document: bytes) -> bytes:
        """A core/v1 Event as JSON, redacted in the same fields as a table of raw fields.

        If the document is not valid JSON, it is redacted as plain text.
        """
        return self.json(document.decode("utf-8", "replace")).encode("utf-8", "surrogatepass")

    def json(self, text: str) -> str:
        """The JSON of an Event or some of its fields, redacted; as plain text if it is not valid JSON."""
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return self.text(text)
        redacted = self.event(value) if isinstance(value, dict) else self.value(value)
        return json.dumps(redacted, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def field(self, path: Path, value: Any) -> Any:
        """The value of a field of an Event, redacted unless it is kept."""
        if isinstance(value, str | int) and (path in _IDENTIFIERS or _is_kept(path, str(value))):
            return value
        return self.value(value)

    def _top_level(self, key: str, value: Any) -> Any:
        if key in GROUPS and isinstance(value, dict):
            return self._mapping((name, self.field((key, name), child)) for name, child in value.items())
        return self.field((key,), value)

    def _mapping(self, items: Iterable[tuple[str, Any]]) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        numbers: Counter[str] = Counter()
        for key, value in sorted(items, key=itemgetter(0)):
            name = unique = key if key in API_KEYS else self.text(key)
            while unique in mapping:
                numbers[name] += 1
                unique = f"{name} {numbers[name] + 1}"
            mapping[unique] = value
        return mapping


def _is_kept(path: Path, text: str) -> bool:
    match path:
        case ("reason",):
            return text in builtin_ratings()
        case ("type",):
            return text in _USUAL_TYPES
        case ("time_fields",):
            return _TIME_FIELDS.issuperset(text.split())
        case _:
            return path in _TIMES_AND_COUNTS and _TIME_CHARACTERS.issuperset(text)


class Redactor:
    """Redacts tables of raw fields, and of observations in the columns of a store."""

    def __init__(self, pattern: str) -> None:
        self._redaction = Redaction(pattern)

    def __call__(self, table: pa.Table) -> pa.Table:
        """The table with matches replaced."""
        for name in table.column_names:
            if name == "extra":
                table = _replaced(table, name, self._redaction.json)
            elif name == "related":
                table = _replaced(table, name, self._related)
            elif name in _COLUMNS:
                table = _replaced(table, name, partial(self._redaction.field, _COLUMNS[name]))
        return table

    def _related(self, text: str) -> str:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):  # in a Parquet file from elsewhere, which is rejected later
            return self._redaction.text(text)
        return json.dumps(self._redaction.value(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _replaced(table: pa.Table, name: str, redact: Callable[[str], str]) -> pa.Table:
    """The table with the distinct texts of a column redacted."""
    import pyarrow as pa

    index, column = table.schema.get_field_index(name), table.column(name).combine_chunks().dictionary_encode()
    texts = pa.array(map(redact, column.dictionary.to_pylist()), pa.string())
    return table.set_column(index, name, texts.take(column.indices))
