"""Finds damaged files of the store by their sizes and checksums.

A Parquet reader does not find them: of 250 files with one flipped bit each, DuckDB read 209 without an error, and
returned wrong data.
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

_SYSTEM_ERRORS = {errno.EACCES, errno.EPERM, errno.EMFILE, errno.ENFILE, errno.ENOMEM}  # the file may be intact

OnFile = Callable[[StoreFile], None]


class Damage(NamedTuple):
    """A damaged file. is_lost: False if it could only not be read, such as without permission."""

    file: StoreFile
    finding: str
    is_lost: bool = True


def damage(file: StoreFile, *, by_checksum: bool = True) -> Damage | None:
    """The damage of a file; None if none was found. by_checksum: False compares only the size."""
    try:
        size = disk.size(file.path)
        if size != file.bytes:
            return Damage(file, "is empty" if not size else f"has {size:,} of {file.bytes:,} bytes")
        if by_checksum and disk.sha256(file.path) != file.sha256:
            return Damage(file, "does not match its checksum")
    except FileNotFoundError:
        return Damage(file, "is missing")
    except disk.NotRegularError as error:
        return Damage(file, f"is {error.kind}, not a regular file")
    except OSError as error:
        return Damage(file, f"cannot be read: {error.strerror}", is_lost=error.errno not in _SYSTEM_ERRORS)
    return None


def damaged(files: Sequence[StoreFile], on_file: OnFile | None = None) -> list[Damage]:
    """The damaged files among these, by their checksums. on_file: called with each file, in order."""
    damages = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # hashing releases the interpreter lock
        for file, result in zip(files, pool.map(damage, files), strict=True):
            damages += [result] if result else []
            if on_file:
                on_file(file)
    return damages


def damage_causing(files: Sequence[StoreFile], message: str) -> list[Damage]:
    """The damaged files that made DuckDB fail with this message. Most messages do not name a file."""
    named = [file for file in files if file.path.name in message]
    return _damages(named) or _damages(files, by_checksum=False) or damaged(files)


def describe(damage: Damage) -> str:
    """The start of a sentence: `FILE is missing: 12 observations of prod, last seen 10:00 to 11:00,`."""
    file = damage.file
    name = "/".join(file.path.parts[-4:])
    span = f", last seen {_time(file.min_last_seen)} to {_time(file.max_last_seen)}" if file.day else ""
    return f"{name} {damage.finding}: {file.rows:,} observations of {file.cluster}{span},"


def _time(time: datetime | None) -> str:
    return f"{time:%Y-%m-%d %H:%M:%SZ}" if time else "?"


def _damages(files: Iterable[StoreFile], *, by_checksum: bool = True) -> list[Damage]:
    results = (damage(file, by_checksum=by_checksum) for file in files)
    return [result for result in results if result]
