"""The paths of a store: its directory, and the files in it. Only this module and `disk` depend on a local directory."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from urllib.parse import quote, unquote

from kevents.errors import UsageError
from kevents.store import disk

# Hive's name for a missing value: readers of hive partitions turn it into null
NO_DAY = "__HIVE_DEFAULT_PARTITION__"
_CLUSTER = "cluster="
_SEGMENTS = "*/*/*.parquet"
_SEGMENT = re.compile(r"[0-9a-f]{16}(-[0-9]+)?[.]parquet")
_DAY = rf"day=(\d{{4}}-\d\d-\d\d|{NO_DAY})"
_SEGMENT_PATH = re.compile(rf"observations/cluster=[A-Za-z0-9_.~%-]*/{_DAY}/{_SEGMENT.pattern}", re.ASCII)
_JOURNAL = re.compile(r"(\d{8,})[.]ndjson")
_MAX_NAME = 200  # bytes; file systems allow 255, suffixes included


def store_directory(flag: str | None, env: Mapping[str, str]) -> Path:
    """The store directory: --store, then KEVENTS_STORE, then the per-user data directory."""
    directory = flag or env.get("KEVENTS_STORE")
    if directory:
        return Path(directory).expanduser()
    from platformdirs import user_data_path

    return user_data_path("kevents", appauthor=False) / "store"


def catalog_of(store: Path) -> Path:
    """The catalog, which makes the directory a store."""
    return store / "catalog.json"


def catalog_backup(store: Path) -> Path:
    """The catalog before its last change."""
    return store / "catalog.json.bak"


def observations(store: Path) -> Path:
    """The directory of all segments."""
    return store / "observations"


def segment_paths(store: Path) -> list[Path]:
    """All Parquet files in the segment directories, whether or not the catalog lists them."""
    return sorted(disk.list_paths(observations(store), _SEGMENTS))


def is_segment(path: Path) -> bool:
    """Whether kevents wrote this file, judged by its name. Other files are never touched."""
    return is_segment_name(path.name)


def is_segment_name(name: object) -> bool:
    """Whether this is the file name of a segment."""
    return isinstance(name, str) and _SEGMENT.fullmatch(name) is not None


def is_segment_path(path: object) -> bool:
    """Whether this is the path of a segment, relative to the store. It cannot leave the store."""
    return isinstance(path, str) and _SEGMENT_PATH.fullmatch(path) is not None


def segment_in(directory: Path, cluster: str, day: date | None, name: str) -> Path:
    """The path of a segment below `observations` or a staging directory."""
    return directory / partition(cluster, day) / f"{name}.parquet"


def journals(store: Path) -> Path:
    """The directory of all journals."""
    return store / "journal"


def journal_file(directory: Path, number: int) -> Path:
    """The path of a journal file."""
    return directory / f"{number:08}.ndjson"


def journal_number(path: Path) -> int | None:
    """The number of a journal file; None for other files."""
    match = _JOURNAL.fullmatch(path.name)
    return int(match[1]) if match else None


def recorder_state_of(directory: Path) -> Path:
    """The state file of the recorder that writes a journal."""
    return directory / "recorder.json"


def spill_of(directory: Path) -> Path:
    """The directory where DuckDB spills what does not fit into memory."""
    return directory / "spill"


def reader_lock_of(store: Path) -> Path:
    """The lock shared by all readers."""
    return store / "readers"


def staging(store: Path) -> Path:
    """The directory where writers build new files."""
    return store / "staging"


def rewrite_staging(store: Path) -> Path:
    """The directory where compaction and pruning build new files."""
    return store / "upkeep"


def rewrite_lock_of(store: Path) -> Path:
    """The lock of compaction and pruning."""
    return store / "upkeep.lock"


def quarantine(store: Path) -> Path:
    """The directory for damaged files, which keep their paths in the store. Nothing in it is ever deleted."""
    return store / "quarantine"


def lock_of(directory: Path) -> Path:
    """The write lock of a store, or the recorder lock of a journal directory."""
    return directory / "lock"


def partition(cluster: str, day: date | None) -> str:
    """The directory of a cluster and day, relative to `observations`."""
    return f"{cluster_directory(cluster)}/day={day.isoformat() if day else NO_DAY}"


def cluster_directory(cluster: str) -> str:
    """The name of a cluster's directory. The label is percent-encoded, so it cannot leave the store."""
    label = quote(cluster, safe="")
    if label == NO_DAY:  # readers would take it for a missing label
        label = label.replace("_", "%5F", 1)
    if len(label) > _MAX_NAME:
        raise UsageError(
            f"the cluster label {cluster[:40]!r}… is too long: {len(label)} bytes encoded, at most {_MAX_NAME}",
            hint="Choose a shorter one with --cluster.",
        )
    return f"{_CLUSTER}{label}"


def cluster_of(directory: str) -> str:
    """The cluster of a directory name."""
    return unquote(directory.removeprefix(_CLUSTER))
