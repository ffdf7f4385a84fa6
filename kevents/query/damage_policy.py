"""What to do about damaged files: exclude them with a warning, or, with --strict, let the query fail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING

from kevents import duck
from kevents.errors import StoreError
from kevents.query.errors import may_be_damage
from kevents.store import disk
from kevents.store.catalog import CatalogDamagedError
from kevents.store.integrity.rebuild_catalog import rebuild
from kevents.store.segments import damage
from kevents.store.snapshot import Snapshot

if TYPE_CHECKING:
    from kevents.store.catalog import StoreFile
    from kevents.store.journal.part import Part
    from kevents.store.segments.damage import Damage
    from kevents.store.store import Store

# Arrow raises DuckDB's errors as OSError; a damaged name may not be valid UTF-8
READ_ERRORS = (duck.Error, OSError, UnicodeDecodeError)

CHECKED_BYTES = 32 << 20  # hashed in 20 ms

_HINT = "`kevents store verify` lists all damage, `kevents store repair` quarantines damaged files."


class DamagePolicy:
    """How a query treats damaged files, and the files that are excluded so far."""

    def __init__(
        self, warn: Callable[[str], None], *, strict: bool = False, checked_bytes: float = CHECKED_BYTES
    ) -> None:
        """warn: called once for each file that is excluded. strict: check all files, and fail if one is damaged.

        checked_bytes: files of up to this total size are checked before a query runs.
        """
        self.warn = warn
        self._strict = strict
        self._checked_bytes = checked_bytes
        self._checked: set[Path] = set()
        self._excluded: set[Path] = set()

    def checking(self, checked_bytes: float) -> DamagePolicy:
        """The same policy with another limit on what is checked before a query runs."""
        other = copy(self)  # shares the set of excluded files, so that each is reported once
        other._checked_bytes = checked_bytes
        return other

    def snapshot(self, store: Store) -> Snapshot:
        """A snapshot of the store; if its catalog is damaged, from the catalog's copy and the files themselves."""
        try:
            return store.snapshot()
        except CatalogDamagedError as error:
            if self._strict:
                raise
            self.warn(f"{error}: results are based on the copy of the catalog and the files. Run kevents store repair.")
        rebuilt = rebuild(store.directory)
        for path, problem in rebuilt.unreadable:
            self.warn(f"{'/'.join(path.parts[-4:])} {problem}: results exclude it. Run kevents store verify.")
        return Snapshot.take(store.directory, rebuilt.catalog)

    def intact(self, files: Sequence[StoreFile], has_cluster: Callable[[str], bool]) -> list[StoreFile]:
        """The files without the damaged ones. has_cluster: whether the query reads the files of a cluster.

        Not all damage makes reading fail, so checksums are compared: always in strict mode, otherwise only if that is
        quick. In a large store, only unreadable files are excluded, when the query meets them.
        """
        needed = [file for file in files if has_cluster(file.cluster)]
        if self._strict or sum(file.bytes for file in needed) <= self._checked_bytes:
            damaged = damage.damaged([file for file in needed if file.path not in self._checked])
            if damaged and self._strict:
                raise _refusal(damaged)
            self._checked.update(file.path for file in needed)
            self._exclude(damaged)
        else:  # reading a named pipe would block
            irregular = [file for file in needed if disk.kind_of(file.path)]
            self._exclude([found for file in irregular if (found := damage.damage(file))])
        return [file for file in files if file.path not in self._excluded]

    def check_journal(self, journal: Sequence[Part]) -> None:
        """Report damage in the journal, as far as it was read; its checksums are always checked."""
        for part in journal:
            if not part.damage or part.path in self._excluded:
                continue
            if self._strict:
                raise StoreError(part.damage, _HINT)
            self._excluded.add(part.path)
            self.warn(f"{part.damage}. Run kevents store verify.")

    def without_damaged(self, files: Sequence[StoreFile], error: Exception) -> list[StoreFile] | None:
        """The files without those that caused this error; None if none of them did, or in strict mode."""
        if self._strict or not (isinstance(error, StoreError) or may_be_damage(error)):
            return None
        damaged = damage.damage_causing(files, str(error))
        self._exclude(damaged)
        return [file for file in files if file.path not in self._excluded] if damaged else None

    def _exclude(self, damaged: Sequence[Damage]) -> None:
        for finding in damaged:
            if finding.file.path not in self._excluded:
                self.warn(f"{damage.describe(finding)} are excluded from the results. Run kevents store verify.")
            self._excluded.add(finding.file.path)


def incomplete_output(files: Sequence[StoreFile], error: Exception) -> StoreError | None:
    """The error to raise if rows were already returned; None if no file caused it."""
    damaged = damage.damage_causing(files, str(error)) if may_be_damage(error) else []
    if not damaged:
        return None
    return StoreError(f"output is incomplete: {damage.describe(damaged[0])} cannot be read", _HINT)


def _refusal(damaged: list[Damage]) -> StoreError:
    more = f", and {len(damaged) - 1:,} more files are damaged" if len(damaged) > 1 else ""
    return StoreError(f"{damage.describe(damaged[0])} cannot be trusted{more}", _HINT)
