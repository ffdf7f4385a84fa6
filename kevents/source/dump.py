"""A dump as pieces: the fast road where it is regular, the slow road for all the rest."""

from __future__ import annotations

import io
from collections.abc import Iterator

from kevents.source import looks, mixed
from kevents.source.blocks import Inside, Rest, blocks, mark
from kevents.source.feed import Feed, Readable
from kevents.source.lines import Lines
from kevents.source.pieces import Block, Piece, Problem, Skipped, blank
from kevents.source.window import Window
from kevents.source.wrapped import Unwrapped, is_wrapped

_HEAD = 64 << 10


def read(stream: Readable) -> Iterator[Piece]:
    """The pieces of one input: whole blocks where it is regular, else document by document."""
    from kevents.source import yamltext

    feed = Feed(stream)
    what = looks.binary(feed.peek(_HEAD))
    if what is not None:
        yield Problem(what, None, 0, foreign=True)
        return
    if is_wrapped(feed.peek(_HEAD)):
        feed = Feed(Unwrapped(feed))
    if yamltext.is_yaml(feed.peek(_HEAD)):
        text = Window(feed)
        yield from yamltext.documents(text)
        yield from _remarks(text)
    else:
        yield from _json(feed)


def documents(block: Block) -> Iterator[Piece]:
    """The pieces of a block one document at a time, for a block that is not what it was claimed to be."""
    data = bytes(block.data)
    rest = Rest()
    if block.joint:
        data = data.replace(blank(block.joint), block.joint)
        rest = Rest(Inside.LIST, mark(block.joint))
    feed = Feed(io.BytesIO(data))
    feed.line, feed.offset = block.line, block.offset
    lines = Lines()
    lines.events = 1  # the input as a whole is a dump, whatever this block holds
    text = Window(feed)
    yield from mixed.documents(text, lines, rest, partial=True)
    yield from lines.end()
    yield from _remarks(text)


def _json(feed: Feed) -> Iterator[Piece]:
    """The fast road as far as it leads, the slow road from there, and again the fast one behind a long list."""
    lines = Lines()
    ended = False
    while not ended:
        before = feed.offset
        rest = yield from blocks(feed)
        if feed.offset > before:
            lines.documents += 1
            lines.events += 1
        text = Window(feed)
        ended = yield from mixed.documents(text, lines, rest)
        if ended:
            yield from lines.end()
            yield from _remarks(text)
        else:
            text.give_back()


def _remarks(text: Window) -> Iterator[Piece]:
    """What is to be said of the text as a whole when its end is reached."""
    if text.undecodable:
        yield Skipped("bytes that are no UTF-8, read as U+FFFD", text.undecodable)
    if text.failure and not text.told:
        yield Problem(text.failure, text.line, text.offset)
