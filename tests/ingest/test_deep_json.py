"""Deeply nested JSON must neither crash a process nor cost the other events of a dump."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kevents.json_depth import MAX_DEPTH
from kevents.store.recording.journal import Journal
from kevents.store.store import Store

DEPTHS = [300, 1500, 20_000]
CASES = [("lines", 1), ("lines", 1200), ("list", 1200), ("indented", 1200)]


def _event(number: int, extra: str = "") -> str:
    return (
        f'{{"apiVersion":"v1","kind":"Event","metadata":{{"name":"pod.{number}","namespace":"shop"{extra}}},'
        f'"involvedObject":{{"kind":"Pod","namespace":"shop","name":"pod-{number}"}},"reason":"Failed",'
        f'"message":"number {number}","type":"Warning","count":1,"firstTimestamp":"2026-11-20T10:00:00Z",'
        '"lastTimestamp":"2026-11-20T10:00:00Z"}'
    )


def _deep(depth: int) -> str:
    return '{"f:a":' * depth + "{}" + "}" * depth


def _label(depth: int) -> str:
    return f',"labels":{_deep(depth)}'


def _managed(depth: int) -> str:
    return f',"managedFields":[{{"manager":"a","fieldsV1":{_deep(depth)}}}]'


def _kevents(*arguments: str, status: int = 0) -> tuple[str, str]:
    done = subprocess.run([sys.executable, "-m", "kevents", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr[-500:]
    assert "Traceback" not in done.stderr
    return done.stdout, done.stderr


def _messages(store: Path) -> list[str]:
    listed, _ = _kevents("list", "-A", "-o", "json", "--store", str(store))
    return sorted(item["message"] for item in json.loads(listed)["items"])


def _dump(form: str, events: list[str]) -> str:
    """The events in a form; enough of them in front that the fast path for regular input reads the deep one."""
    if form == "lines":
        return "".join(event + "\n" for event in events)
    if form == "list":
        return '{"apiVersion":"v1","items":[' + ",".join(events) + '],"kind":"List"}\n'
    indented = ",\n".join("        " + event for event in events)
    return '{\n    "apiVersion": "v1",\n    "items": [\n' + indented + '\n    ],\n    "kind": "List"\n}\n'


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize(("form", "before"), CASES)
def test_a_deep_event_is_left_out_and_named(tmp_path: Path, depth: int, form: str, before: int) -> None:
    events = [*map(_event, range(before)), _event(before, _label(depth)), _event(before + 1)]
    dump, store = tmp_path / "dump.json", tmp_path / "store"
    dump.write_text(_dump(form, events))
    _, error = _kevents("import", str(dump), "--store", str(store), status=3)
    assert f"{dump}: line " in error
    assert f"more than {MAX_DEPTH} levels" in error
    assert _messages(store) == sorted(f"number {number}" for number in [*range(before), before + 1])


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize(("form", "before"), CASES)
def test_an_event_that_is_only_deep_in_its_managed_fields_is_kept(
    tmp_path: Path, depth: int, form: str, before: int
) -> None:
    events = [*map(_event, range(before)), _event(before, _managed(depth)), _event(before + 1)]
    dump, store = tmp_path / "dump.json", tmp_path / "store"
    dump.write_text(_dump(form, events))
    _kevents("import", str(dump), "--store", str(store))
    assert _messages(store) == sorted(f"number {number}" for number in range(before + 2))


@pytest.mark.parametrize(("levels", "status"), [(MAX_DEPTH - 3, 0), (MAX_DEPTH - 2, 3)])
def test_the_limit_counts_the_levels_of_the_event(tmp_path: Path, levels: int, status: int) -> None:
    """The event, its metadata, the labels and the innermost object are levels, too."""
    dump, store = tmp_path / "dump.jsonl", tmp_path / "store"
    dump.write_text(_event(0, _label(levels)) + "\n" + _event(1) + "\n")
    _kevents("import", str(dump), "--store", str(store), status=status)
    assert _messages(store) == (["number 0", "number 1"] if status == 0 else ["number 1"])


@pytest.mark.parametrize("depth", [300, 20_000])
def test_deep_yaml(tmp_path: Path, depth: int) -> None:
    dump, store = tmp_path / "dump.yaml", tmp_path / "store"
    item = "- apiVersion: v1\n  kind: Event\n  involvedObject: {kind: Pod, name: a}\n  reason: R\n  message: "
    dump.write_text(f"kind: List\nitems:\n{item}one\n{item}{'[' * depth}{']' * depth}\n{item}two\n")
    _kevents("import", str(dump), "--store", str(store), status=3)
    assert _messages(store) == ["one", "two"]


@pytest.mark.parametrize("depth", DEPTHS)
def test_a_journal_with_deep_events_can_be_read_and_sealed(tmp_path: Path, depth: int) -> None:
    script = (
        "import os, sys; from tests.ingest.test_deep_json import fill_journal;"
        "fill_journal(sys.argv[1], int(sys.argv[2])); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path), str(depth)], check=True, stdout=subprocess.DEVNULL)
    expected = ["number 0", "number 1", "number 3"]
    assert _messages(tmp_path) == expected
    subprocess.run([sys.executable, "-m", "kevents.store.recording.seal", str(tmp_path), "prod", "1"], check=True)
    assert _messages(tmp_path) == expected


def fill_journal(directory: str, depth: int) -> None:
    """Write four events, as a recorder that is killed: one is deep in its managed fields, and one in its labels."""
    journal = Journal.open(Store(Path(directory)), "prod", lambda: datetime.now(UTC))
    events = [_event(0), _event(1, _managed(depth)), _event(2, _label(depth)), _event(3)]
    journal.write([event.encode() for event in events])
    journal.sync()
    os.sync()
