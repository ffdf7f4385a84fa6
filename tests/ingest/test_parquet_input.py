"""Import of Parquet files: exports are imported exactly, other files and invalid rows are reported."""

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

LAST_SEEN = at("09:30")


def write_export(path: Path, *changes: Mapping[str, Any], footer: str | None = None, extra_columns: str = "") -> Path:
    """Write an exported file with one row per change to a default observation. extra_columns: SQL for the SELECT."""
    connection = duck.connect()
    columns = ", ".join(f'"{field.name}" {field.stored}' for field in STORED)
    connection.execute(f"CREATE TABLE rows (cluster VARCHAR, {columns})")
    placeholders = ", ".join("?" for _ in range(len(STORED) + 1))
    for change in changes:
        row = observation(LAST_SEEN) | change
        values = [row.get("cluster"), *(row.get(field.name) for field in STORED)]
        connection.execute(f"INSERT INTO rows VALUES ({placeholders})", values)
    metadata = f", KV_METADATA {{{KEY}: '{footer}'}}" if footer else ""
    connection.execute(f"COPY (SELECT *{extra_columns} FROM rows) TO '{path}' (FORMAT parquet{metadata})")
    connection.close()
    return path


def run_import(tmp_path: Path, *paths: Path, flags: tuple[str, ...] = ()) -> Screen:
    return run("import", "--store", str(tmp_path / "store"), *map(str, paths), *flags, "-o", "jsonl")


def last_row(screen: Screen) -> dict[str, Any]:
    row: dict[str, Any] = json.loads(screen.out.rstrip().split("\n")[-1])
    return row


def test_an_export_is_imported_with_its_clusters(tmp_path: Path) -> None:
    path = write_export(tmp_path / "a.parquet", {}, {"cluster": "other"}, footer=Footer().text)
    row = last_row(run_import(tmp_path, path))
    assert (row["new"], row["clusters"]) == (2, "other, prod")


def test_rows_without_a_cluster_get_the_label_of_the_command_line(tmp_path: Path) -> None:
    path = write_export(tmp_path / "a.parquet", {"cluster": None})
    assert last_row(run_import(tmp_path, path, flags=("--cluster", "mine")))["clusters"] == "mine"


def test_a_store_file_in_an_archive_gets_its_cluster_from_its_path(tmp_path: Path) -> None:
    (file,) = write_store(tmp_path / "other", [observation(LAST_SEEN, cluster="a/b")])
    with tarfile.open(tmp_path / "store.tgz", "w:gz") as archive:
        archive.add(file.path, f"other/{file.path.relative_to(tmp_path / 'other')}")
    assert last_row(run_import(tmp_path, tmp_path / "store.tgz"))["clusters"] == "a/b"
    row = last_row(run_import(tmp_path, tmp_path / "other"))
    assert (row["new"], row["known"]) == (0, 1)


def test_an_export_can_be_compressed_or_piped(tmp_path: Path) -> None:
    path = write_export(tmp_path / "a.parquet", {}, {"clock_ns": 2})
    (tmp_path / "a.parquet.zst").write_bytes(pa.compress(path.read_bytes(), "zstd", asbytes=True))
    assert last_row(run_import(tmp_path, tmp_path / "a.parquet.zst"))["new"] == 2
    flags = ("--store", str(tmp_path / "store"), "-o", "jsonl")
    row = json.loads(stdout_of("import", *flags, "-", stdin=path.read_bytes()))
    assert (row["new"], row["known"]) == (0, 2)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pa.table({"a": [1]}), "contains no observations: column 'namespace' is missing"),
        (pa.table({field.name: ["x"] for field in STORED}), "has last_seen as string instead of"),
        (
            pa.table({**{field.name: ["x"] for field in STORED}, "severity": ["info"]}),
            "is the result of a query or report: it has a column 'severity'",
        ),
    ],
)
def test_a_parquet_file_with_other_contents_is_refused_with_the_reason(
    table: pa.Table, message: str, tmp_path: Path
) -> None:
    pq.write_table(table, tmp_path / "other.parquet")
    screen = run_import(tmp_path, tmp_path / "other.parquet")
    assert screen.status == 3
    assert message in screen.err
    assert "Traceback" not in screen.err


def test_the_result_of_a_report_as_parquet_is_refused(tmp_path: Path) -> None:
    run_import(tmp_path, write_export(tmp_path / "a.parquet", {}))
    for command in (["list"], ["query", "FROM observations"]):
        path = tmp_path / "result.parquet"
        path.write_bytes(stdout_of(*command, "--store", str(tmp_path / "store"), "-o", "parquet"))
        screen = run_import(tmp_path, path)
        assert screen.status == 3
        assert "kevents store export -o FILE.parquet" in screen.err


def stdout_of(*arguments: str, stdin: bytes = b"") -> bytes:
    from kevents.cli.main import main
    from kevents.cli.terminal import Terminal

    stdout = io.TextIOWrapper(io.BytesIO())
    env = {"KEVENTS_CONFIG_DIR": "/dev/null"}
    status = main(arguments, Terminal(io.TextIOWrapper(io.BytesIO(stdin)), stdout, io.StringIO(), env))
    assert status == 0
    stdout.flush()
    buffer = stdout.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue()


def test_an_export_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    footer = Footer(SCHEMA + 1).text
    screen = run_import(
        tmp_path, write_export(tmp_path / "a.parquet", {}, footer=footer, extra_columns=", 1 AS new_column")
    )
    assert screen.status == 3
    assert "newer kevents" in screen.err
    assert "upgrade" in screen.err


@pytest.mark.parametrize("footer", ["{", "[]", "{}", '{"schema": 1, "coverage": {"prod": [{"scope": "*"}]}}'])
def test_an_invalid_footer_is_reported_as_damage(footer: str, tmp_path: Path) -> None:
    screen = run_import(tmp_path, write_export(tmp_path / "a.parquet", {}, footer=footer))
    assert screen.status == 3
    assert "damaged" in screen.err


@pytest.mark.parametrize("keep", [0.2, 0.9, 0.999])
def test_a_truncated_export_is_an_error_with_its_name(keep: float, tmp_path: Path) -> None:
    path = write_export(tmp_path / "a.parquet", {}, footer=Footer().text)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])
    screen = run_import(tmp_path, path)
    assert screen.status == 3
    assert "a.parquet: the Parquet file is damaged or truncated" in screen.err


@pytest.mark.parametrize(
    "change",
    [
        {"count": 0},
        {"count": None},
        {"extra": "{"},
        {"extra": "[1]"},
        {"related": "null"},
        {"clock_ns": 2_000_000_001},
        {"first_seen": datetime.fromisoformat("9000-01-01T00:00:00Z")},  # out of range for nanoseconds
    ],
)
def test_invalid_rows_are_skipped_and_counted(change: dict[str, Any], tmp_path: Path) -> None:
    screen = run_import(tmp_path, write_export(tmp_path / "a.parquet", {}, change))
    assert screen.status == 3
    assert "1 row is not a valid observation: impossible times, counts or JSON" in screen.err
    assert last_row(screen)["new"] == 1
    assert len(run("list", "--store", str(tmp_path / "store"), "-o", "jsonl").out.splitlines()) == 1


def test_invalid_utf8_is_reported_as_damage(tmp_path: Path) -> None:
    path = write_export(tmp_path / "a.parquet", {"message": "MARK" * 4})
    table = pq.read_table(path)
    broken = pa.array([b"\xff\xfe"]).cast(pa.binary()).view(pa.string())
    pq.write_table(table.set_column(table.schema.get_field_index("message"), "message", broken), path)
    screen = run_import(tmp_path, path)
    assert screen.status == 3
    assert "damaged" in screen.err


def test_exports_are_redacted_too(tmp_path: Path) -> None:
    change = {"message": "token=abc", "extra": '{"x": "token=abc"}', "related": '{"name": "token=abc"}'}
    run_import(
        tmp_path,
        write_export(tmp_path / "a.parquet", change, {"extra": "token=abc {"}),
        flags=("--redact", "token=abc"),
    )
    shown = run("query", "--store", str(tmp_path / "store"), "FROM observations", "-o", "jsonl").out
    assert "token" not in shown
    assert shown.count("[redacted]") == 3


def test_an_export_without_coverage_covers_the_time_range_of_its_observations(tmp_path: Path) -> None:
    run_import(tmp_path, write_export(tmp_path / "a.parquet", {}, {"last_seen": LAST_SEEN + timedelta(minutes=5)}))
    shown = run("coverage", "--store", str(tmp_path / "store"), "-o", "jsonl").out
    (span,) = map(json.loads, shown.splitlines())
    assert (span["state"], span["start"][:16], span["end"][:16]) == ("imported", "2026-11-20T09:30", "2026-11-20T09:35")


@pytest.mark.parametrize(
    ("name", "reason"),
    [("x" * 5000, "file name too long"), ("nul\0", "embedded null byte"), ("a/" * 3000, "file name too long")],
)
def test_an_impossible_path_is_reported_like_a_missing_file(name: str, reason: str, tmp_path: Path) -> None:
    screen = run("import", "--store", str(tmp_path / "store"), name)
    assert screen.status == 3
    assert f": {reason}" in screen.err
