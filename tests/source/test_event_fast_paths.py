"""The fast paths agree with `is_event`, which says what counts as an Event."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from kevents.event import raw
from kevents.event.shape import is_api_event, is_event
from kevents.source.cluster.list_body import ListBody
from kevents.source.cluster.watch_lines import WatchLines, is_event_line
from kevents.source.dump.json_blocks import is_plain_event
from kevents.source.dump.log_lines import may_be_event_line
from tests.event.test_shape import EVENTS, OTHERS
from tests.source.reading import event, read

DOCUMENTS = {
    **EVENTS,
    **OTHERS,
    "complete": event(),
    "with an unknown key": event(x=1),
    "with a value of another type": event(message=7),
    "of another kind": event(kind="Pod"),
    "of another version": event(apiVersion="events.k8s.io/v1"),
    "without kind": {key: value for key, value in event().items() if key not in ("kind", "apiVersion")},
    "without an object": {key: value for key, value in event().items() if key != "involvedObject"},
}
PLAIN = ["core/v1", "complete", "with a value of another type"]
READ_BY_ARROW = ["core/v1", "complete", "without kind"]


def encode(document: dict[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_plain_events_are_events(name: str) -> None:
    document = DOCUMENTS[name]
    assert is_plain_event(document) == (name in PLAIN)
    assert is_event(document) or not is_plain_event(document)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_fast_path_of_the_importer_accepts_only_events(name: str) -> None:
    is_accepted = raw.parse_plain(encode(DOCUMENTS[name])) is not None
    assert is_accepted == (name in READ_BY_ARROW)
    assert is_event(DOCUMENTS[name]) or not is_accepted


@pytest.mark.parametrize("name", DOCUMENTS)
def test_events_after_a_log_prefix_are_found_if_they_have_an_object(name: str) -> None:
    document = DOCUMENTS[name]
    line = f"I1220 08:50:11.664885 6 main.go:42] {json.dumps(document)}"
    has_object = not document.keys().isdisjoint({"involvedObject", "regarding", "InvolvedObject"})
    assert may_be_event_line(line) == has_object
    assert len(read(line)[0]) == (is_event(document) and has_object)


@pytest.mark.parametrize("line_type", ["ADDED", "MODIFIED"])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_watch_lines_are_read_like_decoded_ones(name: str, line_type: str) -> None:
    document = {key: DOCUMENTS[name][key] for key in ("kind", "apiVersion") if key in DOCUMENTS[name]} | DOCUMENTS[name]
    line = encode({"type": line_type, "object": document})
    assert is_event_line(line) == encode(document).startswith(b'{"kind":"Event","apiVersion":"v1",')
    batch = WatchLines().feed(line + b"\n")
    assert len(batch.documents) == is_api_event(document)
    assert all(json.loads(read_document).items() >= document.items() for read_document in batch.documents)


def test_list_items_are_read_like_watch_lines() -> None:
    body = ListBody(io.BytesIO(encode({"items": list(DOCUMENTS.values()), "metadata": {}})).read)
    expected = [document for document in DOCUMENTS.values() if is_api_event(document)]
    assert [item for _, item in body] == expected
    assert body.non_events == len(DOCUMENTS) - len(expected)
