"""An import keeps what is good, names what is not, and leaves nothing half done."""

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
from kevents.ingest.summary import ImportReport
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


def listed(*events: dict[str, Any]) -> str:
    return json.dumps({"apiVersion": "v1", "items": events, "kind": "List"}, indent=4)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def imported(
    store: Store,
    *paths: Path | str,
    stdin: bytes = b"",
    rewrite: Callable[..., Any] | None = None,
    dry: bool = False,
) -> ImportReport:
    inputs = file_inputs([str(path) for path in paths], BytesIO(stdin))
    options = importer.Options("here", NOW, rewrite)
    if dry:
        return importer.try_import(store, inputs, options, lambda *_: None)
    return importer.import_into(store, inputs, options, lambda _: None, lambda *_: None)


def messages(store: Store) -> list[str]:
    return sorted(
        message
        for file in store.files()
        for message in pq.read_table(file.path, columns=["message"], partitioning=None).column(0).to_pylist()
    )


def test_standard_input_is_a_file_like_any_other(store: Store) -> None:
    (tally,) = imported(store, "-", stdin=listed(event(1), event(2)).encode()).files
    assert (tally.name, tally.read, tally.new) == ("standard input", 2, 2)


def test_what_was_good_before_a_truncation_stays_and_the_file_is_named_with_its_line(
    store: Store, tmp_path: Path
) -> None:
    text = listed(event(1), event(2), event(3))
    cut = text.index('"Started container 3"') + 5
    path = tmp_path / "cut.json"
    path.write_text(text[:cut])
    (tally,) = imported(store, path).failed
    (problem,) = tally.problems
    assert (tally.read, tally.new) == (2, 2)
    begun, ended = (text[:place].count("\n") + 1 for place in (text.rindex("        {"), cut))
    assert problem.line in (begun, ended)
    assert "truncated" in problem.reason


def test_a_bad_line_in_the_middle_costs_only_itself(store: Store, tmp_path: Path) -> None:
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
def test_a_named_file_without_events_is_never_passed_over_in_silence(
    store: Store, tmp_path: Path, content: str
) -> None:
    path = tmp_path / "dump"
    path.write_text(content)
    (tally,) = imported(store, path).failed
    assert tally.problems[0].reason


@pytest.mark.parametrize("content", ["", listed(), '{"items": null}', "items: []\nkind: EventList\napiVersion: v1\n"])
def test_an_empty_list_or_file_is_no_failure_but_is_said(store: Store, tmp_path: Path, content: str) -> None:
    path = tmp_path / "dump"
    path.write_text(content)
    report = imported(store, path)
    assert not report.failed
    assert report.files[0].note.startswith("1 empty ")


def test_a_file_that_is_missing_does_not_stop_the_others(store: Store, tmp_path: Path) -> None:
    good = tmp_path / "good.json"
    good.write_text(listed(event(1)))
    report = imported(store, tmp_path / "nowhere.json", good)
    assert [tally.name for tally in report.failed] == [str(tmp_path / "nowhere.json")]
    assert report.total().new == 1


def test_the_members_of_an_archive_in_a_directory_are_read_and_what_is_no_dump_is_no_failure(
    store: Store, tmp_path: Path
) -> None:
    directory = tmp_path / "must-gather"
    (directory / "logs").mkdir(parents=True)
    (directory / "logs/kubelet.log").write_text("I1120 08:50:11 started\nno event here\n")
    (directory / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00")
    with tarfile.open(directory / "bundle.tgz", "w:gz") as archive:
        for name, text in (("ns/events.json", listed(event(1))), ("../../escape.json", listed(event(2)))):
            data = text.encode()
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    (directory / "events.ndjson.gz").write_bytes(gzip.compress(json.dumps(event(3)).encode()))
    report = imported(store, directory)
    assert not report.failed
    assert report.total().new == 3
    assert not (tmp_path / "escape.json").exists()


def test_a_dry_run_says_what_would_be_new_and_writes_nothing(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "dump.json"
    path.write_text(listed(event(1), event(2), event(2)))
    assert imported(store, path, dry=True).total().new == 2
    assert not store.directory.exists()
    imported(store, path)
    path.write_text(listed(event(2), event(3)))
    report = imported(store, path, dry=True)
    assert (report.total().new, report.total().known) == (1, 1)
    assert len(messages(store)) == 2


def test_redaction_comes_before_anything_is_written(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "dump.json"
    secret = event(1, message="token=abc123 refused", action="abc123")
    secret["metadata"] = {**secret["metadata"], "annotations": {"why": ["abc123"]}}
    path.write_text(listed(secret))
    imported(store, path, rewrite=Redactor(r"abc\d+"))
    (file,) = store.files()
    (row,) = pq.read_table(file.path, partitioning=None).to_pylist()
    assert row["message"] == "token=[redacted] refused"
    assert row["action"] == "[redacted]"
    assert json.loads(row["extra"]) == {"metadata": {"annotations": {"why": ["[redacted]"]}}}


def test_the_cluster_that_a_dump_names_goes_before_the_label_of_the_command_line(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "exporter.log"
    line = {**event(1), "clusterName": "prod-eu"}
    del line["kind"], line["apiVersion"]
    path.write_text(json.dumps(line) + "\n" + json.dumps(event(2)) + "\n")
    report = imported(store, path)
    assert report.total().clusters == {"prod-eu", "here"}


def test_a_large_file_goes_through_several_segments_and_none_of_it_twice(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kevents.store.segments.ingest_batch._MAX_ROWS", 700)
    monkeypatch.setattr("kevents.store.segments.ingest_batch._OBSERVE_ROWS", 200)
    monkeypatch.setattr("kevents.ingest.importer._DOCUMENTS", 100)
    path = tmp_path / "dump.json"
    numbers = [*range(1500), *range(1000, 2500), *range(500)]
    path.write_text("".join(json.dumps({"type": "ADDED", "object": event(number)}) + "\n" for number in numbers))
    (tally,) = imported(store, path).files
    assert (tally.read, tally.new) == (3500, 2500)
    assert len(set(messages(store))) == len(messages(store)) == 2500
    assert len(store.files()) > 1
