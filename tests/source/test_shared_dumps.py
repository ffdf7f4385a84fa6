"""Every real dump gives the events that its index counts, the same in every form of one moment."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from kevents.source.dump import reader
from kevents.source.dump.pieces import Document, Problem, Skipped
from tests.source.reading import expanded

MOMENT = "kubernetes-1.36/kubectl-get-events.json"
OTHER_FORMS = ["kubectl-get-events.yaml", "kubectl-get-events-v1.json", "kubectl-events.json"]


def read(path: Path) -> list[Document | Skipped | Problem]:
    with path.open("rb") as file:
        return list(expanded(reader.read(file)))


def documents(path: Path) -> list[Document]:
    return [piece for piece in read(path) if isinstance(piece, Document)]


def said(value: Any) -> Any:
    """What a value says: null, empty text and an absent key say the same."""
    if isinstance(value, dict):
        return {key: inner for key, item in value.items() if (inner := said(item)) not in (None, "", {}, [])}
    return value


def by_name(found: list[Document]) -> dict[tuple[str, str], Any]:
    return {
        (piece.event["metadata"]["namespace"], piece.event["metadata"]["name"]): said(piece.event) for piece in found
    }


def test_every_file_gives_its_number_of_events(shared: Path) -> None:
    with (shared / "dumps" / "INDEX.tsv").open() as index:
        rows = list(csv.DictReader(index, delimiter="\t"))
    found = {}
    for row in rows:
        pieces = read(shared / "dumps" / row["file"])
        deletions = sum(piece.count for piece in pieces if isinstance(piece, Skipped) and piece.reason == "deletions")
        found[row["file"]] = sum(isinstance(piece, Document) for piece in pieces) + deletions
    assert found == {row["file"]: int(row["event_documents"]) for row in rows}


@pytest.mark.parametrize("form", OTHER_FORMS)
def test_one_moment_is_the_same_in_every_form(shared: Path, form: str) -> None:
    directory = shared / "dumps" / "kubernetes-1.36"
    assert by_name(documents(directory / form)) == by_name(documents(shared / "dumps" / MOMENT))


def test_marked_deletions_are_skipped_and_nothing_else(shared: Path) -> None:
    pieces = read(shared / "dumps" / "kubernetes-1.36" / "kubectl-get-events-output-watch-events.json")
    assert [piece for piece in pieces if not isinstance(piece, Document)] == [Skipped("deletions")] * 3
    assert len(pieces) == 385


def test_every_table_and_description_is_refused_with_what_to_run(shared: Path) -> None:
    for name in (
        "kubernetes-1.36/kubectl-events.txt",
        "kubernetes-1.36/kubectl-get-events-wide.txt",
        "public/kubectl-events-table.txt",
    ):
        problems = [piece for piece in read(shared / "dumps" / name) if isinstance(piece, Problem)]
        assert len(problems) == 1
        assert "table printed by kubectl" in problems[0].reason
        assert "kubectl get events -A -o json" in problems[0].reason
        assert problems[0].foreign


def test_the_same_dump_in_utf16_with_windows_line_ends_is_the_same(shared: Path, tmp_path: Path) -> None:
    text = (shared / "dumps" / MOMENT).read_text(encoding="utf-8")
    copy = tmp_path / "powershell.json"
    copy.write_bytes(("\ufeff" + text.replace("\n", "\r\n")).encode("utf-16-le"))
    assert by_name(documents(copy)) == by_name(documents(shared / "dumps" / MOMENT))
