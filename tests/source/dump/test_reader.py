"""Dumps that are mixed, wrapped, broken or truncated, and files that are not dumps."""

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
TRUNCATED = "the document ends in the middle: the file seems truncated"


def problems(data: bytes | str) -> list[tuple[int | None, str]]:
    return [(problem.line, problem.reason) for problem in read(data)[2]]


@pytest.mark.parametrize("text", ["", " \n\r\n", "\ufeff", "---\n"])
def test_an_empty_file_is_skipped_as_empty(text: str) -> None:
    assert read(text) == ([], {"empty file": 1}, [])


@pytest.mark.parametrize(
    "text", ['{"kind":"List","items":null}', '{"items": []}', "[]", "items: []\n", "items:\nkind: List\n"]
)
def test_an_empty_list_is_skipped_as_empty(text: str) -> None:
    assert read(text) == ([], {"empty list": 1}, [])


def test_a_bad_line_is_reported_and_does_not_affect_others() -> None:
    assert names("\n".join([LINES[0], "what is this", *LINES[1:]])) == NAMES
    assert problems("\n".join([LINES[0], "what is this", *LINES[1:]])) == [(2, "this line is not JSON: `what is this`")]
    truncated = "\n".join([*LINES[:2], LINES[2][:100], *LINES[3:]])
    assert names(truncated) == ["e.0", "e.1", "e.3", "e.4"]
    assert problems(truncated) == [(3, "invalid JSON: a string is not closed before the end of its line")]


def test_consecutive_bad_lines_are_one_problem() -> None:
    assert problems("\n".join([LINES[0], "one", "two", "three", LINES[1]])) == [
        (2, "this line is not JSON: `one` (and the next 2 lines)")
    ]


def test_hundreds_of_problems_are_counted_instead_of_listed() -> None:
    reported = problems("\n".join(f"{line}\n{{broken" for line in LINES * 100))
    assert len(reported) == 21
    assert reported[-1] == (None, "480 more problems like these")


@pytest.mark.parametrize("shape", [lambda: {"items": EVENTS, "kind": "List"}, lambda: EVENTS])
@pytest.mark.parametrize("indent", [None, 2])
def test_a_truncated_list_keeps_its_complete_items(shape, indent) -> None:
    text = json.dumps(shape(), indent=indent)
    text = text[: text.index('"e.4"') + 100]
    assert names(text) == NAMES[:4]
    assert [reason for _, reason in problems(text)] == [TRUNCATED]


def test_a_list_truncated_between_two_items_is_a_problem() -> None:
    text = json.dumps({"items": EVENTS}, indent=2)
    text = text[: text.index("\n  ]")]
    assert names(text) == NAMES
    assert problems(text) == [(text.count("\n") + 1, "the list ends in the middle: the file seems truncated")]


@pytest.mark.parametrize("indent", [None, 2, 4])
def test_reading_continues_after_a_broken_item(indent) -> None:
    text = json.dumps({"items": EVENTS}, indent=indent).replace('"e.2"', '"e.2')
    assert names(text) == ["e.0", "e.1", "e.3", "e.4"]
    assert len(problems(text)) == 1


def test_reading_continues_after_a_broken_document() -> None:
    documents = [json.dumps(each, indent=4) for each in EVENTS]
    documents[1] = documents[1].replace(":", "", 1)
    assert names("\n".join(documents)) == ["e.0", "e.2", "e.3", "e.4"]


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "- " * 20_000])
def test_excessive_nesting_is_a_problem_not_a_crash(text: str) -> None:
    assert names(text) == []
    assert problems(text)


def test_numbers_that_cannot_be_represented_are_kept_as_strings() -> None:
    line = LINES[0].removesuffix("}") + ', "long": ' + "9" * 5000 + ', "x": [NaN, 1e999]}'
    (document,) = read(line)[0]
    assert document["long"] == "9" * 5000
    assert document["x"] == ["NaN", "1e999"]


def test_a_document_longer_than_the_limit_is_skipped_with_a_problem() -> None:
    long = json.dumps(event("long.1", message="x" * (25 << 20)))
    assert names(f"{LINES[0]}\n{long}\n{LINES[1]}") == ["e.0", "e.1"]
    assert problems(f"{LINES[0]}\n{long}\n{LINES[1]}") == [(2, "the document that starts here is longer than 24 MB")]


@pytest.mark.parametrize(
    ("data", "description"),
    [
        (b"<!DOCTYPE html>\n<html><body>502 Bad Gateway</body></html>", "this is an HTML or XML page"),
        (b"LAST SEEN   TYPE   REASON   OBJECT   MESSAGE\n5m  Normal  x  y  z\n", "this is a table printed by kubectl"),
        (b"NAMESPACE   LAST SEEN   TYPE   REASON   OBJECT   MESSAGE\n", "this is a table printed by kubectl"),
        (b"Name:         web-1\nNamespace:    shop\n", "this is the output of `kubectl describe`"),
        (b"hello \x1b[2J world\n", "this is text without events, starting with `hello ^[[2J world`"),
        (b"\x7fELF\x02\x01\x01\x00", "this is an executable, not text"),
        (b"PAR1\x15\x04", "this is a Parquet file, not text"),
        (b"\x01\x02\x00\x00\x05", "this is a binary file, not text"),
    ],
)
def test_the_type_of_a_file_that_is_not_a_dump_is_reported(data: bytes, description: str) -> None:
    events, _, (problem,) = read(data)
    assert events == []
    assert problem.reason.startswith(description)
    assert problem.is_other_format


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_encoding_and_line_break_is_read(encoding: str, newline: str) -> None:
    text = newline.join(LINES).replace("Back-off", "Zurück 🚀")
    events, *rest = read(text.encode(encoding))
    assert [each["metadata"]["name"] for each in events] == NAMES
    assert events[0]["message"].startswith("Zurück 🚀")
    assert rest == [{}, []]


def test_invalid_utf8_bytes_are_replaced_and_counted() -> None:
    events, *rest = read(LINES[0].encode().replace(b"Back-off", b"B\xff\xc3k"))
    assert events[0]["message"].startswith("B\ufffd\ufffdk")
    assert rest == [{"invalid UTF-8 bytes, read as U+FFFD": 2}, []]


def test_documents_have_the_number_of_their_first_line() -> None:
    text = "\n".join(json.dumps(each, indent=4) for each in EVENTS)
    numbers = [piece.line for piece in reader.read(io.BytesIO(text.encode())) if isinstance(piece, Document)]
    assert numbers == [number for number, line in enumerate(text.split("\n"), 1) if line == "{"]


def test_logs_between_the_documents_of_a_cluster_info_dump_are_not_problems() -> None:
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
def test_an_event_after_a_log_prefix_is_found(prefix: str) -> None:
    assert names("\n".join(prefix + json.dumps({"verb": "ADDED", "event": each}) for each in EVENTS)) == NAMES


def test_several_documents_on_one_line_and_commas_between_lines_are_read() -> None:
    assert names(LINES[0] + LINES[1] + " " + LINES[2] + ",\n" + LINES[3] + ",\n" + LINES[4]) == NAMES


def test_the_fast_path_is_used_again_for_the_second_of_two_long_lists() -> None:
    text = "".join(json.dumps({"kind": kind, "items": EVENTS * 200}, indent=4) + "\n" for kind in ("List", "EventList"))
    pieces = list(reader.read(io.BytesIO(text.encode()), window=64 << 10))
    assert sum(isinstance(piece, Document) for piece in pieces) < 10
    assert {piece.line > text.count("\n") // 2 for piece in pieces if isinstance(piece, Block)} == {True, False}
    assert len(names(text, window=64 << 10)) == 2000
