"""Bodies cut into events, wherever the bytes are torn apart on their way."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kevents.event import raw
from kevents.source.cluster.list_body import ListBody, Page, TornListError
from kevents.source.cluster.watch_lines import WatchBatch, WatchLines
from tests.server.events import encode, error_line, event, line

MESSAGES = st.lists(st.text(st.characters(codec="utf-8"), max_size=30), max_size=6)
SIZES = st.lists(st.integers(1, 400), min_size=1, max_size=20)


def pieces(body: bytes, sizes: list[int]) -> Iterator[bytes]:
    """The body in pieces of these sizes, over and over, then its end for ever."""
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


def list_of(made: list[dict[str, Any]]) -> bytes:
    return encode({"kind": "EventList", "metadata": {"resourceVersion": "7", "continue": "t"}, "items": made})


@settings(deadline=None)
@given(MESSAGES, SIZES)
def test_a_list_gives_the_same_items_however_it_is_torn(messages: list[str], sizes: list[int]) -> None:
    made = items(messages)
    body = body_of(list_of(made), sizes)
    found = [json.loads(written) for written, _ in body]
    assert found == [{"kind": "Event", "apiVersion": "v1", **one} for one in made]
    assert (body.resource_version, body.token) == (7, "t")


@settings(deadline=None)
@given(MESSAGES, SIZES)
def test_a_watch_gives_the_same_events_however_it_is_torn(messages: list[str], sizes: list[int]) -> None:
    made = items(messages)
    stream = b"".join(line("MODIFIED", encode(one)) for one in made)
    lines = WatchLines()
    documents: list[bytes] = []
    for piece in pieces(stream, sizes):
        batch = lines.feed(piece) if piece else lines.end()
        documents.extend(batch.documents)
        if not piece:
            break
    assert [json.loads(one) for one in documents] == [{"kind": "Event", "apiVersion": "v1", **one} for one in made]


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
def test_a_list_that_breaks_off_or_is_none_is_said_to_be_torn(text: bytes) -> None:
    with pytest.raises(TornListError):
        list(body_of(text))


@pytest.mark.parametrize("metadata", [b"{}", b"null", b'{"resourceVersion":"abc"}'])
def test_a_list_without_a_version_cannot_be_watched_from(metadata: bytes) -> None:
    body = body_of(b'{"metadata":' + metadata + b',"items":null}')
    assert list(body) == []
    with pytest.raises(TornListError):
        _ = body.resource_version


def test_a_list_may_name_its_version_behind_its_items_and_hold_what_is_no_event() -> None:
    body = body_of(b' { "items" : [ {"metadata":{}}, null, 7, {} ] , "metadata" : {"resourceVersion":"12"} } ')
    assert len(list(body)) == 1
    assert (body.odd, body.resource_version) == (3, 12)


def test_items_of_a_list_take_the_fast_road_of_the_importer() -> None:
    lots = list(Page(body_of(list_of(items(["a", "ü", "c"]))), None).lots())
    table = raw.parse_plain(b"\n".join(lots[0]))
    assert table is not None
    assert table.column("message").to_pylist() == ["a", "ü", "c"]


def test_a_list_of_thirty_thousand_events_is_never_held_as_a_whole() -> None:
    item = encode(event("web.1", "default", "u"))
    many = b"".join([b"," + item] * 50)
    chunks = iter(
        [b'{"kind":"EventList","metadata":{"resourceVersion":"9"},"items":[' + many[1:], *[many] * 599, b"]}"]
    )

    tracemalloc.start()
    try:
        body = ListBody(lambda: next(chunks, b""))
        handed = sum(len(lot) for lot in Page(body, None).lots())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (handed, body.resource_version) == (30_000, 9)
    assert peak < 12 << 20  # of a body of 30 MB


def test_an_error_line_ends_the_reading() -> None:
    stream = line("ADDED", encode(event("a.1", "n", "u"))) + error_line(410, "Expired") + b"never read\n"
    batch = WatchLines().feed(stream)
    assert (len(batch.documents), batch.lines, batch.counts) == (1, 1, {})
    assert batch.status is not None
    assert batch.status["code"] == 410


def test_a_line_that_only_looks_like_one_does_not_move_the_version() -> None:
    good = line("ADDED", encode(event("a.1", "n", "u")).replace(b'"0"', b'"41"'))
    torn = good[:60] + b"}}\n"
    assert WatchLines().feed(good + torn).resource_version == 41


def test_a_last_line_without_its_newline_counts_as_torn_or_is_taken() -> None:
    whole = line("ADDED", encode(event("a.1", "n", "u"))).rstrip(b"\n")

    def end(data: bytes) -> WatchBatch:
        lines = WatchLines()
        assert not lines.feed(data).lines
        return lines.end()

    assert len(end(whole).documents) == 1
    assert end(whole[:-9]).counts == {"torn lines": 1}
