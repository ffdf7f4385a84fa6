"""Parses the body of a list response incrementally: only one item and one chunk are in memory at a time."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from kevents.event.last_seen import is_older
from kevents.event.shape import is_api_event
from kevents.event.version import EventVersion, newer
from kevents.source.cluster.shallow import name_of, shallow
from kevents.source.json_scan import ValueScan
from kevents.source.json_text import Json, JsonText

_BATCH = 1 << 20  # bytes
_MAX_VALUE = 32 << 20  # characters; an API server accepts objects of 3 MB
_LEFT_OUT = object()
_KIND = b'{"kind":"Event","apiVersion":"v1",'  # the items of a list omit both


class InvalidListError(Exception):
    """The body is truncated, or it is not a list."""


class ListBody:
    """A list response. Iterate once for (raw item, decoded item); the list's own metadata is available afterwards."""

    def __init__(self, read: Callable[[], bytes]) -> None:
        """read: returns the next bytes of the body, and b"" at its end."""
        self.metadata: dict[str, Any] = {}
        self.status: dict[str, Any] | None = None
        self.non_events = 0  # items that are not Events
        self.too_deep = 0  # items that are nested too deeply
        self.first_too_deep = ""  # the name or position of the first of them
        self._text = JsonText(_decoded(read), limit=_MAX_VALUE)

    def __iter__(self) -> Iterator[tuple[bytes, dict[str, Any]]]:
        self._expect("{")
        document: dict[str, Any] = {}
        while self._next() != "}":
            key, _ = self._value()
            self._expect(":")
            if key == "items" and self._next() == "[":
                yield from self._items()
            else:
                document[str(key)], _ = self._value()
            if self._next() != "}":
                self._expect(",")
        if document.get("kind") == "Status":
            self.status = document
        metadata = document.get("metadata")
        self.metadata = metadata if isinstance(metadata, dict) else {}

    @property
    def resource_version(self) -> int:
        """The version to start a watch from. It is always the list's, never an item's."""
        try:
            return int(self.metadata["resourceVersion"])
        except (KeyError, ValueError, TypeError) as error:
            raise InvalidListError("the list has no resourceVersion") from error

    @property
    def continue_token(self) -> str | None:
        """The token to request the next page with; None on the last page."""
        return self.metadata.get("continue") or None

    def _items(self) -> Iterator[tuple[bytes, dict[str, Any]]]:
        self._expect("[")
        character = self._next()
        position = 0
        while character != "]":
            position += 1
            item, raw = self._item(position)
            if isinstance(item, dict) and is_api_event(item):
                yield (raw if item.get("kind") else _KIND + raw[1:]), item
            elif item is not _LEFT_OUT:
                self.non_events += 1
            character = self._next()
            if character == ",":
                self._text.at += 1
                character = self._next()
            elif character != "]":
                raise InvalidListError("the response is not a list")
        self._expect("]")

    def _item(self, position: int) -> tuple[Json | object, bytes]:
        """The next item, decoded and as raw bytes; _LEFT_OUT instead if it is nested too deeply."""
        value, raw = self._value()
        readable = shallow(raw)
        if readable is raw:
            return value, raw
        if readable is None:
            self.too_deep += 1
            self.first_too_deep = self.first_too_deep or name_of(raw) or f"item {position:,} of the list"
            return _LEFT_OUT, raw
        try:
            return json.loads(readable), readable
        except ValueError as error:
            raise InvalidListError("the list is not valid JSON") from error

    def _next(self) -> str:
        """The next character that is not white space; it is not consumed."""
        character = self._text.skip_space()
        if not character:
            raise InvalidListError("the list is truncated")
        return character

    def _expect(self, character: str) -> None:
        if self._next() != character:
            raise InvalidListError("the response is not a list")
        self._text.at += 1

    def _value(self) -> tuple[Json, bytes]:
        """The next JSON value, decoded and as raw bytes; None is the value if it is nested too deeply to decode."""
        text = self._text
        self._next()
        value: Json = None
        try:
            value, end = text.next_value()
        except RecursionError:
            end = self._end_of_value()
        except json.JSONDecodeError as error:
            problem = "is truncated" if text.is_incomplete(error) else "is not valid JSON"
            raise InvalidListError(f"the list {problem}") from error
        raw = text.text[text.at : end].encode()
        text.at = end
        return value, raw

    def _end_of_value(self) -> int:
        scan, text = ValueScan(), self._text
        while (end := scan.end(text.text, text.at)) is None:
            if len(text.text) - text.at > text.limit or not text.more():
                raise InvalidListError("the list is truncated")
        return end


class Page:
    """One page of a list in batches of documents, without events that are too old."""

    def __init__(self, body: ListBody, since: datetime | None) -> None:
        self.body = body
        self.included = self.older = 0
        self.last_event: EventVersion | None = None  # the newest of all items
        self._since = since

    def batches(self) -> Iterator[list[bytes]]:
        documents: list[bytes] = []
        size = 0
        for document, item in self.body:
            self.last_event = newer(self.last_event, EventVersion.of_event(item))
            if self._since is not None and is_older(item, self._since):
                self.older += 1
                continue
            self.included += 1
            documents.append(document)
            size += len(document)
            if size >= _BATCH:
                yield documents
                documents, size = [], 0
        if documents:
            yield documents


def _decoded(read: Callable[[], bytes]) -> Callable[[int], str]:
    """A function that reads at least this many characters of UTF-8, fewer only at the end."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def read_text(size: int) -> str:
        pieces: list[str] = []
        length = 0
        while length < size:
            data = read()
            pieces.append(decoder.decode(data, final=not data))
            length += len(pieces[-1])
            if not data:
                break
        return "".join(pieces)

    return read_text
