"""Whether the store's files hold what was written: by their sizes and checksums, whatever a Parquet reader may say.

A reader is no judge. Of 250 files with one flipped bit each, DuckDB read 209 without an error, and wrongly.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import NamedTuple

from kevents.store import disk
from kevents.store.catalog import StoreFile

_NOT_OURS = {errno.EACCES, errno.EPERM, errno.EMFILE, errno.ENFILE, errno.ENOMEM}  # it may be whole all the same

Watch = Callable[[StoreFile], None]


class Damage(NamedTuple):
    """A file that is not what the catalog says, and what is wrong with it. is_lost: no other attempt will read it."""

    file: StoreFile
    finding: str
    is_lost: bool = True


def damage(file: StoreFile, *, by_checksum: bool = True) -> Damage | None:
    """What is wrong with a file; None if it is whole, or looks so where its checksum is not asked for."""
    try:
        size = disk.size(file.path)
        if size != file.bytes:
            return Damage(file, "is empty" if not size else f"has {size:,} of {file.bytes:,} bytes")
        if by_checksum and disk.sha256(file.path) != file.sha256:
            return Damage(file, "is not what was written: its checksum differs")
    except FileNotFoundError:
        return Damage(file, "is missing")
    except OSError as error:
        return Damage(file, f"cannot be read: {error.strerror}", is_lost=error.errno not in _NOT_OURS)
    return None


def damaged(files: Sequence[StoreFile], seen: Watch | None = None) -> list[Damage]:
    """Those of the files that are not whole, by their checksums. seen: told of each file, in order."""
    found = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # hashing lets the other threads run
        for file, one in zip(files, pool.map(damage, files), strict=True):
            found += [one] if one else []
            if seen:
                seen(file)
    return found


def culprits(files: Sequence[StoreFile], told: str) -> list[Damage]:
    """Which of the files made a reader say that. Most of what readers say names no file."""
    named = [file for file in files if file.path.name in told]
    return (
        _found(damage(file) for file in named)
        or _found(damage(file, by_checksum=False) for file in files)
        or damaged(files)
    )


def sentence(one: Damage) -> str:
    """The damage, and what it costs: `FILE is missing: 12 observations of prod, 10:00 to 11:00` without an end."""
    file = one.file
    place = "/".join(file.path.parts[-4:])
    span = f", last seen {_moment(file.min_last_seen)} to {_moment(file.max_last_seen)}" if file.day else ""
    return f"{place} {one.finding}: {file.rows:,} observations of {file.cluster}{span},"


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%SZ}" if moment else "?"


def _found(damages: Iterable[Damage | None]) -> list[Damage]:
    return [one for one in damages if one]
