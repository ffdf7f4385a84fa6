"""What becomes of a question where files of the store are damaged: they are left out and told of, or it fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING

from kevents import duck
from kevents.errors import StoreError
from kevents.query.errors import may_be_damage
from kevents.store.catalog import CatalogDamagedError
from kevents.store.integrity.rebuild_catalog import rebuild
from kevents.store.segments import damage
from kevents.store.snapshot import Snapshot

if TYPE_CHECKING:
    from kevents.store.catalog import StoreFile
    from kevents.store.journal.part import Part
    from kevents.store.segments.damage import Damage
    from kevents.store.store import Store

FAULTS = (duck.Error, OSError, UnicodeDecodeError)  # Arrow hands DuckDB's errors on as OSError; a name may be no UTF-8

_HINT = "`kevents store verify` lists all damage, `kevents store repair` sets it aside."


READILY = 32 << 20  # bytes, which are hashed in 20 ms


class DamagePolicy:
    """What a question does about damaged files, and which it has met."""

    def __init__(self, warn: Callable[[str], None], *, strict: bool = False, readily: float = READILY) -> None:
        """warn: told of each file that is left out, once. strict: fail instead, however much there is to look at.

        readily: how many bytes are looked at before a question is answered.
        """
        self.warn = warn
        self._strict = strict
        self._readily = readily
        self._looked: set[Path] = set()
        self._gone: set[Path] = set()

    def reading(self, readily: float) -> DamagePolicy:
        """The same, with another bound on what is looked at before a question is answered."""
        other = copy(self)  # files that are gone are told of once, whoever meets them
        other._readily = readily
        return other

    def snapshot(self, store: Store) -> Snapshot:
        """The store now; where its catalog is damaged, what the catalog's copy and the files themselves tell."""
        try:
            return store.snapshot()
        except CatalogDamagedError as error:
            if self._strict:
                raise
            self.warn(f"{error}: the answer is what can be told without it. See kevents store repair.")
        found = rebuild(store.directory)
        for path, why in found.unreadable:
            self.warn(f"{'/'.join(path.parts[-4:])} {why}: it is left out. See kevents store verify.")
        return Snapshot.take(store.directory, found.catalog)

    def whole(self, files: Sequence[StoreFile], concerns: Callable[[str], bool]) -> list[StoreFile]:
        """The files without damaged ones of the clusters that it concerns.

        Not all damage makes reading fail, so checksums are looked at: all of them where it is strict, else where that
        takes no time. In a large store, only what cannot be read is left out, once a question comes upon it.
        """
        asked = [file for file in files if concerns(file.cluster)]
        if self._strict or sum(file.bytes for file in asked) <= self._readily:
            found = damage.damaged([file for file in asked if file.path not in self._looked])
            if found and self._strict:
                raise _refusal(found)
            self._looked.update(file.path for file in asked)
            self._leave_out(found)
        return [file for file in files if file.path not in self._gone]

    def look(self, journal: Sequence[Part]) -> None:
        """Tell of damage in the journal, which was read; its checksums are always looked at."""
        for part in journal:
            if not part.damage or part.path in self._gone:
                continue
            if self._strict:
                raise StoreError(part.damage, _HINT)
            self._gone.add(part.path)
            self.warn(f"{part.damage}. See kevents store verify.")

    def without_culprits(self, files: Sequence[StoreFile], error: Exception) -> list[StoreFile] | None:
        """The files without those that are why reading failed with this error; None where none is."""
        if self._strict or not (isinstance(error, StoreError) or may_be_damage(error)):
            return None
        found = damage.damage_causing(files, str(error))
        self._leave_out(found)
        return [file for file in files if file.path not in self._gone] if found else None

    def _leave_out(self, found: Sequence[Damage]) -> None:
        for one in found:
            if one.file.path not in self._gone:
                self.warn(f"{damage.describe(one)} are left out. See kevents store verify.")
            self._gone.add(one.file.path)


def broke_off(files: Sequence[StoreFile], error: Exception) -> StoreError | None:
    """What to raise where rows were given away already; None if no file is to blame."""
    found = damage.damage_causing(files, str(error)) if may_be_damage(error) else []
    if not found:
        return None
    return StoreError(f"the answer breaks off here, for {damage.describe(found[0])} cannot be read", _HINT)


def _refusal(found: list[Damage]) -> StoreError:
    more = f", and {len(found) - 1:,} more files are damaged" if len(found) > 1 else ""
    return StoreError(f"{damage.describe(found[0])} cannot be trusted{more}", _HINT)
