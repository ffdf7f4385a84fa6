"""What a recorder tells of itself, for `kevents status`: a small file in its journal's directory, replaced as a whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from kevents.store import disk, lock
from kevents.store.journal.files import journal_directories
from kevents.store.paths import cluster_of, lock_of, recorder_of

_TIMES = ("started", "last_contact", "told")


@dataclass(frozen=True)
class RecorderState:
    """A recorder as it was when it last said so.

    lag: seconds from a observation's arrival to its being durable; state: a word such as listing, watching, waiting,
    full, stopped; more: whatever else it tells.
    """

    cluster: str
    pid: int
    started: datetime
    told: datetime  # when it said all this
    identity: str | None = None
    scopes: tuple[str, ...] = ()
    state: str = "starting"
    events: int = 0
    rate: float = 0.0  # events a second, of late
    lag: float | None = None
    spool_bytes: int = 0
    last_contact: datetime | None = None
    reconnects: int = 0
    last_error: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


def write_state(directory: Path, state: RecorderState) -> None:
    """Replace what the recorder of this journal directory told last; no fsync, for it goes stale within a second."""
    entry = asdict(state)
    for key in _TIMES:
        entry[key] = entry[key] and entry[key].isoformat()
    disk.show(recorder_of(directory), json.dumps(entry).encode())


def read_state(directory: Path) -> RecorderState | None:
    """What the recorder of this journal directory told last; None if it never did, or if that cannot be read."""
    known = {one.name for one in fields(RecorderState)}
    try:
        entry = {key: value for key, value in json.loads(disk.read(recorder_of(directory))).items() if key in known}
        for key in _TIMES:
            entry[key] = datetime.fromisoformat(entry[key]) if entry.get(key) else None
        return RecorderState(**entry | {"scopes": tuple(entry.get("scopes", ()))})
    except (OSError, ValueError, TypeError, AttributeError):
        return None


def is_running(directory: Path) -> bool:
    """Whether a living recorder holds this journal directory: the kernel knows, whatever pid the file names."""
    return lock.is_held(lock_of(directory))


def recorders(store_directory: Path) -> list[tuple[str, RecorderState | None, bool]]:
    """Every cluster that was ever recorded into the store: what its recorder told last, and whether it is running."""
    return [(cluster_of(one.name), read_state(one), is_running(one)) for one in journal_directories(store_directory)]
