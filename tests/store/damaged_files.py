"""A small store with ten days of one cluster, and ways to damage a file."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from kevents.store.catalog import StoreFile
from kevents.store.store import Store
from tests.screen import Screen, run
from tests.store.small_recorder import CLUSTER, document

EVENTS = 60
EVENTS_PER_DAY = 6


def run_command(store: Store, *arguments: str) -> Screen:
    """Run a command line over the store."""
    return run(*arguments, "--store", str(store.directory))


def numbers(store: Store, *flags: str) -> list[int]:
    """The numbers of the events that a query sees."""
    screen = run_command(
        store, "query", "SELECT resource_version AS n FROM observations ORDER BY n", "-o", "json", *flags
    )
    assert screen.status == 0, screen.err
    return [row["n"] for row in json.loads(screen.out)]


def store_in(directory: Path) -> Store:
    """A store with 60 imported events, six on each of ten days."""
    store = Store(directory / "store")
    import_events(store, directory / "dump.ndjson", range(EVENTS))
    return store


def import_events(store: Store, dump: Path, events: range) -> None:
    """Import the events with these numbers."""
    dump.write_bytes(b"".join(document(number) + b"\n" for number in events))
    screen = run_command(store, "import", str(dump), "--cluster", CLUSTER)
    assert screen.status == 0, screen.err


def first(store: Store) -> StoreFile:
    """The file of the first day, with the events 0, 10, 20 …"""
    return min(store.files(), key=lambda file: str(file.day))


def flip(path: Path, bit: int) -> None:
    """Flip one bit of the file."""
    data = bytearray(path.read_bytes())
    data[bit // 8 % len(data)] ^= 1 << bit % 8
    path.write_bytes(data)


def _torn(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _zeroed(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def _zeroed_page(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:512] + bytes(512) + data[1024:])


def _longer(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"more")


def _foreign(path: Path) -> None:
    other = next(file for file in sorted(path.parents[1].glob("*/*.parquet")) if file != path)
    shutil.copyfile(other, path)


WAYS_TO_DAMAGE: dict[str, Callable[[Path], None]] = {
    "missing": Path.unlink,
    "empty": lambda path: path.write_bytes(b"") and None,
    "torn": _torn,
    "zeroed": _zeroed,
    "a page of zeros": _zeroed_page,
    "longer": _longer,
    "another file's content": _foreign,
}
