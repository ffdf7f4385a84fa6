"""Checks of the store: its files, privacy and disk, the process that writes to it, and its recorders."""

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
from kevents.store.journal.recorder_state import STALE, RecorderState, recorders
from kevents.store.paths import lock_of
from kevents.store.segments.damage import damage
from kevents.store.store import NoStoreError, Store

_STATUS = ExitStatus.STORE
_MIN_FREE = 1 << 30  # bytes
_MAX_NAMED = 3  # damaged files
_SILENT = timedelta(minutes=3)  # a watch is renewed at least every 90 s, so a longer silence is a problem
_TROUBLE = {"waiting", "full"}  # states in which nothing is recorded
_RECORD = "kevents record -A"
_IMPORT = "kubectl get events -A -o json | kevents import -"


def contents(directory: Path) -> Iterator[CheckResult]:
    """The store's contents, whether the files of its catalog exist with the right sizes, and who can read them."""
    try:
        store = Store.open(directory)
    except NoStoreError as error:
        yield warn("store", str(error), f"Run {_RECORD}, or import a dump: {_IMPORT}")
        return
    except StoreError as error:
        yield warn("store", str(error), error.hint or "Use another store with --store or KEVENTS_STORE.")
        return
    catalog = store.catalog()
    rows, amount = sum(file.rows for file in catalog.files), sum(file.bytes for file in catalog.files)
    clusters = ", ".join(sorted({file.cluster for file in catalog.files})) or "no cluster yet"
    yield ok("store", f"{directory}: {rows:,} observations of {clusters}, {size(amount)}, format {FORMAT}")
    yield _files(catalog.files)
    mode = directory.stat().st_mode & 0o077
    if os.name == "posix" and mode:
        yield warn(
            "privacy",
            f"other users can read {directory}",
            f"Event messages can contain secrets; run chmod -R go= {directory}",
        )


def _files(files: Sequence[StoreFile]) -> CheckResult:
    damages = [problem for file in files if (problem := damage(file, by_checksum=False))]
    if not damages:
        present = "1 file present, size OK" if len(files) == 1 else f"{len(files):,} files present, sizes OK"
        return ok("files", f"{present} (run `kevents store verify` to check the content)")
    named = "; ".join(f"{problem.file.path.name} {problem.finding}" for problem in damages[:_MAX_NAMED])
    rest = f"; and {len(damages) - _MAX_NAMED:,} more" if len(damages) > _MAX_NAMED else ""
    finding = f"{len(damages):,} of {len(files):,} files are damaged: {named}{rest}"
    advice = "Run `kevents store verify` to see what is lost, then `kevents store repair`."
    return CheckResult("files", Mark.FAIL, finding, advice, _STATUS)


def disk(directory: Path) -> Iterator[CheckResult]:
    """The file system of the store's directory, or of its closest existing parent."""
    existing = next(path for path in (directory, *directory.absolute().parents) if path.exists())
    usage = shutil.disk_usage(existing)
    kind = file_system(existing)
    finding = f"{size(usage.free)} free of {size(usage.total)}" + (f" on {kind}" if kind else "")
    if not os.access(existing, os.W_OK):
        advice = "Use another store with --store or KEVENTS_STORE, or get write permission for this directory."
        yield CheckResult("disk", Mark.FAIL, f"{existing} is not writable", advice, _STATUS)
    elif usage.free < _MIN_FREE:
        yield warn("disk", finding, "Free some space: while the disk is full, recorders pause and can miss events.")
    elif kind and is_remote(kind):
        yield warn("disk", finding, "File locks are unreliable on network file systems; use a local disk.")
    else:
        yield ok("disk", finding)


def writer(directory: Path) -> Iterator[CheckResult]:
    """The process that holds the store's write lock."""
    path = lock_of(directory)
    if not directory.is_dir():
        return
    if lock.is_held(path):
        yield ok("lock", f"process {lock.Lock(path).holder} is writing to the store; other writers wait for it")
    else:
        yield ok("lock", "free: no process is writing to the store")


def recorder_checks(directory: Path, now: datetime) -> Iterator[CheckResult]:
    """The state of every recorder that ever used the store."""
    states = recorders(directory)
    if directory.is_dir() and not states:
        yield ok("recorder", f"no recorder has used this store; start one with {_RECORD}")
    for cluster, state, is_running in states:
        yield _recorder(cluster, state, now, is_running=is_running)


def _recorder(cluster: str, state: RecorderState | None, now: datetime, *, is_running: bool) -> CheckResult:
    check = f"recorder {cluster}"
    restart = f"Restart it; it resumes where it stopped: {_RECORD} --cluster {cluster}"
    if state is None:
        return ok(check, "starting") if is_running else warn(check, "stopped before recording anything", restart)
    ago = clock.age(now - state.updated)
    if not is_running:
        return _stopped(check, state, ago, restart)
    if now - state.updated > STALE:
        finding = f"process {state.pid} has not reported its state for {ago}; before that: {state.state}"
        return warn(check, finding, f"Is its disk full, or is it stopped? Last error: {state.last_error or 'none'}")
    silence = now - state.last_contact if state.last_contact else None
    contact = f"last contact {clock.age(silence)} ago" if silence is not None else "no contact yet"
    lag = f", lag {clock.duration(state.lag)}" if state.lag is not None else ""
    finding = f"{state.state} (process {state.pid}): {state.events:,} events, {contact}{lag}"
    if sealing_error := state.more.get("sealing_error"):
        sentence = f"{finding}; the journal ({size(state.spool_bytes)}) cannot be turned into segments: {sealing_error}"
        return warn(check, sentence, "Its events are kept and can be queried. It tries again every 10s.")
    has_problem = state.state in _TROUBLE or (silence is None and state.last_error)
    if has_problem or (silence is not None and silence > _SILENT):
        return warn(check, finding, f"Last error: {state.last_error}" if state.last_error else "See its log.")
    return ok(check, finding)


def _stopped(check: str, state: RecorderState, ago: str, restart: str) -> CheckResult:
    """The finding for a recorder that does not run."""
    if state.state != "stopped":
        return warn(check, f"died {ago} ago without cleanup (killed, or host went down)", restart)
    if state.last_contact is None or state.more.get("state_before_end") in _TROUBLE:
        what = "before it could list anything" if state.last_contact is None else "while its requests or writes failed"
        finding = f"stopped {ago} ago {what}"
        return warn(check, f"{finding}: {state.last_error}" if state.last_error else finding, restart)
    return ok(check, f"stopped {ago} ago after {state.events:,} events")
