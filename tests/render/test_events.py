"""Events as documents in json, yaml and jsonl, byte for byte like kubectl's List."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml

from kevents.result import Column, Kind, Result
from tests.render.results import rendered

EVENT = {
    "metadata": {"name": "web-1.18e9", "namespace": "demo", "resourceVersion": "1811"},
    "message": "a <b> & \u2028 \x1b[31m é",
    "count": 7,
    "source": {},
    "eventTime": None,
    "kind": "Event",
    "apiVersion": "v1",
    "list": [],
}


def events(*documents: Any, split: int = 0) -> Result:
    texts = [document if isinstance(document, str) else json.dumps(document) for document in documents]
    batches = [
        pa.record_batch({"n": pa.array([1] * len(part)), "document": pa.array(part, pa.string())})
        for part in (texts[:split], texts[split:])
    ]
    return Result((Column("n", Kind.NUMBER),), batches, document="document")


def test_json_is_a_list_like_kubectls() -> None:
    assert rendered(events(EVENT), "json") == (
        "{\n"
        '    "apiVersion": "v1",\n'
        '    "items": [\n'
        "        {\n"
        '            "apiVersion": "v1",\n'
        '            "count": 7,\n'
        '            "eventTime": null,\n'
        '            "kind": "Event",\n'
        '            "list": [],\n'
        '            "message": "a \\u003cb\\u003e \\u0026 \\u2028 \\u001b[31m é",\n'
        '            "metadata": {\n'
        '                "name": "web-1.18e9",\n'
        '                "namespace": "demo",\n'
        '                "resourceVersion": "1811"\n'
        "            },\n"
        '            "source": {}\n'
        "        }\n"
        "    ],\n"
        '    "kind": "List",\n'
        '    "metadata": {\n'
        '        "resourceVersion": ""\n'
        "    }\n"
        "}\n"
    )


def test_yaml_is_a_list_like_kubectls() -> None:
    event = EVENT | {"message": "two\nlines"}
    assert rendered(events(event), "yaml") == (
        "apiVersion: v1\n"
        "items:\n"
        "- apiVersion: v1\n"
        "  count: 7\n"
        "  eventTime: null\n"
        "  kind: Event\n"
        "  list: []\n"
        "  message: |-\n"
        "    two\n"
        "    lines\n"
        "  metadata:\n"
        "    name: web-1.18e9\n"
        "    namespace: demo\n"
        '    resourceVersion: "1811"\n'
        "  source: {}\n"
        "kind: List\n"
        "metadata:\n"
        '  resourceVersion: ""\n'
    )


def test_jsonl_is_one_event_per_line() -> None:
    text = rendered(events('{"kind":"Event",\n"message":"a\\nb <c>"}', EVENT), "jsonl")
    first, second = text.split("\n")[:-1]
    assert first == '{"kind":"Event", "message":"a\\nb <c>"}'
    assert json.loads(second) == EVENT


@pytest.mark.parametrize("name", ["json", "yaml"])
def test_an_empty_list_is_still_a_list(name: str) -> None:
    expected = {"apiVersion": "v1", "items": [], "kind": "List", "metadata": {"resourceVersion": ""}}
    text = rendered(events(), name)
    assert yaml.safe_load(text) == expected
    assert "items: []" in text.replace('"items"', "items")


@pytest.mark.parametrize("name", ["json", "yaml"])
def test_batches_make_one_list(name: str) -> None:
    items = yaml.safe_load(rendered(events(EVENT, EVENT, EVENT, split=1), name))["items"]
    assert items == [EVENT] * 3


@pytest.mark.parametrize("name", ["json", "yaml", "jsonl"])
def test_a_lone_surrogate_in_an_event_is_escaped(name: str) -> None:
    text = rendered(events('{"message":"half \\ud83d"}'), name)
    text.encode()
    assert "\\ud83d" in text


@pytest.mark.parametrize("name", ["csv", "table", "markdown"])
def test_other_formats_do_not_contain_the_documents(name: str) -> None:
    assert "web-1" not in rendered(events(EVENT), name)


@pytest.mark.parametrize("suffix", ["json", "yaml"])
def test_a_real_list_of_kubectl_is_reproduced_exactly(shared: Path, suffix: str) -> None:
    directory = shared / "dumps" / "kubernetes-1.36"
    items = json.loads((directory / "kubectl-get-events.json").read_text())["items"]
    assert rendered(events(*items), suffix) == (directory / f"kubectl-get-events.{suffix}").read_text()
