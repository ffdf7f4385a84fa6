"""`kevents store export` to directories without a name of their own: `.`, `..` and `/`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run


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
