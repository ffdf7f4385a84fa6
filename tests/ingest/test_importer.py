"""An import stores every readable event, reports what it can't read, and never stores part of a file."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from kevents.event.redaction import Redactor
from kevents.ingest import importer
from kevents.ingest.summary import FileTally, ImportReport
from kevents.source.input.paths import file_inputs
from kevents.store.store import Store

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def event(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"web.{number}", "namespace": "shop", "creationTimestamp": "2026-11-21T00:00:00Z"},
        "involvedObject": {"kind": "Pod", "name": "web", "namespace": "shop"},
        "lastTimestamp": "2026-11-21T00:15:53Z",
        "firstTimestamp": "2026-11-21T00:15:53Z",
        "count": 1,
        "reason": "Started",
        "message": f"Started container {number}",
        "source": {"component": "kubelet"},
        "type": "Normal",
        **fields,
    }


def list_of(*events: dict[str, Any]) -> str:
    return json.dumps({"apiVersion": "v1", "items": events, "kind": "List"}, indent=4)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def imported(
    store: Store,
    *paths: Path | str,
    stdin: bytes = b"",
    rewrite: Callable[..., Any] | None = None,
    dry_run: bool = False,
) -> ImportReport:
    inputs = file_inputs([str(path) for path in paths], BytesIO(stdin))
    options = importer.Options("here", NOW, rewrite)
    if dry_run:
        return importer.preview_import(store, inputs, options, lambda *_: None)
    return importer.import_into(store, inputs, options, lambda _: None, lambda *_: None)


def messages(store: Store) -> list[str]:
    return sorted(
        message
        for file in store.files()
        for message in pq.read_table(file.path, columns=["message"], partitioning=None).column(0).to_pylist()
    )


def test_standard_input_is_imported_like_a_file(store: Store) -> None:
    (tally,) = imported(store, "-", stdin=list_of(event(1), event(2)).encode()).files
    assert (tally.name, tally.read, tally.new) == ("standard input", 2, 2)


def test_events_before_a_truncation_are_imported_and_its_line_is_reported(store: Store, tmp_path: Path) -> None:
    text = list_of(event(1), event(2), event(3))
    cut = text.index('"Started container 3"') + 5
    path = tmp_path / "cut.json"
    path.write_text(text[:cut])
    (tally,) = imported(store, path).failed
    (problem,) = tally.problems
    assert (tally.read, tally.new) == (2, 2)
    first, last = (text[:offset].count("\n") + 1 for offset in (text.rindex("        {"), cut))
    assert problem.line in (first, last)
    assert "truncated" in problem.reason


def test_problems_are_reported_in_the_order_of_the_file(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    lines = [json.dumps(event(number)) for number in range(1500)]  # enough for blocks, which other threads decode
    lines[100] = '{"kind": "Event", oops'
    lines[200] = json.dumps({"kind": "Pod", "apiVersion": "v1"})
    path.write_text("\n".join([*lines, '{"kind": "Ev']))
    (tally,) = imported(store, path).failed
    assert [problem.line for problem in tally.problems] == [101, 1501]
    assert (tally.read, tally.skipped) == (1498, {"Pod": 1})


def test_a_bad_line_affects_no_other_line(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    path.write_text("\n".join([json.dumps(event(1)), '{"kind": "Event", oops', json.dumps(event(2))]))
    (tally,) = imported(store, path).failed
    assert tally.read == 2
    assert [problem.line for problem in tally.problems] == [2]


@pytest.mark.parametrize(
    "content",
    [
        "LAST SEEN   TYPE     REASON    OBJECT      MESSAGE\n5m          Normal   Started   pod/web     Started\n",
        "<!DOCTYPE html><html><body>502 Bad Gateway</body></html>",
        "\x7fELF\x00\x01\x02\x00\x00",
        '{"kind": "PodList", "apiVersion": "v1", "items": [{"kind": "Pod", "metadata": {"name": "x"}}]}',
        "just some text\n",
        '{"items": [',
    ],
)
def test_a_named_file_without_events_is_a_failure(store: Store, tmp_path: Path, content: str) -> None:
    path = tmp_path / "dump"
    path.write_text(content)
    (tally,) = imported(store, path).failed
    assert tally.problems[0].reason


@pytest.mark.parametrize("content", ["", list_of(), '{"items": null}', "items: []\nkind: EventList\napiVersion: v1\n"])
def test_an_empty_list_or_file_is_noted_but_not_a_failure(store: Store, tmp_path: Path, content: str) -> None:
    path = tmp_path / "dump"
    path.write_text(content)
    report = imported(store, path)
    assert not report.failed
    assert report.files[0].note.startswith("1 empty ")


def test_a_missing_file_does_not_stop_the_others(store: Store, tmp_path: Path) -> None:
    good = tmp_path / "good.json"
    good.write_text(list_of(event(1)))
    report = imported(store, tmp_path / "nowhere.json", good)
    assert [tally.name for tally in report.failed] == [str(tmp_path / "nowhere.json")]
    assert report.total().new == 1


def test_archives_in_a_directory_are_imported_and_other_files_are_not_a_failure(store: Store, tmp_path: Path) -> None:
    directory = tmp_path / "must-gather"
    (directory / "logs").mkdir(parents=True)
    (directory / "logs/kubelet.log").write_text("I1120 08:50:11 started\nno event here\n")
    (directory / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00")
    with tarfile.open(directory / "bundle.tgz", "w:gz") as archive:
        for name, text in (("ns/events.json", list_of(event(1))), ("../../escape.json", list_of(event(2)))):
            data = text.encode()
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    (directory / "events.ndjson.gz").write_bytes(gzip.compress(json.dumps(event(3)).encode()))
    report = imported(store, directory)
    assert not report.failed
    assert report.total().new == 3
    assert report.total().note == "2 other files"
    assert not (tmp_path / "escape.json").exists()


def test_notes_agree_with_their_counts() -> None:
    tally = FileTally("dump", explicit=True)
    tally.skipped.update({"Pod": 1, "log lines": 1, "empty list": 1, "documents without a kind": 2, "other files": 3})
    assert tally.note == "1 Pod, 1 log line, 1 empty list, 2 documents without a kind, 3 other files"


def test_a_dry_run_shows_what_would_be_new_and_writes_nothing(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "dump.json"
    path.write_text(list_of(event(1), event(2), event(2)))
    assert imported(store, path, dry_run=True).total().new == 2
    assert not store.directory.exists()
    imported(store, path)
    path.write_text(list_of(event(2), event(3)))
    report = imported(store, path, dry_run=True)
    assert (report.total().new, report.total().known) == (1, 1)
    assert len(messages(store)) == 2


def test_redaction_happens_before_writing(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "dump.json"
    secret = event(1, message="token=abc123 refused", action="abc123")
    secret["metadata"] = {**secret["metadata"], "annotations": {"why": ["abc123"]}}
    path.write_text(list_of(secret))
    imported(store, path, rewrite=Redactor(r"abc\d+"))
    (file,) = store.files()
    (row,) = pq.read_table(file.path, partitioning=None).to_pylist()
    assert row["message"] == "token=[redacted] refused"
    assert row["action"] == "[redacted]"
    assert json.loads(row["extra"]) == {"metadata": {"annotations": {"why": ["[redacted]"]}}}


def test_the_cluster_named_in_a_dump_overrides_the_label_of_the_command_line(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "exporter.log"
    line = {**event(1), "clusterName": "prod-eu"}
    del line["kind"], line["apiVersion"]
    path.write_text(json.dumps(line) + "\n" + json.dumps(event(2)) + "\n")
    report = imported(store, path)
    assert report.total().clusters == {"prod-eu", "here"}


def test_a_large_file_becomes_several_segments_without_duplicates(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kevents.store.segments.ingest_batch._MAX_ROWS", 700)
    monkeypatch.setattr("kevents.store.segments.ingest_batch._OBSERVE_ROWS", 200)
    monkeypatch.setattr("kevents.ingest.pipeline._BATCH_DOCUMENTS", 100)
    path = tmp_path / "dump.json"
    numbers = [*range(1500), *range(1000, 2500), *range(500)]
    path.write_text("".join(json.dumps({"type": "ADDED", "object": event(number)}) + "\n" for number in numbers))
    (tally,) = imported(store, path).files
    assert (tally.read, tally.new) == (3500, 2500)
    assert len(set(messages(store))) == len(messages(store)) == 2500
    assert len(store.files()) > 1
