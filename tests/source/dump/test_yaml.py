"""YAML in streams and lists, broken, cut off, and with what YAML 1.1 would make of a scalar."""

from __future__ import annotations

import pytest
import yaml

from kevents.source.dump import reader
from kevents.source.dump.pieces import Document
from tests.source.reading import canonical, event, names, read

EVENTS = [event(f"e.{number}", message="- no item\n---\n: a # b\n") for number in range(200)]
NAMES = [f"e.{number}" for number in range(200)]
LIST = {"apiVersion": "v1", "items": EVENTS, "kind": "List"}


def indented(text: str) -> str:
    return "".join(f"  {line}" for line in text.splitlines(keepends=True))


SHAPES = {
    "list": yaml.safe_dump(LIST),
    "list with indented items": f"apiVersion: v1\nitems:\n{indented(yaml.safe_dump(EVENTS))}kind: List\n",
    "list in quotes": yaml.safe_dump(LIST, default_style='"'),
    "sequence": yaml.safe_dump(EVENTS),
    "stream": "---\n".join(yaml.safe_dump(each) for each in EVENTS),
    "stream with comments": "# taken\n---\n" + "...\n---\n# next\n".join(yaml.safe_dump(each) for each in EVENTS),
    "Windows line ends": yaml.safe_dump(LIST).replace("\n", "\r\n"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_events_come_whole_and_in_order(shape: str) -> None:
    assert read(SHAPES[shape]) == ([canonical(each) for each in EVENTS], {}, [])


def test_scalars_are_what_json_would_have() -> None:
    text = """kind: Event
firstTimestamp: 2026-11-21T00:14:32Z
lastTimestamp: 2026-11-21
reason: on
type: yes
message: =
count: 012
series: {count: 12}
action: 0x10
metadata: {name: 1e999, uid: 1_000, 7: null}
reportingComponent: !!binary aGk=
reportingInstance: !!python/object:os.system x
"""
    assert read(text)[0] == [
        {
            "firstTimestamp": "2026-11-21T00:14:32Z",
            "lastTimestamp": "2026-11-21",
            "reason": "on",
            "type": "yes",
            "message": "=",
            "count": "012",
            "series": {"count": 12},
            "action": "0x10",
            "metadata": {"name": "1e999", "uid": "1_000", "7": None},
            "reportingComponent": "aGk=",
            "reportingInstance": "x",
        }
    ]


def test_a_broken_item_costs_only_itself() -> None:
    text = SHAPES["list"].replace("name: e.100\n", 'name: "e.100\n')
    assert names(text) == [name for name in NAMES if name != "e.100"]
    (problem,) = read(text)[2]
    assert problem.reason.startswith("no valid YAML: ")


def test_a_broken_document_costs_only_itself_and_is_told_with_its_line() -> None:
    text = "---\n".join([yaml.safe_dump(EVENTS[0]), "kind: Event\nmetadata: {a: [\n", yaml.safe_dump(EVENTS[1])])
    assert names(text) == ["e.0", "e.1"]
    (problem,) = read(text)[2]
    first = yaml.safe_dump(EVENTS[0]).count("\n") + 2
    assert first <= (problem.line or 0) <= first + 2


def test_an_item_whose_text_looks_like_the_next_item_is_one_item() -> None:
    first = '- kind: Event\n  message: "a\n- b\n\n  c"\n  metadata: {name: q.1}\n'
    text = f"items:\n{first}- kind: Event\n  metadata: {{name: q.2}}\n"
    assert names(text) == ["q.1", "q.2"]


def test_a_truncated_list_is_told_and_its_last_item_left_out() -> None:
    text = SHAPES["list"]
    text = text[: text.index("name: e.150\n") + len("name: e.150\n")]
    assert names(text) == NAMES[:150]
    assert [problem.reason.partition(",")[0] for problem in read(text)[2]] == ["the list ends before its kind"]


def test_aliases_are_refused_however_little_they_stand_for() -> None:
    events, _, problems = read("kind: Event\na: &a [x, x]\nb: &b [*a, *a]\nmetadata: {name: x}\n")
    assert events == []
    assert [(problem.line, problem.reason) for problem in problems] == [(3, "no valid YAML: aliases are not read here")]


def test_a_raw_escape_character_is_a_problem_with_harmless_words() -> None:
    (problem,) = read('kind: Event\nmessage: "a\x1b[2J"\n')[2]
    assert "\x1b" not in problem.reason


def test_other_documents_are_skipped_by_kind() -> None:
    text = (
        "kind: Deployment\napiVersion: apps/v1\n---\n" + yaml.safe_dump(EVENTS[0]) + "---\n# nothing\n---\nkind: Pod\n"
    )
    assert read(text)[1:] == ({"Deployment": 1, "Pod": 1}, [])


def test_documents_know_their_lines() -> None:
    import io

    text = SHAPES["list"]
    lines = text.split("\n")
    for piece in reader.read(io.BytesIO(text.encode())):
        assert isinstance(piece, Document)
        assert lines[piece.line - 1] == "- apiVersion: v1"
