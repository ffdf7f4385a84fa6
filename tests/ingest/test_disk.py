"""Import on disks that fail or are full: all of a file or nothing, and the next import makes it whole."""

from __future__ import annotations

import io
import json
import shutil
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kevents.errors import StoreError
from kevents.ingest.importer import Options, import_into
from kevents.source.input.paths import file_inputs
from kevents.store.store import Store
from tests.store.failing_disk import Disk, each_failure, small_disk
from tests.store.small_recorder import CLUSTER, document, is_tidy, seen

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def held(store: Store) -> list[int]:
    return [number // 10 for number in seen(store)]


def bring_in(store: Store, path: Path, numbers: range) -> None:
    """Import the events of these numbers, all of one day."""
    path.write_text(json.dumps({"kind": "List", "items": [json.loads(document(10 * number)) for number in numbers]}))
    inputs = file_inputs([str(path)], io.BytesIO())
    import_into(store, inputs, Options(CLUSTER, NOW), lambda _: None, lambda *_: None)


@pytest.mark.parametrize("name", ["fsync", "rename", "replace"])
def test_every_kth_failure_of_the_disk_leaves_all_of_a_file_or_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    bring_in(Store(tmp_path / "filled"), tmp_path / "one.json", range(5))

    def attempt(k: int, disk: Disk) -> None:
        store = Store(shutil.copytree(tmp_path / "filled", tmp_path / str(k)))
        with disk.failing(), suppress(StoreError, OSError):
            bring_in(store, tmp_path / "two.json", range(3, 8))
        assert held(store) in (list(range(5)), list(range(8)))
        bring_in(store, tmp_path / "two.json", range(3, 8))
        assert held(store) == list(range(8))
        assert is_tidy(store)

    each_failure(monkeypatch, name, attempt)


def test_a_full_disk_is_said_and_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "8m") as disk:
        bring_in(Store(tmp_path / "filled"), tmp_path / "one.json", range(5))
        said = set()
        for free in range(0, 36_000, 12_288):
            store = Store(shutil.copytree(tmp_path / "filled", disk.directory / "store"))
            disk.leave(free)
            try:
                bring_in(store, tmp_path / "two.json", range(8))
            except StoreError as error:
                said.add(str(error))
                assert held(store) == list(range(5))
            disk.clear()
            bring_in(store, tmp_path / "two.json", range(8))
            assert held(store) == list(range(8))
            assert is_tidy(store)
            shutil.rmtree(store.directory)
        assert said
        assert all("full" in sentence or "No space" in sentence for sentence in said)
