"""End-to-end tests: the same table as kubectl, round trips of documents, and hostile text."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.screen import Screen, run

# The time in taken-at is truncated to seconds. Ages of events with microseconds show that it was 0.6 s later.
TAKEN_AT = "2026-11-21T00:35:17.6Z"


def rows(table: str) -> list[list[str]]:
    """The cells of a table, without column widths, and with the rows in a fixed order."""
    return sorted(re.split(r" {2,}", line.rstrip()) for line in table.splitlines())


def test_list_prints_the_same_rows_as_kubectl(shared: Path, tmp_path: Path) -> None:
    directory = shared / "dumps/kubernetes-1.36"
    assert run("import", str(directory / "kubectl-get-events.json"), "--store", str(tmp_path)).status == 0
    table = run("list", "-o", "table", "--as-of", TAKEN_AT, "--store", str(tmp_path)).out
    assert rows(table) == rows((directory / "kubectl-events.txt").read_text())


@pytest.mark.parametrize("form", ["json", "yaml", "jsonl"])
def test_importing_the_documents_that_list_writes_adds_nothing(shared: Path, tmp_path: Path, form: str) -> None:
    store = str(tmp_path / "store")
    run("import", str(shared / "dumps"), "--store", store)
    path = tmp_path / f"again.{form}"
    path.write_text(run("list", "-o", form, "--store", store).out)
    again = run("import", str(path), "--store", store, "-o", "json")
    (row,) = json.loads(again.out)
    assert row["events"] > 1000
    assert (again.status, row["new"]) == (0, 0)


# spreadsheet formulas, terminal escapes, Rich markup, invisible and bidirectional text, wide characters, SQL, paths
ATTACKS = [
    "=cmd|' /C calc'!A0",
    "\x1b]0;owned\x07\x1b[31mred\x1b[0m",
    "\x9b31m\x85next line",
    "[/x][red][link=https://evil.example]",
    "one\ntwo\rthree\tfour\x08",
    "\u202eevil\u2066\u200f\u061c",
    "\u2028\u2029",
    "日本語 🎉 e\u0301",
    "'; DROP VIEW events; --",
    "%_\\*",
    "../../etc/passwd",
    "\x00\x7f",
]
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]"  # all but newline and tab
)


def hostile_event(number: int, text: str) -> dict[str, Any]:
    reference = {"kind": text, "name": text, "namespace": text, "uid": text, "fieldPath": f"spec.containers{{{text}}}"}
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"{text}.{number}", "namespace": text, "uid": text, "resourceVersion": text},
        "involvedObject": {**reference, "apiVersion": text, "resourceVersion": text},
        "reason": "Pulled" if number % 2 else text,
        "message": f'Successfully pulled image "{text}" in 1s' if number % 2 else text,
        "source": {"component": text, "host": text},
        "reportingComponent": text,
        "reportingInstance": text,
        "action": text,
        "type": text,
        "count": 3,
        "firstTimestamp": "2026-11-21T00:00:00Z",
        "lastTimestamp": "2026-11-21T00:10:00Z",
        "related": {"kind": text},
        "clusterName": text.replace("\x00", ""),
    }


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> str:
    directory = tmp_path_factory.mktemp("attacked")
    dump = directory / "dump.ndjson"
    events = [hostile_event(number, text) for number, text in enumerate(text for text in ATTACKS for _ in range(2))]
    dump.write_text("\n".join(json.dumps(event) for event in events))
    imported = run("import", str(dump), "--store", str(directory / "store"))
    assert (imported.status, FORBIDDEN.search(imported.out + imported.err)) == (0, None)
    return str(directory / "store")


COMMANDS = [
    ["list"],
    ["reasons"],
    *(
        ["reasons", "--by", by]
        for by in ("namespace", "kind", "node", "object", "image", "cluster", "component", "type")
    ),
    ["counts"],
    ["images"],
    ["images", ATTACKS[1]],
    ["store", "info"],
    ["query", "FROM events"],
    ["query", "FROM observations"],
    ["query", "FROM pulls"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command).encode("unicode_escape").decode())
@pytest.mark.parametrize("form", ["table", "wide", "markdown", "csv", "tsv", "yaml"])
def test_hostile_text_in_every_field_is_escaped_on_a_screen(attacked: str, command: list[str], form: str) -> None:
    limit = () if "info" in command else ("--limit", "0")
    screen = run(*command, "-o", form, "--store", attacked, *limit)
    assert screen.status == 0, screen.err
    assert FORBIDDEN.search(screen.out + screen.err) is None


def test_no_csv_cell_is_a_formula(attacked: str) -> None:
    written = run("list", "-o", "csv", "--store", attacked).out
    cells = [cell for row in csv.reader(io.StringIO(written)) for cell in row]
    assert any(cell.startswith("'=cmd") for cell in cells)
    assert not [cell for cell in cells if cell[:1] in {"=", "+", "-", "@"}]


def test_hostile_text_is_stored_unchanged(attacked: str) -> None:
    items = json.loads(run("list", "-o", "json", "--store", attacked).out)["items"]
    messages = {item["message"] for item in items}
    assert messages >= set(ATTACKS)
    assert len(items) == 2 * len(ATTACKS)


@pytest.mark.parametrize("text", ATTACKS)
def test_hostile_text_is_only_a_value_in_a_filter(attacked: str, text: str) -> None:
    if "\x00" in text or text.startswith("%"):  # a command line can't contain NUL; `*` is a pattern
        pytest.skip("not possible on a command line")
    for flag in ("--name", "--namespace", "--reason"):
        screen: Screen = run("list", f"{flag}={text}", "-o", "jsonl", "--store", attacked)
        assert screen.status == 0, screen.err
        assert len(screen.out.split("\n")) - 1 >= 1


def test_only_the_cluster_label_of_an_event_becomes_part_of_a_path(attacked: str) -> None:
    directories = {path.relative_to(attacked).parts for path in Path(attacked).rglob("*.parquet")}
    assert {parts[0] for parts in directories} == {"observations"}
    assert {len(parts) for parts in directories} == {4}
