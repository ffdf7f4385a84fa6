"""Bodies of lists and watches are split into events, whatever the pieces in which they arrive."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kevents.event import raw
from kevents.source.cluster.list_body import InvalidListError, ListBody, Page
from kevents.source.cluster.watch_lines import WatchBatch, WatchLines
from tests.server.events import encode, error_line, event, line

MESSAGES = st.lists(st.text(st.characters(codec="utf-8"), max_size=30), max_size=6)
SIZES = st.lists(st.integers(1, 400), min_size=1, max_size=20)


def pieces(body: bytes, sizes: list[int]) -> Iterator[bytes]:
    """The body in pieces of these sizes, repeated as needed, then b"" forever."""
    at = turn = 0
    while at < len(body):
        size = sizes[turn % len(sizes)]
        yield body[at : at + size]
        at, turn = at + size, turn + 1
    while True:
        yield b""


def items(messages: list[str]) -> list[dict[str, Any]]:
    return [event(f"web.{number}", "default", "u", message=message) for number, message in enumerate(messages)]


def body_of(text: bytes, sizes: list[int] | None = None) -> ListBody:
    return ListBody(pieces(text, sizes or [1000]).__next__)


def list_of(events: list[dict[str, Any]]) -> bytes:
    return encode({"kind": "EventList", "metadata": {"resourceVersion": "7", "continue": "t"}, "items": events})


@settings(deadline=None)
@given(MESSAGES, SIZES)
def test_a_list_has_the_same_items_in_any_pieces(messages: list[str], sizes: list[int]) -> None:
    events = items(messages)
    body = body_of(list_of(events), sizes)
    documents = [json.loads(document) for document, _ in body]
    assert documents == [{"kind": "Event", "apiVersion": "v1", **item} for item in events]
    assert (body.resource_version, body.continue_token) == (7, "t")


@settings(deadline=None)
@given(MESSAGES, SIZES)
def test_a_watch_has_the_same_events_in_any_pieces(messages: list[str], sizes: list[int]) -> None:
    events = items(messages)
    stream = b"".join(line("MODIFIED", encode(item)) for item in events)
    lines = WatchLines()
    documents: list[bytes] = []
    for piece in pieces(stream, sizes):
        batch = lines.feed(piece) if piece else lines.end()
        documents.extend(batch.documents)
        if not piece:
            break
    assert [json.loads(document) for document in documents] == [
        {"kind": "Event", "apiVersion": "v1", **item} for item in events
    ]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"<html></html>",
        b'{"kind":"EventList"',
        b'{"kind":"EventList","metadata":{"resourceVersion":"1"},"items":[{"metadata":{"na',
        b'{"kind":"EventList","metadata":{"resourceVersion":"1"},"items":[{"metadata":{}}]',
        b'{"kind":"EventList","items":[' + b"[" * 100_000,
        b"[]",
    ],
)
def test_a_body_that_is_truncated_or_not_a_list_is_invalid(text: bytes) -> None:
    with pytest.raises(InvalidListError):
        list(body_of(text))


@pytest.mark.parametrize("metadata", [b"{}", b"null", b'{"resourceVersion":"abc"}'])
def test_a_list_without_a_resource_version_is_invalid(metadata: bytes) -> None:
    body = body_of(b'{"metadata":' + metadata + b',"items":null}')
    assert list(body) == []
    with pytest.raises(InvalidListError):
        _ = body.resource_version


def test_a_list_may_have_its_version_after_the_items_and_items_that_are_not_events() -> None:
    body = body_of(b' { "items" : [ {"metadata":{}}, null, 7, {} ] , "metadata" : {"resourceVersion":"12"} } ')
    assert len(list(body)) == 1
    assert (body.non_events, body.resource_version) == (3, 12)


def test_items_of_a_list_can_be_read_by_the_fast_path_of_the_importer() -> None:
    batches = list(Page(body_of(list_of(items(["a", "ü", "c"]))), None).batches())
    table = raw.parse_plain(b"\n".join(batches[0]))
    assert table is not None
    assert table.column("message").to_pylist() == ["a", "ü", "c"]


def test_a_list_of_thirty_thousand_events_is_never_held_in_memory() -> None:
    item = encode(event("web.1", "default", "u"))
    many = b"".join([b"," + item] * 50)
    chunks = iter(
        [b'{"kind":"EventList","metadata":{"resourceVersion":"9"},"items":[' + many[1:], *[many] * 599, b"]}"]
    )

    tracemalloc.start()
    try:
        body = ListBody(lambda: next(chunks, b""))
        events = sum(len(batch) for batch in Page(body, None).batches())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (events, body.resource_version) == (30_000, 9)
    assert peak < 12 << 20  # of a body of 30 MB


def test_reading_ends_at_an_error_line() -> None:
    stream = line("ADDED", encode(event("a.1", "n", "u"))) + error_line(410, "Expired") + b"never read\n"
    batch = WatchLines().feed(stream)
    assert (len(batch.documents), batch.lines, batch.counts) == (1, 1, {})
    assert batch.status is not None
    assert batch.status["code"] == 410


def test_a_truncated_line_that_looks_complete_does_not_change_the_version() -> None:
    good = line("ADDED", encode(event("a.1", "n", "u")).replace(b'"0"', b'"41"'))
    truncated = good[:60] + b"}}\n"
    assert WatchLines().feed(good + truncated).resource_version == 41


def test_a_last_line_without_a_newline_is_read_if_it_is_complete() -> None:
    complete = line("ADDED", encode(event("a.1", "n", "u"))).rstrip(b"\n")

    def end(data: bytes) -> WatchBatch:
        lines = WatchLines()
        assert not lines.feed(data).lines
        return lines.end()

    assert len(end(complete).documents) == 1
    assert end(complete[:-9]).counts == {"torn lines": 1}
