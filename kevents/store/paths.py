"""Which directory the store is, and where in it everything lies. With `disk`, what to change where that is no directory."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from urllib.parse import quote, unquote

from kevents.errors import UsageError
from kevents.store import disk

# Hive's own name for "no value": every reader of hive partitions turns it into null.
NO_DAY = "__HIVE_DEFAULT_PARTITION__"
_CLUSTER = "cluster="
_SEGMENTS = "*/*/*.parquet"
_SEGMENT = re.compile(r"[0-9a-f]{16}(-\d+)?[.]parquet")
_JOURNAL = re.compile(r"(\d{8,})[.]ndjson")
_LONGEST = 200  # of the 255 bytes that file systems allow a name


def store_directory(flag: str | None, env: Mapping[str, str]) -> Path:
    """The store's directory: --store, else KEVENTS_STORE, else the user's data directory."""
    named = flag or env.get("KEVENTS_STORE")
    if named:
        return Path(named).expanduser()
    from platformdirs import user_data_path

    return user_data_path("kevents", appauthor=False) / "store"


def catalog_of(store: Path) -> Path:
    """What makes the directory a store: the list of all that counts."""
    return store / "catalog.json"


def catalog_before(store: Path) -> Path:
    """The catalog as it was before its last change."""
    return store / "catalog.json.bak"


def observations(store: Path) -> Path:
    """Below which the segments lie, by cluster and day."""
    return store / "observations"


def segment_paths(store: Path) -> list[Path]:
    """Every Parquet file that lies where segments do, whether it counts or not."""
    return sorted(disk.listed(observations(store), _SEGMENTS))


def is_segment(path: Path) -> bool:
    """Whether a file has the name of one that kevents wrote; whatever has another is not ours to touch."""
    return _SEGMENT.fullmatch(path.name) is not None


def segment_in(directory: Path, cluster: str, day: date | None, name: str) -> Path:
    """The segment of that name, below `observations` or wherever it is built."""
    return directory / partition(cluster, day) / f"{name}.parquet"


def journals(store: Path) -> Path:
    """Below which each cluster has the directory of its journal."""
    return store / "journal"


def journal_file(directory: Path, number: int) -> Path:
    """The file of that number in a journal's directory."""
    return directory / f"{number:08}.ndjson"


def journal_number(path: Path) -> int | None:
    """The number of a journal file; None for any other."""
    name = _JOURNAL.fullmatch(path.name)
    return int(name[1]) if name else None


def recorder_of(directory: Path) -> Path:
    """What the recorder of a journal's directory tells of itself."""
    return directory / "recorder.json"


def spill_of(directory: Path) -> Path:
    """Where DuckDB may write what does not fit into memory while something is built in a directory."""
    return directory / "spill"


def readers_of(store: Path) -> Path:
    """The lock that readers share."""
    return store / "readers"


def staging(store: Path) -> Path:
    """Where writers build what they publish."""
    return store / "staging"


def upkeep(store: Path) -> Path:
    """Where that is built which takes the place of other files."""
    return store / "upkeep"


def upkeep_lock_of(store: Path) -> Path:
    """The lock of those who replace files."""
    return store / "upkeep.lock"


def quarantine(store: Path) -> Path:
    """Where damaged files go, under the paths that they had in the store. Nothing is ever deleted there."""
    return store / "quarantine"


def lock_of(directory: Path) -> Path:
    """The lock of a store, or of a journal's directory."""
    return directory / "lock"


def partition(cluster: str, day: date | None) -> str:
    """The directory of one cluster and day below `observations`."""
    return f"{cluster_directory(cluster)}/day={day.isoformat() if day else NO_DAY}"


def cluster_directory(cluster: str) -> str:
    """The name of a cluster's directory; the label is percent-encoded, so nothing escapes."""
    label = quote(cluster, safe="")
    if len(label) > _LONGEST:
        raise UsageError(
            f"the cluster label {cluster[:40]!r}… is too long for a directory's name ({len(label)} of {_LONGEST} bytes)",
            hint="choose a shorter one with --cluster",
        )
    return f"{_CLUSTER}{label}"


def cluster_of(directory: str) -> str:
    """The cluster whose directory has that name."""
    return unquote(directory.removeprefix(_CLUSTER))
