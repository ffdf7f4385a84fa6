"""Real dumps: the number of events of each file, and the same events in every format."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from kevents.source.dump import reader
from kevents.source.dump.pieces import Document, Problem, Skipped
from tests.source.reading import expanded

MOMENT = "kubernetes-1.36/kubectl-get-events.json"
OTHER_FORMATS = ["kubectl-get-events.yaml", "kubectl-get-events-v1.json", "kubectl-events.json"]


def read(path: Path) -> list[Document | Skipped | Problem]:
    with path.open("rb") as file:
        return list(expanded(reader.read(file)))


def documents(path: Path) -> list[Document]:
    return [piece for piece in read(path) if isinstance(piece, Document)]


def without_empty(value: Any) -> Any:
    """The value without empty members: null, an empty string and an absent key are equivalent."""
    if isinstance(value, dict):
        return {key: inner for key, item in value.items() if (inner := without_empty(item)) not in (None, "", {}, [])}
    return value


def by_name(documents: list[Document]) -> dict[tuple[str, str], Any]:
    events = [document.event for document in documents]
    return {(event["metadata"]["namespace"], event["metadata"]["name"]): without_empty(event) for event in events}


def test_every_file_has_the_number_of_events_in_the_index(shared: Path) -> None:
    with (shared / "dumps" / "INDEX.tsv").open() as index:
        rows = list(csv.DictReader(index, delimiter="\t"))
    counts = {}
    for row in rows:
        pieces = read(shared / "dumps" / row["file"])
        deletions = sum(piece.count for piece in pieces if isinstance(piece, Skipped) and piece.reason == "deletions")
        counts[row["file"]] = sum(isinstance(piece, Document) for piece in pieces) + deletions
    assert counts == {row["file"]: int(row["event_documents"]) for row in rows}


@pytest.mark.parametrize("format_", OTHER_FORMATS)
def test_every_format_has_the_same_events(shared: Path, format_: str) -> None:
    directory = shared / "dumps" / "kubernetes-1.36"
    assert by_name(documents(directory / format_)) == by_name(documents(shared / "dumps" / MOMENT))


def test_only_deletions_are_skipped_in_a_watch(shared: Path) -> None:
    pieces = read(shared / "dumps" / "kubernetes-1.36" / "kubectl-get-events-output-watch-events.json")
    assert [piece for piece in pieces if not isinstance(piece, Document)] == [Skipped("deletions")] * 3
    assert len(pieces) == 385


def test_tables_are_refused_with_the_command_to_run_instead(shared: Path) -> None:
    for name in (
        "kubernetes-1.36/kubectl-events.txt",
        "kubernetes-1.36/kubectl-get-events-wide.txt",
        "public/kubectl-events-table.txt",
    ):
        problems = [piece for piece in read(shared / "dumps" / name) if isinstance(piece, Problem)]
        assert len(problems) == 1
        assert "table printed by kubectl" in problems[0].reason
        assert "kubectl get events -A -o json" in problems[0].reason
        assert problems[0].is_other_format


def test_utf16_with_windows_line_breaks_has_the_same_events(shared: Path, tmp_path: Path) -> None:
    text = (shared / "dumps" / MOMENT).read_text(encoding="utf-8")
    copy = tmp_path / "powershell.json"
    copy.write_bytes(("\ufeff" + text.replace("\n", "\r\n")).encode("utf-16-le"))
    assert by_name(documents(copy)) == by_name(documents(shared / "dumps" / MOMENT))
