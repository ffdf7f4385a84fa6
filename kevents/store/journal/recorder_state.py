"""The state of a recorder, for `kevents status`: a small file in the journal directory, replaced atomically."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from kevents.store import disk, layout, lock
from kevents.store.journal.files import journal_directories
from kevents.store.paths import cluster_of, lock_of, recorder_state_of
from kevents.url_credentials import mask_credentials

STALE = timedelta(seconds=15)  # a recorder reports its state every second
_TIMES = ("started", "last_contact", "told")  # keys in the file, where `updated` is called told


@dataclass(frozen=True)
class RecorderState:
    """The last reported state of a recorder.

    updated: when it was reported. lag: seconds from the arrival of an observation until it was durable. state: a word
    such as listing, watching, waiting, full or stopped. more: additional values.
    """

    cluster: str
    pid: int
    started: datetime
    updated: datetime
    identity: str | None = None
    scopes: tuple[str, ...] = ()
    state: str = "starting"
    events: int = 0
    rate: float = 0.0  # recent events per second
    lag: float | None = None
    spool_bytes: int = 0
    last_contact: datetime | None = None
    reconnects: int = 0
    last_error: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


def write_state(directory: Path, state: RecorderState) -> None:
    """Replace the state file of this journal directory. It is not synced, because it is rewritten every second."""
    entry = asdict(state)
    entry["told"] = entry.pop("updated")
    for key in _TIMES:
        entry[key] = entry[key] and entry[key].isoformat()
    disk.replace_unsynced(recorder_state_of(directory), json.dumps(entry).encode())


def read_state(directory: Path) -> RecorderState | None:
    """The last state of the recorder of this journal directory; None if it is missing or unreadable."""
    names = {state_field.name for state_field in fields(RecorderState)}
    try:
        entry = json.loads(mask_credentials(disk.read(recorder_state_of(directory)).decode()))  # of older versions
        for key in _TIMES:
            entry[key] = datetime.fromisoformat(entry[key]) if entry.get(key) else None
        entry |= {"updated": entry["told"], "scopes": tuple(entry.get("scopes", ()))}
        return RecorderState(**{name: value for name, value in entry.items() if name in names})
    except (OSError, ValueError, TypeError, AttributeError):
        return None


def is_running(directory: Path) -> bool:
    """Whether a running recorder holds the lock of this journal directory, whatever process id its state has."""
    return lock.is_held(lock_of(directory))


def recorders(store_directory: Path) -> list[tuple[str, RecorderState | None, bool]]:
    """Every cluster that was ever recorded into the store, the last state of its recorder, and whether it runs."""
    layout.check(store_directory)
    return [
        (cluster_of(directory.name), read_state(directory), is_running(directory))
        for directory in journal_directories(store_directory)
    ]
