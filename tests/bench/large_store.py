"""Generates a store of millions of observations over 20 days, in the layout that compaction produces.

Pods live from minutes to days. They are scheduled, pull an image, start and fail probes. Some crash repeatedly, so an
event is observed many times with a rising count, sometimes on several days. All values are derived from the number of
the pod, so a store of a given size is always the same.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from kevents import duck
from kevents.store.catalog import StoreFile
from kevents.store.rewrite.merge import Merger
from kevents.store.segments import segment
from kevents.store.store import Store

CLUSTER = "prod"
START = datetime(2026, 11, 1, tzinfo=UTC)
DAYS = 20
_LIFETIME = 3  # days on which a pod can have events, at most
PER_POD = 27.5  # observations, on average


def large_store(directory: Path, observations: int) -> Store:
    """The store in the directory, built with about that many observations if it does not exist."""
    store = Store(directory)
    if (directory / "catalog.json").is_file():
        return store
    with store.writing(lambda _: None):
        connection = duck.connect(memory="6GB", spill=str(store.staging / "spill"))
        merger = Merger(store.staging)
        staged: list[StoreFile] = []
        for number in range(DAYS):
            day = _write(connection, store, observations / PER_POD, number)
            staged += merger.merge([day])  # into files by object, as compaction does
            day.path.unlink()
        merger.close()
        connection.close()
        store.publish(staged)
    return store


def _write(connection: duck.Connection, store: Store, pods: float, number: int) -> StoreFile:
    midnight = START + timedelta(days=number)
    generate(connection, pods, number)
    return segment.write(connection, "generated", CLUSTER, midnight.date(), store.staging)


def generate(connection: duck.Connection, pods: float, number: int) -> None:
    """Create the table `generated` with the observations of one day. pods: on all days; number: of the day."""
    variables = {
        "cluster": CLUSTER,
        "start": START,
        "every_us": DAYS * 86_400_000_000 / pods,
        "low": max(int((number - _LIFETIME) * pods / DAYS), 0),
        "high": int((number + 1) * pods / DAYS) + 100,
        "midnight": START + timedelta(days=number),
    }
    for name, value in variables.items():
        connection.execute(f"SET VARIABLE {name} = $1", [value])
    connection.execute(Path(__file__).with_suffix(".sql").read_text("utf-8"))
