"""The types of the values in a report's header. Files may come from other people, so every value is checked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from kevents.clock import TIME_FORMATS
from kevents.errors import UsageError
from kevents.escape import is_hostile
from kevents.suggest import hint

Check = Callable[[object], bool]
Kinds = Mapping[str, tuple[Check, str]]  # by key: whether a value is valid, and what it must be

_MOST_ROWS = 1_000_000_000


def is_text(value: object) -> bool:
    """Whether this is text that can be shown on a terminal."""
    return isinstance(value, str) and not is_hostile(value)


def _is_sentence(value: object) -> bool:
    return is_text(value) and bool(str(value).strip())


def _is_list(value: object) -> bool:
    return isinstance(value, list) and all(map(is_text, value))


def _is_rows(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _MOST_ROWS


TEXT = (is_text, "a string on one line, without control characters")
_SENTENCE = (_is_sentence, "a string on one line, without control characters")
_SWITCH = (lambda value: isinstance(value, bool), "true or false")
_TABLE = (lambda value: isinstance(value, dict), "a table")
_STRINGS = (_is_list, "a list of strings, each on one line")

HEADER: Kinds = {
    "summary": _SENTENCE,
    "columns": (lambda value: isinstance(value, dict) and bool(value), "a table with at least one column"),
    "order": (lambda value: _is_list(value) and bool(value), 'a list of strings, such as ["n DESC"]'),
    "by": _STRINGS,
    "aliases": _STRINGS,
    "argument": _TABLE,
    "parameters": _TABLE,
    "about": _STRINGS,
    "examples": _STRINGS,
    "time": (lambda value: isinstance(value, str) and value in TIME_FORMATS, f"one of {', '.join(TIME_FORMATS)}"),
    "is_command": _SWITCH,
    "keeps_newest": _SWITCH,
    "cap": (_is_rows, "a number of rows"),
    "document": TEXT,
    "empty": _SENTENCE,
}
ARGUMENT: Kinds = {"metavar": _SENTENCE, "help": TEXT, "report": TEXT}
PARAMETER: Kinds = {
    "value": TEXT,
    "metavar": _SENTENCE,
    "help": TEXT,
    "default": (lambda value: is_text(value) or _is_whole(value), "a string or a whole number"),
}
COLUMN: Kinds = {"kind": TEXT, "show": TEXT, "label": TEXT}


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63


def check(table: object, kinds: Kinds, where: str, required: Collection[str] = ()) -> dict[str, Any]:
    """The table, if it has the required keys and all its values are of these kinds. Raises UsageError otherwise."""
    if not isinstance(table, dict):
        raise UsageError(f"{where} must be a table")
    for key in table:
        if key not in kinds:
            raise UsageError(f'unknown key "{key}" in {where}', hint(key, kinds))
    for key in required:
        if key not in table:
            raise UsageError(f'{where} is missing "{key}"', "kevents reports new creates a complete template.")
    for key, value in table.items():
        is_valid, kind = kinds[key]
        if not is_valid(value):
            raise UsageError(f'"{key}" in {where} must be {kind}')
    return table
