"""Parquet from elsewhere: what is no slice is named for what it is, and what would break questions is left out."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kevents import duck
from kevents.event.schema import SCHEMA, STORED
from kevents.store.export_footer import KEY, Footer
from tests.observations import at, observation, write_store
from tests.screen import Screen, run

SEEN = at("09:30")


def slice_of(path: Path, *changes: Mapping[str, Any], footer: str | None = None, more: str = "") -> Path:
    """A slice with the usual row, changed each time. more: what the SELECT adds."""
    connection = duck.connect()
    columns = ", ".join(f'"{field.name}" {field.stored}' for field in STORED)
    connection.execute(f"CREATE TABLE rows (cluster VARCHAR, {columns})")
    marks = ", ".join("?" for _ in range(len(STORED) + 1))
    for change in changes:
        row = observation(SEEN) | change
        values = [row.get("cluster"), *(row.get(field.name) for field in STORED)]
        connection.execute(f"INSERT INTO rows VALUES ({marks})", values)
    note = f", KV_METADATA {{{KEY}: '{footer}'}}" if footer else ""
    connection.execute(f"COPY (SELECT *{more} FROM rows) TO '{path}' (FORMAT parquet{note})")
    connection.close()
    return path


def imports(tmp_path: Path, *paths: Path, flags: tuple[str, ...] = ()) -> Screen:
    return run("import", "--store", str(tmp_path / "store"), *map(str, paths), *flags, "-o", "jsonl")


def last(ended: Screen) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ended.shown.rstrip().split("\n")[-1])
    return found


def test_a_slice_is_imported_with_its_clusters(tmp_path: Path) -> None:
    path = slice_of(tmp_path / "a.parquet", {}, {"cluster": "other"}, footer=Footer().text)
    told = last(imports(tmp_path, path))
    assert (told["new"], told["clusters"]) == (2, "other, prod")


def test_rows_without_a_cluster_get_the_one_that_is_named(tmp_path: Path) -> None:
    path = slice_of(tmp_path / "a.parquet", {"cluster": None})
    assert last(imports(tmp_path, path, flags=("--cluster", "mine")))["clusters"] == "mine"


def test_files_out_of_a_store_know_their_cluster_from_their_directory_also_in_an_archive(tmp_path: Path) -> None:
    (file,) = write_store(tmp_path / "lying", [observation(SEEN, cluster="a/b")])
    with tarfile.open(tmp_path / "store.tgz", "w:gz") as archive:
        archive.add(file.path, f"lying/{file.path.relative_to(tmp_path / 'lying')}")
    assert last(imports(tmp_path, tmp_path / "store.tgz"))["clusters"] == "a/b"
    told = last(imports(tmp_path, tmp_path / "lying"))
    assert (told["new"], told["known"]) == (0, 1)


def test_a_slice_can_be_packed_or_come_through_a_pipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = slice_of(tmp_path / "a.parquet", {}, {"clock_ns": 2})
    (tmp_path / "a.parquet.zst").write_bytes(pa.compress(path.read_bytes(), "zstd", asbytes=True))
    assert last(imports(tmp_path, tmp_path / "a.parquet.zst"))["new"] == 2
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(path.read_bytes())))
    assert last(imports(tmp_path, Path("-")))["known"] == 2


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (pa.table({"a": [1]}), "holds no observations"),
        (pa.table({field.name: ["x"] for field in STORED}), "has last_seen as string instead of"),
        (pa.table({**{field.name: ["x"] for field in STORED}, "severity": ["info"]}), "answer to a question"),
    ],
)
def test_another_parquet_file_is_named_for_what_it_is(table: pa.Table, told: str, tmp_path: Path) -> None:
    pq.write_table(table, tmp_path / "other.parquet")
    ended = imports(tmp_path, tmp_path / "other.parquet")
    assert ended.status == 3
    assert told in ended.said
    assert "Traceback" not in ended.said


def test_a_report_written_as_parquet_is_no_slice(tmp_path: Path) -> None:
    imports(tmp_path, slice_of(tmp_path / "a.parquet", {}))
    for command in (["list"], ["query", "FROM observations"]):
        path = tmp_path / "answer.parquet"
        path.write_bytes(_bytes(*command, "--store", str(tmp_path / "store"), "-o", "parquet"))
        ended = imports(tmp_path, path)
        assert ended.status == 3
        assert "kevents store export -o FILE.parquet" in ended.said


def _bytes(*arguments: str) -> bytes:
    from kevents.cli.main import main
    from kevents.cli.terminal import Terminal

    shown = io.TextIOWrapper(io.BytesIO())
    assert (
        main(
            arguments,
            Terminal(io.TextIOWrapper(io.BytesIO()), shown, io.StringIO(), {"KEVENTS_CONFIG_DIR": "/dev/null"}),
        )
        == 0
    )
    shown.flush()
    data = shown.buffer
    assert isinstance(data, io.BytesIO)
    return data.getvalue()


def test_a_slice_of_a_newer_kevents_is_refused(tmp_path: Path) -> None:
    footer = Footer(SCHEMA + 1).text
    ended = imports(tmp_path, slice_of(tmp_path / "a.parquet", {}, footer=footer, more=", 1 AS tomorrow"))
    assert ended.status == 3
    assert "newer kevents" in ended.said
    assert "upgrade" in ended.said


@pytest.mark.parametrize("footer", ["{", "[]", "{}", '{"schema": 1, "coverage": {"prod": [{"scope": "*"}]}}'])
def test_a_footer_that_is_none_is_damage(footer: str, tmp_path: Path) -> None:
    ended = imports(tmp_path, slice_of(tmp_path / "a.parquet", {}, footer=footer))
    assert ended.status == 3
    assert "damaged" in ended.said


@pytest.mark.parametrize("keep", [0.2, 0.9, 0.999])
def test_a_slice_that_is_cut_off_is_an_error_with_its_name(keep: float, tmp_path: Path) -> None:
    path = slice_of(tmp_path / "a.parquet", {}, footer=Footer().text)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])
    ended = imports(tmp_path, path)
    assert ended.status == 3
    assert "a.parquet: the Parquet file is damaged or cut off" in ended.said


@pytest.mark.parametrize(
    "change",
    [
        {"count": 0},
        {"count": None},
        {"extra": "{"},
        {"extra": "[1]"},
        {"related": "null"},
        {"clock_ns": 2_000_000_001},
        {"first_seen": datetime.fromisoformat("9000-01-01T00:00:00Z")},  # beyond what nanoseconds can hold
    ],
)
def test_rows_that_no_event_can_give_are_left_out_and_counted(change: dict[str, Any], tmp_path: Path) -> None:
    ended = imports(tmp_path, slice_of(tmp_path / "a.parquet", {}, change))
    assert ended.status == 3
    assert "1 row is no observation" in ended.said
    assert last(ended)["new"] == 1
    assert len(run("list", "--store", str(tmp_path / "store"), "-o", "jsonl").shown.splitlines()) == 1


def test_text_that_is_no_utf8_is_damage(tmp_path: Path) -> None:
    path = slice_of(tmp_path / "a.parquet", {"message": "MARK" * 4})
    table = pq.read_table(path)
    broken = pa.array([b"\xff\xfe"]).cast(pa.binary()).view(pa.string())
    pq.write_table(table.set_column(table.schema.get_field_index("message"), "message", broken), path)
    ended = imports(tmp_path, path)
    assert ended.status == 3
    assert "damaged" in ended.said


def test_redaction_reaches_slices_too(tmp_path: Path) -> None:
    change = {"message": "token=abc", "extra": '{"x": "token=abc"}', "related": '{"name": "token=abc"}'}
    imports(
        tmp_path, slice_of(tmp_path / "a.parquet", change, {"extra": "token=abc {"}), flags=("--redact", "token=abc")
    )
    shown = run("query", "--store", str(tmp_path / "store"), "FROM observations", "-o", "jsonl").shown
    assert "token" not in shown
    assert shown.count("[redacted]") == 3


def test_a_slice_does_not_stretch_coverage_beyond_what_it_tells(tmp_path: Path) -> None:
    imports(tmp_path, slice_of(tmp_path / "a.parquet", {}, {"last_seen": SEEN + timedelta(minutes=5)}))
    shown = run("coverage", "--store", str(tmp_path / "store"), "-o", "jsonl").shown
    (span,) = map(json.loads, shown.splitlines())
    assert (span["state"], span["start"][:16], span["end"][:16]) == ("imported", "2026-11-20T09:30", "2026-11-20T09:35")


@pytest.mark.parametrize(
    ("name", "reason"),
    [("x" * 5000, "file name too long"), ("nul\0", "embedded null byte"), ("a/" * 3000, "file name too long")],
)
def test_an_impossible_path_is_reported_like_a_missing_one(name: str, reason: str, tmp_path: Path) -> None:
    ended = run("import", "--store", str(tmp_path / "store"), name)
    assert ended.status == 3
    assert f": {reason}" in ended.said
