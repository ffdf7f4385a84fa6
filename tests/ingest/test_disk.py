"""Import on a failing or full disk: a file is stored completely or not at all, and can be imported again."""

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


def stored(store: Store) -> list[int]:
    """The numbers of the events in the store."""
    return [number // 10 for number in seen(store)]


def import_events(store: Store, path: Path, numbers: range) -> None:
    """Import events with these numbers, all of one day, from a dump at the path."""
    path.write_text(json.dumps({"kind": "List", "items": [json.loads(document(10 * number)) for number in numbers]}))
    inputs = file_inputs([str(path)], io.BytesIO())
    import_into(store, inputs, Options(CLUSTER, NOW), lambda _: None, lambda *_: None)


@pytest.mark.parametrize("name", ["fsync", "rename", "replace"])
def test_whichever_disk_operation_fails_a_file_is_stored_completely_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    import_events(Store(tmp_path / "filled"), tmp_path / "one.json", range(5))

    def attempt(k: int, disk: Disk) -> None:
        store = Store(shutil.copytree(tmp_path / "filled", tmp_path / str(k)))
        with disk.failing(), suppress(StoreError, OSError):
            import_events(store, tmp_path / "two.json", range(3, 8))
        assert stored(store) in (list(range(5)), list(range(8)))
        import_events(store, tmp_path / "two.json", range(3, 8))
        assert stored(store) == list(range(8))
        assert is_tidy(store)

    each_failure(monkeypatch, name, attempt)


def test_a_full_disk_is_reported_and_leaves_the_store_unchanged(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "8m") as disk:
        import_events(Store(tmp_path / "filled"), tmp_path / "one.json", range(5))
        errors = set()
        for free in range(0, 36_000, 12_288):
            store = Store(shutil.copytree(tmp_path / "filled", disk.directory / "store"))
            disk.leave(free)
            try:
                import_events(store, tmp_path / "two.json", range(8))
            except StoreError as error:
                errors.add(str(error))
                assert stored(store) == list(range(5))
            disk.clear()
            import_events(store, tmp_path / "two.json", range(8))
            assert stored(store) == list(range(8))
            assert is_tidy(store)
            shutil.rmtree(store.directory)
        assert errors
        assert all("full" in error or "No space" in error for error in errors)
