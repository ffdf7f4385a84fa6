"""Verification: everything that the store holds, held against checksums, against the catalog and against its rules."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from kevents import duck
from kevents.errors import StoreError
from kevents.store import catalog, contents, lock
from kevents.store.catalog import CatalogDamagedError, StoreFile
from kevents.store.damage import damaged
from kevents.store.frames import broken, unproven
from kevents.store.journal_files import sound
from kevents.store.locate import catalog_before, catalog_of, is_segment, lock_of, observations, segment_paths
from kevents.store.snapshot import Snapshot
from kevents.store.store import Store

Watch = Callable[[int, int], None]  # bytes looked at, and to be looked at, in all


class Remedy(StrEnum):
    """What a repair does about a finding."""

    CATALOG = "catalog"  # makes it anew
    QUARANTINE = "quarantine"  # sets the file aside: its observations are lost
    ENTRY = "entry"  # corrects what the catalog says of the file, which is whole
    SEAL = "seal"  # seals the journal without its damaged lines
    OUTSIDE = "outside"  # nothing: the system does not let the file be read
    NONE = "none"  # nothing: no answer is wrong for it


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be. place: a path in the store. file: the catalog's entry, if it has one."""

    place: str
    what: str
    remedy: Remedy
    cluster: str | None = None
    file: StoreFile | None = None
    rows: int | None = None

    @property
    def is_damage(self) -> bool:
        """Whether answers are wrong or incomplete for it."""
        return self.remedy is not Remedy.NONE


@dataclass(frozen=True)
class Verified:
    """files: all that the catalog lists."""

    findings: list[Finding]
    files: tuple[StoreFile, ...] = ()

    @property
    def damage(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.is_damage]


def verify(store: Store, watch: Watch = lambda *_: None) -> Verified:
    """Look at every byte of the store. Others may read, import, record and compact meanwhile."""
    try:
        snapshot = store.snapshot()  # as long as it is held, no file that it names is removed
    except CatalogDamagedError as error:
        told = str(error).removeprefix(f"{catalog_of(store.folder)} ")
        return Verified([Finding(catalog_of(store.folder).name, told, Remedy.CATALOG)])
    files = tuple(snapshot.files)
    check = _Check(store, files, watch)
    return Verified([*check.files(), *_journal(store, snapshot), *_copy(store), *_strays(store, snapshot)], files)


class _Check:
    def __init__(self, store: Store, files: tuple[StoreFile, ...], watch: Watch) -> None:
        self._store = store
        self._files = files
        self._watch = watch
        self._done = 0
        self._all = 2 * sum(file.bytes for file in files)  # summed first, then read

    def files(self) -> Iterator[Finding]:
        """What is wrong with the files that the catalog lists."""
        gone = set()
        for one in damaged(self._files, self._seen):
            gone.add(one.file)
            remedy = Remedy.QUARANTINE if one.is_lost else Remedy.OUTSIDE
            yield self._finding(one.file, one.finding, remedy)
        connection = duck.connect(memory="1GB")
        connection.execute("SET threads = 2")
        try:
            for file in self._files:
                if file not in gone and (found := self._content(connection, file)):
                    yield self._finding(file, *found)
                self._seen(file)
        finally:
            connection.close()

    def _content(self, connection: duck.Connection, file: StoreFile) -> tuple[str, Remedy] | None:
        try:
            if why := contents.misfit(connection, file):
                return why, Remedy.QUARANTINE
            if contents.measured(connection, file) != file:
                return "has other rows or times than the catalog says", Remedy.ENTRY
            if not contents.is_sorted(connection, file):
                return "is not in its order, which is slower to read", Remedy.NONE
        except (duck.Error, UnicodeDecodeError) as error:
            return f"cannot be read as Parquet: {str(error).splitlines()[0]}", Remedy.QUARANTINE
        return None

    def _seen(self, file: StoreFile) -> None:
        self._done += file.bytes
        self._watch(self._done, self._all)

    def _finding(self, file: StoreFile, what: str, remedy: Remedy) -> Finding:
        return Finding(_place(self._store, file.path), what, remedy, file.cluster, file, file.rows)


def _journal(store: Store, snapshot: Snapshot) -> Iterator[Finding]:
    """Lines that are not what a recorder wrote. A torn end is no damage: a recorder was killed, or is at work."""
    for part in snapshot.journal_files:
        data = part.raw()
        data = data[: sound(data)]
        lines = sum(data.count(b"\n", frame.start, frame.end) for frame in broken(data))
        odd = sum(not _is_readable(line) for line in unproven(data).split(b"\n")[:-1])
        if lines or odd:
            what = f"{lines:,} lines are not what was written" if lines else f"{odd:,} lines at its end cannot be read"
            yield Finding(_place(store, part.path), what, Remedy.SEAL, part.cluster, rows=lines or odd)


def _is_readable(line: bytes) -> bool:
    """Whether a line that no checksum speaks for is a document or a control line."""
    try:
        json.loads((line.partition(b" ")[2] if line.startswith(b"#") else line).decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return False
    return not line.startswith(b"#") or line.partition(b" ")[0] in _WORDS


_WORDS = {b"#checkpoint", b"#covered", b"#gap", b"#counted", b"#sum"}


def _copy(store: Store) -> Iterator[Finding]:
    """The catalog before the last change, which only a repair would ask for."""
    copy = catalog_before(store.folder)
    try:
        catalog.parsed(store.folder, copy.read_bytes())
    except (StoreError, OSError) as error:
        if not isinstance(error, FileNotFoundError):
            yield Finding(copy.name, "is damaged; the next change of the store replaces it", Remedy.NONE)


def _strays(store: Store, snapshot: Snapshot) -> Iterator[Finding]:
    """Files that nothing lists, unless a writer is at work, who moves files before they are listed."""
    if lock.is_held(lock_of(store.folder)):
        return
    now = store.catalog()
    listed = {file.path for file in (*snapshot.files, *now.files)} | {one.path for one in now.retired}
    segments = {path for path in segment_paths(store.folder) if is_segment(path)}
    for path in sorted(observations(store.folder).rglob("*")):
        if path.is_dir() or path in listed:
            continue
        left = "is in no catalog: a writer was killed, and the next one removes it"
        yield Finding(
            _place(store, path), left if path in segments else "is no file of kevents, and is not read", Remedy.NONE
        )


def _place(store: Store, path: Path) -> str:
    return path.relative_to(store.folder).as_posix()
