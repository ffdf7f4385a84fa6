"""The body of a list → its items, one by one as the bytes arrive: no more than one item and a chunk is held."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from kevents.event.last_seen import is_older

_SPACE = re.compile(r"[ \t\r\n]*")
_decode = json.JSONDecoder().raw_decode
_LOT = 1 << 20  # bytes that are handed over at once
_HEAD = b'{"kind":"Event","apiVersion":"v1",'  # what a list's items leave out


class TornListError(Exception):
    """The body ended early, or is no list."""


class ListBody:
    """A list that is read once: iterate for (raw item, decoded item), then look at the list's own metadata."""

    def __init__(self, read: Callable[[], bytes]) -> None:
        """read: gives the next bytes of the body, and b"" at its end."""
        self.metadata: dict[str, Any] = {}
        self.status: dict[str, Any] | None = None
        self.odd = 0  # items that are no events
        self._text = _Text(read)

    def __iter__(self) -> Iterator[tuple[bytes, dict[str, Any]]]:
        text = self._text
        text.expect("{")
        document: dict[str, Any] = {}
        while text.ahead() != "}":
            key, _ = text.value()
            text.expect(":")
            if key == "items" and text.ahead() == "[":
                yield from self._items()
            else:
                document[str(key)], _ = text.value()
            if text.ahead() != "}":
                text.expect(",")
        if document.get("kind") == "Status":
            self.status = document
        metadata = document.get("metadata")
        self.metadata = metadata if isinstance(metadata, dict) else {}

    def _items(self) -> Iterator[tuple[bytes, dict[str, Any]]]:
        text = self._text
        text.expect("[")
        while text.ahead() != "]":
            item, written = text.value()
            if isinstance(item, dict) and isinstance(item.get("metadata"), dict):
                yield (written if item.get("kind") else _HEAD + written[1:]), item
            else:
                self.odd += 1
            if text.ahead() != "]":
                text.expect(",")
        text.expect("]")

    @property
    def resource_version(self) -> int:
        """The version to watch from: the list's, never an item's."""
        try:
            return int(self.metadata["resourceVersion"])
        except (KeyError, ValueError, TypeError) as error:
            raise TornListError("the list has no resourceVersion") from error

    @property
    def token(self) -> str | None:
        """Where the next page begins."""
        return self.metadata.get("continue") or None


class Page:
    """A list's body in lots to hand over, without what is too old."""

    def __init__(self, body: ListBody, since: datetime | None) -> None:
        self.body = body
        self.taken = self.older = 0
        self._since = since

    def lots(self) -> Iterator[list[bytes]]:
        documents: list[bytes] = []
        size = 0
        for written, item in self.body:
            if self._since is not None and is_older(item, self._since):
                self.older += 1
                continue
            self.taken += 1
            documents.append(written)
            size += len(written)
            if size >= _LOT:
                yield documents
                documents, size = [], 0
        if documents:
            yield documents


class _Text:
    """JSON text that grows while it is read."""

    def __init__(self, read: Callable[[], bytes]) -> None:
        self._read = read
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._text = ""
        self._at = 0

    def ahead(self) -> str:
        """The next character that is no white space; it stays to be read."""
        while True:
            space = _SPACE.match(self._text, self._at)
            self._at = space.end() if space else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            self._more(1)

    def expect(self, character: str) -> None:
        if self.ahead() != character:
            raise TornListError("the answer is no list")
        self._at += 1

    def value(self) -> tuple[Any, bytes]:
        """The next JSON value, and as it was written."""
        self.ahead()
        while True:
            try:
                value, end = _decode(self._text, self._at)
            except RecursionError as error:
                raise TornListError("the list is nested too deep") from error
            except ValueError:
                end = len(self._text)
            if end < len(self._text):  # a number at the very end may go on
                written = self._text[self._at : end].encode()
                self._at = end
                return value, written
            self._more(len(self._text) - self._at)  # twice as much: a long message is not decoded at every chunk

    def _more(self, wanted: int) -> None:
        pieces = [self._text[self._at :]]
        got = 0
        while got < max(wanted, 1):
            data = self._read()
            piece = self._decoder.decode(data, final=not data)
            pieces.append(piece)
            got += len(piece)
            if not data:
                if got == 0:
                    raise TornListError("the list broke off")
                break
        self._text = "".join(pieces)
        self._at = 0
