"""The fast road loses nothing, doubles nothing, and says where it was."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kevents.source.dump import reader
from kevents.source.dump.pieces import Block, Document
from tests.source.reading import canonical, event, expanded, pieces

TEXT = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["},\n {", "}\n}\n{\n", '},{"apiVersion":"v1"', "\n    ]", "]}", "},{", '"}', "\\", "\r\n", "héllo 🚀"]
    ),
)
NESTED = st.lists(st.fixed_dictionaries({"apiVersion": st.just("v1"), "x": TEXT}), max_size=3)
EVENT = st.builds(
    lambda number, message, nested, late: event(
        f"e.{number}", message=message, **({"related": nested} if late else {"action": nested})
    ),
    st.integers(0, 10**6),
    TEXT,
    NESTED,
    st.booleans(),
)
INDENT = st.sampled_from([None, 0, 1, 2, 4, "\t"])
SIZES = st.tuples(st.integers(700, 5000), st.integers(1400, 6000))


def write(document: Any, indent: Any, newline: str) -> str:
    separators = (",", ":") if indent is None else None
    return json.dumps(document, indent=indent, separators=separators, ensure_ascii=False).replace("\n", newline)


def read_back(text: str, sizes: tuple[int, int]) -> list[dict[str, Any]]:
    data = text.encode()
    window, head = sizes
    found = list(reader.read(io.BytesIO(data), window=window, head=head))
    for block in found:
        if isinstance(block, Block):
            begin = data[block.offset :]
            assert bytes(block.data)[:50].strip() == begin[:50].strip()
            assert block.line == 1 + data[: block.offset].count(b"\n")
    return [piece.event for piece in expanded(found) if isinstance(piece, Document)]


@settings(deadline=None)
@given(st.lists(EVENT, max_size=30), INDENT, st.sampled_from(["\n", "\r\n"]), SIZES, st.booleans(), st.booleans())
def test_a_list_of_any_indentation_comes_back_whole(events, indent, newline, sizes, kind_first, managed):
    if managed:
        events = [{**e, "metadata": {**e["metadata"], "labels": {"a": "b"}}} for e in events]
    items = {"apiVersion": "v1", "items": events, "kind": "List", "metadata": {"resourceVersion": ""}}
    if kind_first:
        items = {"kind": "EventList", "metadata": {}, "items": events}
    assert read_back(write(items, indent, newline), sizes) == [canonical(e) for e in events]


@settings(deadline=None)
@given(st.lists(EVENT, max_size=30), INDENT, st.sampled_from(["\n", "\r\n", " \n\n"]), SIZES)
def test_documents_back_to_back_come_back_whole(events, indent, newline, sizes):
    text = newline.join(write(e, indent, newline.strip(" ")) for e in events)
    assert read_back(text, sizes) == [canonical(e) for e in events]


@settings(deadline=None)
@given(st.lists(st.lists(EVENT, max_size=8), max_size=5), INDENT, SIZES, st.sampled_from(["", "\n", "\n\n"]))
def test_lists_back_to_back_come_back_whole(lists, indent, sizes, between):
    text = between.join(write({"items": events, "kind": "List"}, indent, "\n") for events in lists)
    assert read_back(text, sizes) == [canonical(e) for events in lists for e in events]


@settings(deadline=None)
@given(st.lists(EVENT, max_size=30), INDENT, SIZES)
def test_an_array_comes_back_whole(events, indent, sizes):
    assert read_back(write(events, indent, "\n"), sizes) == [canonical(e) for e in events]


@settings(deadline=None)
@given(st.lists(EVENT, min_size=3, max_size=12), INDENT, INDENT, SIZES, st.data())
def test_a_list_whose_items_are_written_differently_comes_back_whole(events, one, other, sizes, data):
    written = [write(e, data.draw(st.sampled_from([one, other])), "\n") for e in events]
    text = '{"items": [' + data.draw(st.sampled_from([",", ",\n", "\n,\n    "])).join(written) + '], "kind": "List"}'
    assert read_back(text, sizes) == [canonical(e) for e in events]


SHAPES = {
    "indented": lambda events: json.dumps({"apiVersion": "v1", "items": events, "kind": "List"}, indent=4),
    "compact": lambda events: json.dumps({"items": events, "kind": "List"}, separators=(",", ":")),
    "array": lambda events: json.dumps(events, indent=2),
    "lines": lambda events: "".join(json.dumps(e) + "\n" for e in events),
    "documents": lambda events: "".join(json.dumps(e, indent=4) + "\n" for e in events),
    "list of lines": lambda events: '{"items": [\n' + ",\n".join(json.dumps(e) for e in events) + "\n]}\n",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_long_regular_dump_is_nearly_all_blocks(shape):
    events = [event(f"e.{number}") for number in range(2000)]
    found = pieces(SHAPES[shape](events), window=64 << 10)
    blocks = [piece for piece in found if isinstance(piece, Block)]
    documents = [piece for piece in found if isinstance(piece, Document)]
    assert len(blocks) > 10
    assert len(documents) <= 3
    assert len(found) == len(blocks) + len(documents)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_block_is_json_documents_with_nothing_but_white_space_between(shape):
    events = [event(f"e.{number}") for number in range(500)]
    decode = json.JSONDecoder().raw_decode
    for block in pieces(SHAPES[shape](events), window=64 << 10):
        if isinstance(block, Block):
            text = bytes(block.data).decode().strip()
            while text:
                found, end = decode(text)
                assert found["kind"] == "Event"
                text = text[end:].strip()


def test_a_block_stays_as_it_is_when_the_next_one_is_read():
    events = [event(f"e.{number}") for number in range(2000)]
    kept, copies = [], []
    for piece in reader.read(io.BytesIO(SHAPES["indented"](events).encode()), window=64 << 10):
        if isinstance(piece, Block):
            kept.append(piece)
            copies.append(bytes(piece.data))
    assert [bytes(block.data) for block in kept] == copies


def test_documents_of_a_block_know_their_lines():
    events = [event(f"e.{number}") for number in range(1000)]
    text = SHAPES["indented"](events)
    lines = text.split("\n")
    for document in expanded(pieces(text, window=64 << 10)):
        assert isinstance(document, Document)
        assert lines[document.line - 1] == "        {"
        assert document.event["metadata"]["name"] in "".join(lines[document.line : document.line + 25])


def test_other_documents_in_a_regular_list_are_skipped_by_kind():
    events = [event(f"e.{number}") for number in range(900)]
    items = [
        *events[:500],
        {"kind": "Pod", "apiVersion": "v1", "metadata": {}, "status": {"reason": "Evicted"}},
        *events[500:],
    ]
    found = list(expanded(pieces(SHAPES["indented"](items), window=64 << 10)))
    assert sum(isinstance(piece, Document) for piece in found) == 900
    assert [piece.reason for piece in found if not isinstance(piece, Document)] == ["Pod"]


def test_a_truncated_list_keeps_what_was_good_and_says_so_once():
    events = [event(f"e.{number}") for number in range(1000)]
    text = SHAPES["indented"](events)
    found = list(expanded(pieces(text[: len(text) - 300], window=64 << 10)))
    assert sum(isinstance(piece, Document) for piece in found) == 999
    assert [piece.reason for piece in found if not isinstance(piece, Document)] == [
        "the document ends in the middle: the file seems truncated"
    ]


def test_a_broken_item_in_a_regular_list_costs_only_itself():
    events = [event(f"e.{number}") for number in range(1000)]
    lines = SHAPES["indented"](events).split("\n")
    at = next(number for number, line in enumerate(lines) if '"e.700"' in line)
    lines[at] = '    "name" "e.700",'
    found = list(expanded(pieces("\n".join(lines), window=64 << 10)))
    problems = [piece for piece in found if not isinstance(piece, Document)]
    assert sum(isinstance(piece, Document) for piece in found) == 999
    assert [(problem.line, problem.reason) for problem in problems] == [
        (at + 1, "no valid JSON: expecting ':' delimiter")
    ]
