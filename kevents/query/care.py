"""What becomes of a question where files of the store are damaged: they are left out and told of, or it fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kevents import duck
from kevents.errors import StoreError
from kevents.query.failure import may_be_damage
from kevents.store import damage

if TYPE_CHECKING:
    from kevents.store.catalog import StoreFile
    from kevents.store.damage import Damage
    from kevents.store.snapshot import Part

FAULTS = (duck.Error, OSError, UnicodeDecodeError)  # Arrow hands DuckDB's errors on as OSError; a name may be no UTF-8

_HINT = "`kevents store verify` lists all damage, `kevents store repair` sets it aside."


@dataclass(frozen=True)
class Care:
    """warn: told of each file that is left out. strict: fail instead, also of damage that reading does not show."""

    warn: Callable[[str], None]
    strict: bool = False

    def check(self, files: Sequence[StoreFile]) -> None:
        """Where it is strict, no file may differ from its checksum by one bit: not all damage makes reading fail."""
        if self.strict and (found := damage.damaged(files)):
            raise _refusal(found)

    def look(self, journal: Sequence[Part]) -> None:
        """Tell of damage in the journal, which was read; its checksums are always looked at."""
        for damage_told in filter(None, (part.damage for part in journal)):
            if self.strict:
                raise StoreError(damage_told, _HINT)
            self.warn(f"{damage_told}: they are left out")

    def without_culprits(self, files: Sequence[StoreFile], error: Exception) -> list[StoreFile] | None:
        """The files without those that are why reading failed with this error; None where none is."""
        if self.strict or not (isinstance(error, StoreError) or may_be_damage(error)):
            return None
        found = damage.culprits(files, str(error))
        for one in found:
            self.warn(f"{damage.sentence(one)} are left out. See kevents store verify.")
        gone = {one.file.path for one in found}
        return [file for file in files if file.path not in gone] if found else None


def broke_off(files: Sequence[StoreFile], error: Exception) -> StoreError | None:
    """What to raise where rows were given away already; None if no file is to blame."""
    found = damage.culprits(files, str(error)) if may_be_damage(error) else []
    if not found:
        return None
    return StoreError(f"the answer breaks off here, for {damage.sentence(found[0])} cannot be read", _HINT)


def _refusal(found: list[Damage]) -> StoreError:
    more = f", and {len(found) - 1:,} more files are damaged" if len(found) > 1 else ""
    return StoreError(f"{damage.sentence(found[0])} cannot be trusted{more}", _HINT)
