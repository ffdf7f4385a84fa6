"""Reads a dump: the fast path while the input is regular, the slow path for everything else."""

from __future__ import annotations

import io
from collections.abc import Iterator

from kevents.source.dump import json_documents, sniff
from kevents.source.dump.container_log import UnwrappedLog, is_wrapped
from kevents.source.dump.json_blocks import HEAD, WINDOW, Container, Remainder, blocks, item_start
from kevents.source.dump.json_reader import JsonReader
from kevents.source.dump.log_lines import LogLines
from kevents.source.dump.pieces import Block, Piece, Problem, Skipped, blank
from kevents.source.dump.utf8 import Readable, Utf8Stream

_PEEK = 64 << 10


def read(stream: Readable, *, window: int = WINDOW, head: int = HEAD) -> Iterator[Piece]:
    """The pieces of one input: blocks while it is regular, else single documents.

    window: the size of a block in bytes; head: inputs shorter than this are not read in blocks.
    """
    from kevents.source.dump import yaml_documents

    source = Utf8Stream(stream)
    description = sniff.describe_binary(source.peek(_PEEK))
    if description is not None:
        yield Problem(description, None, 0, is_other_format=True)
        return
    lines = LogLines(is_container_log=is_wrapped(source.peek(_PEEK)))
    if lines.is_container_log:
        source = Utf8Stream(UnwrappedLog(source))
    if yaml_documents.is_yaml(source.peek(_PEEK)):
        text = JsonReader(source)
        yield from yaml_documents.documents(text)
        yield from _remarks(text, source)
    else:
        yield from _read_json(source, lines, window, head)


def documents(block: Block) -> Iterator[Piece]:
    """The pieces of a block as single documents, for a block that has anything but plain core/v1 Events."""
    data = bytes(block.data)
    remainder = Remainder()
    if block.separator:
        data = data.replace(blank(block.separator), block.separator)
        remainder = Remainder(Container.LIST, item_start(block.separator))
    stream = Utf8Stream(io.BytesIO(data))
    stream.line, stream.offset = block.line, block.offset
    lines = LogLines()
    lines.events = 1  # the input is known to be a dump, even if this block has no events
    text = JsonReader(stream)
    yield from json_documents.documents(text, lines, remainder, partial=True)
    yield from lines.end()
    yield from _remarks(text, stream)


def _read_json(stream: Utf8Stream, lines: LogLines, window: int, head: int) -> Iterator[Piece]:
    """Alternates between the paths: the fast one as far as possible, then the slow one up to the end of a long list."""
    ended = False
    while not ended:
        start = stream.offset
        remainder = yield from blocks(stream, window=window, head=head)
        if stream.offset > start:
            lines.documents += 1
            lines.events += 1
        text = JsonReader(stream)
        ended = yield from json_documents.documents(text, lines, remainder)
        if ended:
            yield from lines.end()
        else:
            text.give_back()
        yield from _remarks(text, stream)


def _remarks(text: JsonReader, stream: Utf8Stream) -> Iterator[Piece]:
    """Pieces about the text in general: invalid bytes, and why the stream ended early."""
    if text.invalid_bytes:
        yield Skipped("invalid UTF-8 bytes, read as U+FFFD", text.invalid_bytes)
    if text.ended and (failure := stream.take_failure()):
        yield Problem(failure, text.line, text.offset)
