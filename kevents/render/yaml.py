"""YAML: a sequence of mappings, or Events in a List like kubectl's.

YAML is often shown on a terminal, so unsafe characters are written as YAML escapes in double quotes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import yaml

from kevents.escape import escape_lone_surrogates, is_hostile
from kevents.render.batches import arrays, data_columns, documents, slices
from kevents.render.plain import values

if TYPE_CHECKING:
    from kevents.render.look import Look
    from kevents.result import Result

_ROWS = 1_000
_WIDTH = 80  # where kubectl wraps
_LIST_OPEN = "apiVersion: v1\nitems:"
_LIST_CLOSE = 'kind: List\nmetadata:\n  resourceVersion: ""\n'

# text that some YAML readers would parse as another type
_AMBIGUOUS = re.compile(
    r"(?:y|n|yes|no|on|off|true|false|null|~|<<|=|"
    r"[-+]?\.(?:inf|nan)|"
    r"[-+]?\.?[0-9][0-9_,.:]*(?:e[-+]?[0-9]+)?|[-+]?0[xob][0-9a-f_]+|"
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*|)",
    re.IGNORECASE,
)
# text that libyaml writes with `|+`: as the last text of an item, it would end the document with `...`
_KEEPS_LINE_BREAKS = re.compile(r"\n|.*\n\n", re.DOTALL)


def chunks(result: Result, _: Look) -> Iterator[str]:
    """The result as one YAML document."""
    return _event_list(result) if result.document else _sequence(result)


def _sequence(result: Result) -> Iterator[str]:
    columns = data_columns(result)
    names = [column.name for column in columns]
    is_empty = True
    for batch in slices(result, _ROWS):
        is_empty = False
        rows = zip(*(values(array) for array in arrays(batch, columns)), strict=True)
        yield "".join(_item(dict(zip(names, row, strict=True)), sort_keys=False) for row in rows)
    if is_empty:
        yield "[]\n"


def _event_list(result: Result) -> Iterator[str]:
    before = _LIST_OPEN
    for texts in documents(result, _ROWS):
        if texts:
            start = before + "\n" if before else ""
            yield start + "".join(_item(json.loads(text), sort_keys=True) for text in texts)
            before = ""
    yield (before and before + " []\n") + _LIST_CLOSE


def _item(value: object, *, sort_keys: bool) -> str:
    """One item of a block sequence. If it contains characters that are unsafe on a terminal, it is all ASCII."""
    text = _dump(value, sort_keys=sort_keys, allow_unicode=True)
    if is_hostile(text, keep_newlines=True):
        return _dump(value, sort_keys=sort_keys, allow_unicode=False)
    return text


def _dump(value: object, *, sort_keys: bool, allow_unicode: bool) -> str:
    text: str = yaml.dump(
        [value],
        Dumper=_Dumper,
        default_flow_style=False,
        width=_WIDTH,
        sort_keys=sort_keys,
        allow_unicode=allow_unicode,
    )
    return text


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Uses kubectl's style: no quotes or double quotes, and block style for text of several lines."""

    def ignore_aliases(self, _: object) -> bool:
        """Write repeated values in full; kubectl prints no anchors."""
        return True

    def write_text(self, text: str) -> yaml.ScalarNode:
        """The node of a string, in a style that every reader parses as a string."""
        text = escape_lone_surrogates(text)
        style = None
        needs_quotes = _AMBIGUOUS.fullmatch(text) or _KEEPS_LINE_BREAKS.fullmatch(text)
        if needs_quotes or is_hostile(text, keep_newlines=True):
            style = '"'
        elif "\n" in text:
            style = "|"
        node: yaml.ScalarNode = self.represent_scalar("tag:yaml.org,2002:str", text, style)
        return node


_Dumper.add_representer(str, _Dumper.write_text)
