"""A cluster label that cannot be stored costs only its own events, in every kind of input."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

ODD = [
    ".",
    "..",
    "../../x",
    "a/b",
    "\0",
    "a\nb",
    "\x1b[31m",
    "__HIVE_DEFAULT_PARTITION__",
    "null",
    " ",
    "%2e",
    "é" * 30,
]
TOO_LONG = ["x" * 201, "é" * 34, "/" * 67]


def _event(number: int, label: object) -> str:
    event = {
        "apiVersion": "v1",
        "kind": "Event",
        "clusterName": label,
        "metadata": {"name": f"pod.{number}", "namespace": "shop"},
        "involvedObject": {"kind": "Pod", "namespace": "shop", "name": f"pod-{number}"},
        "reason": "Failed",
        "message": "m",
        "lastTimestamp": "2026-11-20T10:00:00Z",
    }
    return json.dumps(event) + "\n"


def _kevents(*arguments: str, status: int, stdin: bytes = b"") -> tuple[str, str]:
    command = [sys.executable, "-m", "kevents", *arguments]
    done = subprocess.run(command, capture_output=True, input=stdin, check=False)
    error = done.stderr.decode()
    assert (done.returncode, "Traceback" in error) == (status, False), error[-500:]
    return done.stdout.decode(), error


def _clusters(store: Path) -> list[str]:
    sql = "SELECT cluster FROM observations ORDER BY ALL"
    listed, _ = _kevents("query", sql, "-o", "jsonl", "--store", str(store), status=0)
    return [json.loads(line)["cluster"] for line in io.StringIO(listed)]


def test_any_short_label_is_stored_as_it_is(tmp_path: Path) -> None:
    dump = tmp_path / "dump.jsonl"
    dump.write_text("".join(_event(number, label) for number, label in enumerate([*ODD, "", None, "a\ud800b"])))
    _kevents("import", str(dump), "--store", str(tmp_path / "store"), status=0)
    assert _clusters(tmp_path / "store") == sorted([*ODD, "default", "default", "a\ufffdb"])


@pytest.mark.parametrize("label", TOO_LONG)
def test_an_event_with_a_label_that_is_too_long_is_left_out_and_named(tmp_path: Path, label: str) -> None:
    dump = tmp_path / "dump.jsonl"
    dump.write_text(_event(0, "good") + _event(1, label) + _event(2, "good"))
    _, error = _kevents("import", str(dump), "--store", str(tmp_path / "store"), status=3)
    assert f"{dump}: line 2: the event was left out: the cluster label" in error
    assert _clusters(tmp_path / "store") == ["good", "good"]
    _, error = _kevents("import", "-", "--store", str(tmp_path / "piped"), status=3, stdin=dump.read_bytes())
    assert "line 2: the event was left out" in error
    assert _clusters(tmp_path / "piped") == ["good", "good"]


def test_rows_of_a_parquet_file_with_a_label_that_is_too_long_are_left_out_and_named(tmp_path: Path) -> None:
    dump, export = tmp_path / "dump.jsonl", tmp_path / "export.parquet"
    dump.write_text(_event(0, "good") + _event(1, "bad") + _event(2, "bad"))
    _kevents("import", str(dump), "--store", str(tmp_path / "store"), status=0)
    _kevents("store", "export", "-o", str(export), "--store", str(tmp_path / "store"), status=0)
    table = pq.read_table(export)
    labels = ["x" * 300 if label == "bad" else label for label in table.column("cluster").to_pylist()]
    pq.write_table(table.set_column(0, "cluster", pa.array(labels)), export)
    _, error = _kevents("import", str(export), "--store", str(tmp_path / "other"), status=3)
    assert "2 rows were left out: the cluster label" in error
    assert _clusters(tmp_path / "other") == ["good"]
