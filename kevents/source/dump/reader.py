"""A dump as pieces: the fast road where it is regular, the slow road for all the rest."""

from __future__ import annotations

import io
from collections.abc import Iterator

from kevents.source.dump import json_documents, sniff
from kevents.source.dump.container_log import Unwrapped, is_wrapped
from kevents.source.dump.json_blocks import HEAD, WINDOW, Inside, Rest, blocks, mark
from kevents.source.dump.json_reader import JsonReader
from kevents.source.dump.log_lines import LogLines
from kevents.source.dump.pieces import Block, Piece, Problem, Skipped, blank
from kevents.source.dump.utf8 import Feed, Readable

_PEEK = 64 << 10


def read(stream: Readable, *, window: int = WINDOW, head: int = HEAD) -> Iterator[Piece]:
    """The pieces of one input: whole blocks where it is regular, else document by document.

    window: of a block, in bytes; head: inputs shorter than this have no blocks.
    """
    from kevents.source.dump import yaml_documents

    feed = Feed(stream)
    what = sniff.binary(feed.peek(_PEEK))
    if what is not None:
        yield Problem(what, None, 0, foreign=True)
        return
    lines = LogLines(of_containers=is_wrapped(feed.peek(_PEEK)))
    if lines.of_containers:
        feed = Feed(Unwrapped(feed))
    if yaml_documents.is_yaml(feed.peek(_PEEK)):
        text = JsonReader(feed)
        yield from yaml_documents.documents(text)
        yield from _remarks(text, feed)
    else:
        yield from _json(feed, lines, window, head)


def documents(block: Block) -> Iterator[Piece]:
    """The pieces of a block one document at a time, for a block that is not what it was claimed to be."""
    data = bytes(block.data)
    rest = Rest()
    if block.joint:
        data = data.replace(blank(block.joint), block.joint)
        rest = Rest(Inside.LIST, mark(block.joint))
    feed = Feed(io.BytesIO(data))
    feed.line, feed.offset = block.line, block.offset
    lines = LogLines()
    lines.events = 1  # the input as a whole is a dump, whatever this block holds
    text = JsonReader(feed)
    yield from json_documents.documents(text, lines, rest, partial=True)
    yield from lines.end()
    yield from _remarks(text, feed)


def _json(feed: Feed, lines: LogLines, window: int, head: int) -> Iterator[Piece]:
    """The fast road as far as it leads, the slow road from there, and again the fast one behind a long list."""
    ended = False
    while not ended:
        before = feed.offset
        rest = yield from blocks(feed, window=window, head=head)
        if feed.offset > before:
            lines.documents += 1
            lines.events += 1
        text = JsonReader(feed)
        ended = yield from json_documents.documents(text, lines, rest)
        if ended:
            yield from lines.end()
        else:
            text.give_back()
        yield from _remarks(text, feed)


def _remarks(text: JsonReader, feed: Feed) -> Iterator[Piece]:
    """What is to be said of a stretch of text as a whole."""
    if text.undecodable:
        yield Skipped("bytes that are no UTF-8, read as U+FFFD", text.undecodable)
    if text.ended and (failure := feed.tell()):
        yield Problem(failure, text.line, text.offset)
