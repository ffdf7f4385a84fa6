"""From a dump to an answer, the whole way: what kubectl prints, documents that come back, and text that attacks."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.screen import Screen, run

# taken-at is cut to the second; ages of events with microseconds tell that the table was printed 0.6 s later
TAKEN_AT = "2026-11-21T00:35:17.6Z"


def rows(table: str) -> list[list[str]]:
    """Cells of a table, widths and the order of rows aside."""
    return sorted(re.split(r" {2,}", line.rstrip()) for line in table.splitlines())


def test_list_agrees_with_kubectl_row_by_row(shared: Path, tmp_path: Path) -> None:
    directory = shared / "dumps/kubernetes-1.36"
    assert run("import", str(directory / "kubectl-get-events.json"), "--store", str(tmp_path)).status == 0
    ours = run("list", "-o", "table", "--as-of", TAKEN_AT, "--store", str(tmp_path))
    assert rows(ours.shown) == rows((directory / "kubectl-events.txt").read_text())


@pytest.mark.parametrize("form", ["json", "yaml", "jsonl"])
def test_what_list_writes_as_documents_is_known_when_imported_again(shared: Path, tmp_path: Path, form: str) -> None:
    store = str(tmp_path / "store")
    run("import", str(shared / "dumps"), "--store", store)
    written = tmp_path / f"again.{form}"
    written.write_text(run("list", "-o", form, "--store", store).shown)
    again = run("import", str(written), "--store", store, "-o", "json")
    (row,) = json.loads(again.shown)
    assert row["events"] > 1000
    assert (again.status, row["new"]) == (0, 0)


# what Excel takes for a formula, what a terminal obeys, what Rich reads as markup, what hides text, what is wide
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
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]"  # newline and tab aside
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
    assert (imported.status, FORBIDDEN.search(imported.shown + imported.said)) == (0, None)
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
def test_hostile_text_in_every_field_reaches_no_screen(attacked: str, command: list[str], form: str) -> None:
    screen = (
        run(*command, "-o", form, "--store", attacked, "--limit", "0")
        if "info" not in command
        else run(*command, "-o", form, "--store", attacked)
    )
    assert screen.status == 0, screen.said
    assert FORBIDDEN.search(screen.shown + screen.said) is None


def test_no_cell_of_a_csv_is_a_formula(attacked: str) -> None:
    cells = [
        cell for row in csv.reader(io.StringIO(run("list", "-o", "csv", "--store", attacked).shown)) for cell in row
    ]
    assert any(cell.startswith("'=cmd") for cell in cells)
    assert not [cell for cell in cells if cell[:1] in {"=", "+", "-", "@"}]


def test_hostile_text_is_stored_whole_and_comes_back_as_it_was(attacked: str) -> None:
    items = json.loads(run("list", "-o", "json", "--store", attacked).shown)["items"]
    messages = {item["message"] for item in items}
    assert messages >= set(ATTACKS)
    assert len(items) == 2 * len(ATTACKS)


@pytest.mark.parametrize("text", ATTACKS)
def test_a_filter_takes_hostile_text_as_a_value_and_nothing_else(attacked: str, text: str) -> None:
    if "\x00" in text or text.startswith("%"):  # no command line holds NUL; `*` is a pattern
        pytest.skip("cannot be said on a command line")
    for flag in ("--name", "--namespace", "--reason"):
        screen: Screen = run("list", f"{flag}={text}", "-o", "jsonl", "--store", attacked)
        assert screen.status == 0, screen.said
        assert len(screen.shown.split("\n")) - 1 >= 1


def test_nothing_of_an_event_but_the_clusters_label_becomes_a_path(attacked: str) -> None:
    directories = {path.relative_to(attacked).parts for path in Path(attacked).rglob("*.parquet")}
    assert {parts[0] for parts in directories} == {"observations"}
    assert {len(parts) for parts in directories} == {4}
