"""`kevents store export` to directories without a name of their own: `.`, `..` and `/`."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml

from tests.cli.conftest import Run, event
from tests.screen import run


def events_in(kevents: Run, store: Path) -> int:
    return len(json.loads(kevents("list", "--store", str(store), "-o", "json").out)["items"])


@pytest.mark.parametrize("name", [".", "./", "sub/..", "../empty"])
def test_an_export_to_the_current_directory(name: str, kevents: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    directory = tmp_path / "empty"
    directory.mkdir()
    monkeypatch.chdir(directory)
    screen = kevents("store", "export", "-o", name)
    assert (screen.status, screen.err.partition(":")[0]) == (0, f"Wrote {directory if name != '../empty' else name}")
    assert sorted(path.name for path in directory.iterdir()) == ["catalog.json", "observations"]
    assert not list(tmp_path.glob(".*"))  # the staging directory is gone
    assert events_in(kevents, directory) == 3


def test_an_export_to_the_parent_of_an_empty_directory_is_refused(
    kevents: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    directory = tmp_path / "parent" / "empty"
    directory.mkdir(parents=True)
    monkeypatch.chdir(directory)
    screen = kevents("store", "export", "-o", "..")
    assert screen.status == 2
    assert f"{tmp_path / 'parent'} already exists" in screen.err
    assert list(directory.parent.iterdir()) == [directory]


def test_an_export_to_a_directory_that_contains_the_store_is_refused(
    kevents: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    for name, path in (("..", tmp_path), ("/", Path("/"))):
        screen = kevents("store", "export", "-o", name, "--force")
        assert screen.status == 2
        assert screen.err.startswith(f"kevents: {path} is inside the store, or contains it\n")


def test_every_character_survives_an_export_to_parquet_and_jsonl(tmp_path: Path):
    characters = "".join(map(chr, [*range(0x20), 0x7F, 0x85, 0x9B, 0x2028, 0x2029, 0x202E, 0xFEFF, 0xFFFE, 0xE0041]))
    messages = [f"a{character}b" for character in characters] + ["x\n\n", "\n"]
    events = [event(n, "09:00:00", message=message) for n, message in enumerate(messages, 1)]
    (tmp_path / "dump.json").write_text(json.dumps(events))
    env = {"KEVENTS_STORE": str(tmp_path / "store"), "HOME": str(tmp_path)}
    assert run("import", str(tmp_path / "dump.json"), env=env).status == 0
    for form in ("parquet", "jsonl"):
        assert run("store", "export", "-o", str(tmp_path / f"out.{form}"), env=env).status == 0
    rows = pq.read_table(tmp_path / "out.parquet").sort_by("event_name").to_pylist()
    assert sorted(row["message"] for row in rows) == sorted(messages)
    lines = (tmp_path / "out.jsonl").read_text("utf-8").split("\n")[:-1]
    assert sorted(json.loads(line)["message"] for line in lines) == sorted(messages)
    listed = yaml.safe_load(run("list", "-o", "yaml", env=env).out)
    assert sorted(item["message"] for item in listed["items"]) == sorted(messages)
