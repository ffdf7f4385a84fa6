"""The store: is it there, whole, private, on a good disk; who writes to it, and is it being fed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from kevents import clock
from kevents.doctor.check import CheckResult, Mark, ok, warn
from kevents.errors import ExitStatus, StoreError
from kevents.render.units import size
from kevents.store import lock
from kevents.store.catalog import FORMAT, StoreFile
from kevents.store.filesystem import file_system, is_remote
from kevents.store.journal.recorder_state import RecorderState, recorders
from kevents.store.paths import lock_of
from kevents.store.segments.damage import damage
from kevents.store.store import Store

_GB = 1 << 30
_MOST_NAMED = 3  # broken files
_SILENT = timedelta(minutes=3)  # a watch is renewed at least every 90 s, so a server that is heard is heard by then


def contents(directory: Path) -> Iterator[CheckResult]:
    """What the store is, and whether its files are those that the catalog lists, by their sizes."""
    try:
        store = Store.open(directory)
    except StoreError as error:
        yield warn("store", str(error), f"kevents record -A, or: {error.hint}" if error.hint else "kevents record -A")
        return
    catalog = store.catalog()
    rows, amount = sum(file.rows for file in catalog.files), sum(file.bytes for file in catalog.files)
    clusters = ", ".join(sorted({file.cluster for file in catalog.files})) or "no cluster yet"
    yield ok("store", f"{directory}: {rows:,} observations of {clusters}, {size(amount)}, format {FORMAT}")
    yield _files(catalog.files)
    mode = directory.stat().st_mode & 0o077
    if os.name == "posix" and mode:
        yield warn(
            "privacy", f"other users can read {directory}", f"messages may hold secrets: chmod -R go= {directory}"
        )


def _files(files: Sequence[StoreFile]) -> CheckResult:
    broken = [found for file in files if (found := damage(file, by_checksum=False))]
    if not broken:
        return ok("files", f"all {len(files):,} are there with their sizes; kevents store verify reads them as well")
    named = "; ".join(f"{one.file.path.name} {one.finding}" for one in broken[:_MOST_NAMED])
    rest = f"; and {len(broken) - _MOST_NAMED:,} more" if len(broken) > _MOST_NAMED else ""
    finding = f"{len(broken):,} of {len(files):,} are damaged: {named}{rest}"
    return CheckResult(
        "files", Mark.FAIL, finding, "kevents store verify tells what is lost, then: repair", ExitStatus.STORE
    )


def disk(directory: Path) -> Iterator[CheckResult]:
    """The file system that the store is on, or would be."""
    there = next(one for one in (directory, *directory.absolute().parents) if one.exists())
    usage = shutil.disk_usage(there)
    kind = file_system(there)
    finding = f"{size(usage.free)} free of {size(usage.total)}" + (f" on {kind}" if kind else "")
    if not os.access(there, os.W_OK):
        advice = "Name another store with --store or KEVENTS_STORE, or have the directory given to you."
        yield CheckResult("disk", Mark.FAIL, f"{there} cannot be written to", advice, ExitStatus.STORE)
    elif usage.free < _GB:
        yield warn("disk", finding, "Make room: a recorder waits while its disk is full, and misses what expires.")
    elif kind and is_remote(kind):
        yield warn("disk", finding, "Locks on network file systems are not to be trusted: keep the store on a disk.")
    else:
        yield ok("disk", finding)


def writer(directory: Path) -> Iterator[CheckResult]:
    """Who holds the store for writing at this moment."""
    path = lock_of(directory)
    if not directory.is_dir():
        return
    if lock.is_held(path):
        yield ok("lock", f"process {lock.Lock(path).holder} is writing to the store now; others wait for it")
    else:
        yield ok("lock", "free: nobody is writing to the store now")


def recorder_checks(directory: Path, now: datetime) -> Iterator[CheckResult]:
    """Every recorder that ever fed the store."""
    found = recorders(directory)
    if directory.is_dir() and not found:
        yield ok("recorder", "none ever fed this store; kevents record -A would")
    for cluster, state, is_running in found:
        yield _recorder(cluster, state, now, is_running=is_running)


def _recorder(cluster: str, state: RecorderState | None, now: datetime, *, is_running: bool) -> CheckResult:
    check = f"recorder {cluster}"
    again = f"Start it again, it goes on where it stopped: kevents record -A --cluster {cluster}"
    if state is None:
        return ok(check, "starting") if is_running else warn(check, "ended before it began", again)
    ago = clock.age(now - state.updated)
    if not is_running:
        if state.state == "stopped":
            return ok(check, f"stopped {ago} ago after {state.events:,} events")
        return warn(check, f"died {ago} ago without a goodbye: killed, or the machine stopped", again)
    heard = state.last_contact
    lag = f", lag {clock.duration(state.lag)}" if state.lag is not None else ""
    since = f"heard the server {clock.age(now - heard)} ago" if heard else "nothing heard yet"
    finding = f"{state.state} as process {state.pid}: {state.events:,} events, {since}{lag}"
    if state.state in {"waiting", "full"} or (heard and now - heard > _SILENT):
        said = f"It says: {state.last_error}" if state.last_error else "See its log."
        return warn(check, finding, said)
    return ok(check, finding)
