"""YAML: streams of documents, and lists item by item, so that a long list is never held as a whole.

Scalars are what YAML 1.2 and JSON make of them: times stay text, `on` and `012` too. Aliases are refused, which no
writer of events uses: a few lines of them can stand for gigabytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kevents.source.dump import sniff, unwrap
from kevents.source.dump.json_reader import LIMIT, JsonReader
from kevents.source.dump.pieces import Json, Piece, Problem, Skipped
from kevents.source.dump.yaml_values import NotYaml, load

_BATCH = 64  # items loaded together
_JOINED = 8  # pieces of one item, where a line of its text looks like the next item

_KEY = re.compile(r"""(- +)*["']?[A-Za-z_][\w./-]*["']?\s*:(\s|$)""")
_ITEMS = re.compile(r"(items|Items):\s*(#.*)?$")
_KIND = re.compile(r"""kind:\s*["']?(\w+)""")
_MARKER = re.compile(r"%|(---|\.\.\.)\s*$")
_SEPARATOR = re.compile(r"(---|\.\.\.)(\s|$)")
_LIST_CUT_OFF = "the list ends before its kind, so the file seems truncated; the item that begins here is left out"
_Numbered = list[tuple[int, str]]  # lines with their numbers
_SIGNIFICANT = 5  # lines that have to look like YAML


def is_yaml(head: bytes) -> bool:
    """Whether the text that begins like this is YAML, and not JSON, a log or a page."""
    lines = head.decode("utf-8", "replace").split("\n")[:-1] or [head.decode("utf-8", "replace")]
    significant = [line for line in lines if _is_content(line) and not _MARKER.match(line)][:_SIGNIFICANT]
    if not significant or sniff.is_described(significant[0]) or not _KEY.match(significant[0]):
        return False
    return all(_KEY.match(line) or line[0] in " -" for line in significant)


def documents(text: JsonReader) -> Iterator[Piece]:
    """The events of the documents in the text."""
    document = _Document()
    empty = True
    while text.has_line():
        number, line = text.line, text.read_line()
        if _SEPARATOR.match(line):
            yield from document.end()
            document, line = _Document(), line[3:].strip()
        if not (line.startswith("%") and document.is_empty):
            empty = empty and not _is_content(line)
            yield from document.add(number, line)
    yield from document.end()
    if empty:
        yield Skipped("empty file")


class _Document:
    """One document as it is read: what stands before a list, some items of it, and what follows."""

    def __init__(self) -> None:
        self._head: _Numbered = []
        self._items: list[_Numbered] = []
        self._tail: _Numbered = []
        self._indentation: int | None = None  # of the items, once a list has begun
        self._size = 0

    @property
    def is_empty(self) -> bool:
        return not self._items and not any(_is_content(line) for _, line in self._head)

    def add(self, number: int, line: str) -> Iterator[Piece]:
        """Take a line, and give the events of the items that are complete."""
        self._size += len(line)
        indentation = len(line) - len(line.lstrip(" ")) if _is_content(line) else None
        is_item = (indentation is not None and line.startswith(("- ", "-\t"), indentation)) or line.strip() == "-"
        if self._indentation is None and is_item and self._list_begins():
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
                yield from self._loaded_items()
            self._items.append([(number, line)])
        else:
            self._keep(self._items[-1], number, line)

    def end(self) -> Iterator[Piece]:
        """Give the events of the rest."""
        if self._indentation is not None:
            outside = [line for _, line in (*self._head, *self._tail)]
            keys = {line.partition(":")[0] for line in outside}
            if "apiVersion" in keys and "kind" not in keys:
                number = self._items.pop()[0][0]
                yield from self._loaded_items()
                yield Problem(_LIST_CUT_OFF, number, None)
            yield from self._loaded_items()
        elif not self.is_empty:
            first = next(number for number, line in self._head if _is_content(line))
            try:
                yield from unwrap.events(_load(self._head), line=first)
            except NotYaml as error:
                yield error.problem(self._head[0][0])

    def _list_begins(self) -> bool:
        """Whether an item here is one of the document itself or of its `items`."""
        content = [line for _, line in self._head if _is_content(line)]
        return not content or _ITEMS.match(content[-1]) is not None

    def _keep(self, lines: _Numbered, number: int, line: str) -> None:
        if self._size <= LIMIT:
            lines.append((number, line))

    def _loaded_items(self) -> Iterator[Piece]:
        items, self._items = self._items, []
        too_long, self._size = self._size > LIMIT, 0
        if too_long:
            yield Problem(f"an item from here on is longer than {LIMIT >> 20} MB", items[-1][0][0], None)
            return
        kinds = (match[1] for _, line in self._head if (match := _KIND.match(line)))
        kind = unwrap.list_kind(next(kinds, None))
        for number, item in _items(items):
            if isinstance(item, NotYaml):
                yield item.problem(number)
            else:
                yield from unwrap.events(item, line=number, kind=kind)


def _items(items: list[_Numbered]) -> Iterator[tuple[int, Json | NotYaml]]:
    """The items with their lines: loaded together, or one by one where that fails."""
    together = _list_of(len(items), [line for item in items for line in item]) if items else []
    if not isinstance(together, NotYaml):
        yield from zip((item[0][0] for item in items), together, strict=True)
        return
    at = 0
    while at < len(items):
        number = items[at][0][0]
        failure: NotYaml | None = None
        for joined in range(1, min(_JOINED, len(items) - at) + 1):
            alone = _list_of(1, [line for item in items[at : at + joined] for line in item])
            if not isinstance(alone, NotYaml):
                yield number, alone[0]
                at += joined
                break
            failure = failure or alone
        else:
            yield number, failure or NotYaml("")
            at += 1


def _list_of(count: int, lines: _Numbered) -> list[Json] | NotYaml:
    try:
        loaded = _load(lines)
    except NotYaml as error:
        return error
    return (
        loaded if isinstance(loaded, list) and len(loaded) == count else NotYaml("the items of the list run together")
    )


def _load(lines: _Numbered) -> Json:
    return load("\n".join(line for _, line in lines))


def _is_content(line: str) -> bool:
    stripped = line.strip()
    return bool(stripped) and not stripped.startswith("#")
