"""Which folder the store is, and which folders lie in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from urllib.parse import quote, unquote

from kevents.errors import UsageError

# Hive's own name for "no value": every reader of hive partitions turns it into null.
NO_DAY = "__HIVE_DEFAULT_PARTITION__"
_CLUSTER = "cluster="
_LONGEST = 200  # of the 255 bytes that file systems allow a name


def locate(flag: str | None, env: Mapping[str, str]) -> Path:
    """The store's folder: --store, else KEVENTS_STORE, else the user's data folder."""
    named = flag or env.get("KEVENTS_STORE")
    if named:
        return Path(named).expanduser()
    from platformdirs import user_data_path

    return user_data_path("kevents", appauthor=False) / "store"


def partition(cluster: str, day: date | None) -> str:
    """The folder of one cluster and day below `observations`."""
    return f"{cluster_folder(cluster)}/day={day.isoformat() if day else NO_DAY}"


def cluster_folder(cluster: str) -> str:
    """The name of a cluster's folder; the label is percent-encoded, so nothing escapes."""
    label = quote(cluster, safe="")
    if len(label) > _LONGEST:
        raise UsageError(
            f"the cluster label {cluster[:40]!r}… is too long for a folder's name ({len(label)} of {_LONGEST} bytes)",
            hint="choose a shorter one with --cluster",
        )
    return f"{_CLUSTER}{label}"


def cluster_of(folder: str) -> str:
    """The cluster whose folder has that name."""
    return unquote(folder.removeprefix(_CLUSTER))
