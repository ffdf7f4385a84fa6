"""Dumps that are mixed, wrapped, broken, cut off or no dumps at all."""

from __future__ import annotations

import io
import json

import pytest

from kevents.source.dump import reader
from kevents.source.dump.pieces import Block, Document
from tests.source.reading import event, names, read

EVENTS = [event(f"e.{number}") for number in range(5)]
NAMES = [f"e.{number}" for number in range(5)]
LINES = [json.dumps(each) for each in EVENTS]
CUT_OFF = "the document ends in the middle: the file seems truncated"


def told(data: bytes | str) -> list[tuple[int | None, str]]:
    return [(problem.line, problem.reason) for problem in read(data)[2]]


@pytest.mark.parametrize("text", ["", " \n\r\n", "\ufeff", "---\n"])
def test_an_empty_file_says_that_it_is_empty(text: str) -> None:
    assert read(text) == ([], {"empty file": 1}, [])


@pytest.mark.parametrize(
    "text", ['{"kind":"List","items":null}', '{"items": []}', "[]", "items: []\n", "items:\nkind: List\n"]
)
def test_an_empty_list_says_that_it_is_empty(text: str) -> None:
    assert read(text) == ([], {"empty list": 1}, [])


def test_a_bad_line_costs_only_itself_and_is_named() -> None:
    assert names("\n".join([LINES[0], "what is this", *LINES[1:]])) == NAMES
    assert told("\n".join([LINES[0], "what is this", *LINES[1:]])) == [(2, "this line is no JSON: `what is this`")]
    cut = "\n".join([*LINES[:2], LINES[2][:100], *LINES[3:]])
    assert names(cut) == ["e.0", "e.1", "e.3", "e.4"]
    assert told(cut) == [(3, "no valid JSON: a text is not closed where its line ends")]


def test_bad_lines_in_a_row_are_one_problem() -> None:
    assert told("\n".join([LINES[0], "one", "two", "three", LINES[1]])) == [
        (2, "this line is no JSON: `one` (and the next 2 lines)")
    ]


def test_thousands_of_bad_places_are_counted_not_listed() -> None:
    problems = told("\n".join(f"{line}\n{{broken" for line in LINES * 100))
    assert len(problems) == 21
    assert problems[-1] == (None, "480 more places like these")


@pytest.mark.parametrize("shape", [lambda: {"items": EVENTS, "kind": "List"}, lambda: EVENTS])
@pytest.mark.parametrize("indent", [None, 2])
def test_a_truncated_list_keeps_the_whole_items(shape, indent) -> None:
    text = json.dumps(shape(), indent=indent)
    text = text[: text.index('"e.4"') + 100]
    assert names(text) == NAMES[:4]
    assert [reason for _, reason in told(text)] == [CUT_OFF]


def test_a_list_cut_between_two_items_is_still_told() -> None:
    text = json.dumps({"items": EVENTS}, indent=2)
    text = text[: text.index("\n  ]")]
    assert names(text) == NAMES
    assert told(text) == [(text.count("\n") + 1, "the list ends in the middle: the file seems truncated")]


@pytest.mark.parametrize("indent", [None, 2, 4])
def test_a_list_goes_on_behind_a_broken_item(indent) -> None:
    text = json.dumps({"items": EVENTS}, indent=indent).replace('"e.2"', '"e.2')
    assert names(text) == ["e.0", "e.1", "e.3", "e.4"]
    assert len(told(text)) == 1


def test_documents_go_on_behind_a_broken_one() -> None:
    documents = [json.dumps(each, indent=4) for each in EVENTS]
    documents[1] = documents[1].replace(":", "", 1)
    assert names("\n".join(documents)) == ["e.0", "e.2", "e.3", "e.4"]


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "- " * 20_000])
def test_nesting_without_end_is_a_problem_not_a_crash(text: str) -> None:
    assert names(text) == []
    assert told(text)


def test_numbers_and_words_that_json_does_not_have_are_kept_as_text() -> None:
    line = LINES[0].removesuffix("}") + ', "long": ' + "9" * 5000 + ', "x": [NaN, 1e999]}'
    (found,) = read(line)[0]
    assert found["long"] == "9" * 5000
    assert found["x"] == ["NaN", "1e999"]


def test_a_document_longer_than_the_limit_is_left_out_and_told() -> None:
    long = json.dumps(event("long.1", message="x" * (17 << 20)))
    assert names(f"{LINES[0]}\n{long}\n{LINES[1]}") == ["e.0", "e.1"]
    assert told(f"{LINES[0]}\n{long}\n{LINES[1]}") == [(2, "the document that begins here is longer than 16 MB")]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"<!DOCTYPE html>\n<html><body>502 Bad Gateway</body></html>", "this is an HTML or XML page"),
        (b"LAST SEEN   TYPE   REASON   OBJECT   MESSAGE\n5m  Normal  x  y  z\n", "this is a table printed by kubectl"),
        (b"NAMESPACE   LAST SEEN   TYPE   REASON   OBJECT   MESSAGE\n", "this is a table printed by kubectl"),
        (b"Name:         web-1\nNamespace:    shop\n", "this is the output of `kubectl describe`"),
        (b"hello \x1b[2J world\n", "this is text without events, beginning with `hello ^[[2J world`"),
        (b"\x7fELF\x02\x01\x01\x00", "this is a program, no text"),
        (b"PAR1\x15\x04", "this is a Parquet file, no text"),
        (b"\x01\x02\x00\x00\x05", "this is a binary file, no text"),
    ],
)
def test_what_is_no_dump_says_what_it_is(data: bytes, what: str) -> None:
    events, _, problems = read(data)
    assert events == []
    assert len(problems) == 1
    assert problems[0].reason.startswith(what)
    assert problems[0].foreign


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_encoding_and_line_end_is_read(encoding: str, newline: str) -> None:
    text = newline.join(LINES).replace("Back-off", "Zurück 🚀")
    events, skipped, problems = read(text.encode(encoding))
    assert [each["metadata"]["name"] for each in events] == NAMES
    assert events[0]["message"].startswith("Zurück 🚀")
    assert (skipped, problems) == ({}, [])


def test_bytes_that_are_no_utf8_are_replaced_and_counted() -> None:
    events, skipped, problems = read(LINES[0].encode().replace(b"Back-off", b"B\xff\xc3k"))
    assert events[0]["message"].startswith("B\ufffd\ufffdk")
    assert skipped == {"bytes that are no UTF-8, read as U+FFFD": 2}
    assert problems == []


def test_documents_know_the_line_they_begin_on() -> None:
    text = "\n".join(json.dumps(each, indent=4) for each in EVENTS)
    found = [piece.line for piece in reader.read(io.BytesIO(text.encode())) if isinstance(piece, Document)]
    assert found == [number for number, line in enumerate(text.split("\n"), 1) if line == "{"]


def test_logs_between_the_documents_of_a_cluster_info_dump_are_never_failures() -> None:
    text = "\n".join(
        [
            json.dumps({"kind": "PodList", "items": [{"metadata": {}}]}, indent=4),
            "==== START logs for container app of pod shop/web-1 ====",
            '{"broken',
            "+ set -x",
            LINES[0],
            "LAST SEEN   TYPE   REASON   OBJECT   MESSAGE",
            "==== END logs for container app of pod shop/web-1 ====",
            json.dumps({"kind": "EventList", "items": EVENTS[1:]}, indent=4),
        ]
    )
    assert names(text) == NAMES
    assert read(text)[1:] == ({"Pod": 1, "log lines": 5}, [])


def test_an_exporters_own_log_lines_are_skipped() -> None:
    text = "\n".join(
        [
            "2024-01-01T00:00:00Z INF starting",
            'level=info msg="watching"',
            "I1220 08:50:11.664885       6 main.go:42] ready",
            json.dumps({"level": "warn", "message": "slow", "reason": "Throttled", "time": "2024-01-01T00:00:00Z"}),
            *LINES,
        ]
    )
    assert names(text) == NAMES
    assert read(text)[1:] == ({"log lines": 4}, [])


@pytest.mark.parametrize(
    "prefix", ["I1220 08:50:11.664885       6 glogsink.go:42] ", "[pod/router-1/router] ", "router-1 "]
)
def test_an_event_behind_a_prefix_is_found(prefix: str) -> None:
    assert names("\n".join(prefix + json.dumps({"verb": "ADDED", "event": each}) for each in EVENTS)) == NAMES


def test_several_documents_on_a_line_and_commas_between_lines_are_read() -> None:
    assert names(LINES[0] + LINES[1] + " " + LINES[2] + ",\n" + LINES[3] + ",\n" + LINES[4]) == NAMES


def test_a_long_list_behind_another_takes_the_fast_road_again() -> None:
    text = "".join(json.dumps({"kind": kind, "items": EVENTS * 200}, indent=4) + "\n" for kind in ("List", "EventList"))
    found = list(reader.read(io.BytesIO(text.encode()), window=64 << 10))
    assert sum(isinstance(piece, Document) for piece in found) < 10
    assert {piece.line > text.count("\n") // 2 for piece in found if isinstance(piece, Block)} == {True, False}
    assert len(names(text, window=64 << 10)) == 2000
