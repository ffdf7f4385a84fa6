"""Reads YAML streams document by document, and lists item by item, so that a long list is never held in memory.

Scalars are read as in YAML 1.2 and JSON: times remain strings, and so do `on` and `012`. Aliases are refused: nothing
that writes events uses them, and a few lines of them can expand to gigabytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kevents.source.dump import sniff, unwrap
from kevents.source.dump.json_reader import LIMIT, JsonReader
from kevents.source.dump.pieces import Piece, Problem, Skipped
from kevents.source.dump.yaml_values import InvalidYaml, load
from kevents.source.json_text import Json

_BATCH = 64  # items loaded together
_MAX_PARTS = 8  # of one item, if lines of its text look like the start of an item

_KEY = re.compile(r"""(- +)*["']?[A-Za-z_][\w./-]*["']?\s*:(\s|$)""")
_ITEMS = re.compile(r"(items|Items):\s*(#.*)?$")
_KIND = re.compile(r"""kind:\s*["']?(\w+)""")
_MARKER = re.compile(r"%|(---|\.\.\.)\s*$")
_SEPARATOR = re.compile(r"(---|\.\.\.)(\s|$)")
_LIST_TRUNCATED = "the list ends before its kind, so the file seems truncated; the item that starts here is skipped"
_NumberedLines = list[tuple[int, str]]
_SAMPLE = 5  # lines that have to look like YAML


def is_yaml(head: bytes) -> bool:
    """Whether text that starts like this is YAML rather than JSON, a log or an HTML page."""
    lines = head.decode("utf-8", "replace").split("\n")[:-1] or [head.decode("utf-8", "replace")]
    sample = [line for line in lines if _is_content(line) and not _MARKER.match(line)][:_SAMPLE]
    if not sample or sniff.is_describe_output(sample[0]) or not _KEY.match(sample[0]):
        return False
    return all(_KEY.match(line) or line[0] in " -" for line in sample)


def documents(text: JsonReader) -> Iterator[Piece]:
    """The events of the documents in the text."""
    document = _Document()
    is_empty = True
    while text.has_line():
        number, line = text.line, text.read_line()
        if _SEPARATOR.match(line):
            yield from document.end()
            document, line = _Document(), line[3:].strip()
        if not (line.startswith("%") and document.is_empty):
            is_empty = is_empty and not _is_content(line)
            yield from document.add(number, line)
    yield from document.end()
    if is_empty:
        yield Skipped("empty file")


class _Document:
    """A document that is being read: the lines before its list, some items of the list, and the lines after it."""

    def __init__(self) -> None:
        self._head: _NumberedLines = []
        self._items: list[_NumberedLines] = []
        self._tail: _NumberedLines = []
        self._indentation: int | None = None  # of the items, once the list has started
        self._size = 0

    @property
    def is_empty(self) -> bool:
        return not self._items and not any(_is_content(line) for _, line in self._head)

    def add(self, number: int, line: str) -> Iterator[Piece]:
        """Add a line; yields the events of items that are complete."""
        self._size += len(line)
        indentation = len(line) - len(line.lstrip(" ")) if _is_content(line) else None
        is_item = (indentation is not None and line.startswith(("- ", "-\t"), indentation)) or line.strip() == "-"
        if self._indentation is None and is_item and self._is_at_list():
            self._indentation = indentation
        if self._indentation is None:
            self._keep(self._head, number, line)
        elif self._tail or (
            indentation is not None
            and (indentation < self._indentation or (not is_item and indentation == self._indentation))
        ):
            self._keep(self._tail, number, line)
        elif is_item and indentation == self._indentation:
            if len(self._items) >= _BATCH:
                yield from self._load_items()
            self._items.append([(number, line)])
        else:
            self._keep(self._items[-1], number, line)

    def end(self) -> Iterator[Piece]:
        """The events in the rest of the document."""
        if self._indentation is not None:
            outside = [line for _, line in (*self._head, *self._tail)]
            keys = {line.partition(":")[0] for line in outside}
            if "apiVersion" in keys and "kind" not in keys:
                number = self._items.pop()[0][0]
                yield from self._load_items()
                yield Problem(_LIST_TRUNCATED, number, None)
            yield from self._load_items()
        elif not self.is_empty:
            first = next(number for number, line in self._head if _is_content(line))
            try:
                yield from unwrap.events(_load(self._head), line=first)
            except InvalidYaml as error:
                yield error.problem(self._head[0][0])

    def _is_at_list(self) -> bool:
        """Whether an item here belongs to the document itself or to its `items`."""
        content = [line for _, line in self._head if _is_content(line)]
        return not content or _ITEMS.match(content[-1]) is not None

    def _keep(self, lines: _NumberedLines, number: int, line: str) -> None:
        if self._size <= LIMIT:
            lines.append((number, line))

    def _load_items(self) -> Iterator[Piece]:
        items, self._items = self._items, []
        is_too_long, self._size = self._size > LIMIT, 0
        if is_too_long:
            yield Problem(f"an item after this line is longer than {LIMIT >> 20} MB", items[-1][0][0], None)
            return
        kinds = (match[1] for _, line in self._head if (match := _KIND.match(line)))
        kind = unwrap.kind_of_items(next(kinds, None))
        for number, item in _loaded(items):
            if isinstance(item, InvalidYaml):
                yield item.problem(number)
            else:
                yield from unwrap.events(item, line=number, kind=kind)


def _loaded(items: list[_NumberedLines]) -> Iterator[tuple[int, Json | InvalidYaml]]:
    """The items with their line numbers: loaded together, or one by one if that fails."""
    values = _load_list(len(items), [line for item in items for line in item]) if items else []
    if not isinstance(values, InvalidYaml):
        yield from zip((item[0][0] for item in items), values, strict=True)
        return
    at = 0
    while at < len(items):
        number = items[at][0][0]
        error: InvalidYaml | None = None
        for parts in range(1, min(_MAX_PARTS, len(items) - at) + 1):
            value = _load_list(1, [line for item in items[at : at + parts] for line in item])
            if not isinstance(value, InvalidYaml):
                yield number, value[0]
                at += parts
                break
            error = error or value
        else:
            yield number, error or InvalidYaml("")
            at += 1


def _load_list(count: int, lines: _NumberedLines) -> list[Json] | InvalidYaml:
    try:
        values = _load(lines)
    except InvalidYaml as error:
        return error
    if isinstance(values, list) and len(values) == count:
        return values
    return InvalidYaml("cannot tell where an item of the list ends")


def _load(lines: _NumberedLines) -> Json:
    return load("\n".join(line for _, line in lines))


def _is_content(line: str) -> bool:
    stripped = line.strip()
    return bool(stripped) and not stripped.startswith("#")
