"""A store of millions of invented observations over 20 days, in the layout that compaction leaves.

Pods live from minutes to days: they are scheduled, pull an image, start, fail probes, and some crash again and again,
so that one event is seen many times with a rising count, some of them beyond midnight. Everything follows from the
number of the pod, so a store of a size is always the same.
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
_LONGEST = 3  # days that a pod's events go on
OF_POD = 27.5  # observations, on average


def years(directory: Path, observations: int) -> Store:
    """The store of about so many observations in the directory, built if it is not there."""
    store = Store(directory)
    if (directory / "catalog.json").is_file():
        return store
    with store.writing(lambda _: None):
        connection = duck.connect(memory="6GB", spill=str(store.staging / "spill"))
        merger = Merger(store.staging)
        staged: list[StoreFile] = []
        for number in range(DAYS):
            whole = _write(connection, store, observations / OF_POD, number)
            staged += merger.merge([whole])  # into parts by object, as a recorder's upkeep does
            whole.path.unlink()
        merger.close()
        connection.close()
        store.publish(staged)
    return store


def _write(connection: duck.Connection, store: Store, pods: float, number: int) -> StoreFile:
    midnight = START + timedelta(days=number)
    invent(connection, pods, number)
    return segment.write(connection, "invented", CLUSTER, midnight.date(), store.staging)


def invent(connection: duck.Connection, pods: float, number: int) -> None:
    """Make the table `invented` with the observations of the day of that number, of so many pods in all days."""
    variables = {
        "cluster": CLUSTER,
        "start": START,
        "every_us": DAYS * 86_400_000_000 / pods,
        "low": max(int((number - _LONGEST) * pods / DAYS), 0),
        "high": int((number + 1) * pods / DAYS) + 100,
        "midnight": START + timedelta(days=number),
    }
    for name, value in variables.items():
        connection.execute(f"SET VARIABLE {name} = $1", [value])
    connection.execute(Path(__file__).with_suffix(".sql").read_text("utf-8"))
