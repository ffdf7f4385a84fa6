"""The files below a folder, in an order that does not change."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

Found = tuple[str, str | OSError | None]  # a path, and why it is not to be read or cannot be


def walk(folder: str, seen: set[tuple[int, int]] | None = None) -> Iterator[Found]:
    """The files below the folder in the order of their names.

    Links are followed, for the logs of containers are links; but nothing is entered or read a second time, so that a
    loop of links ends. What begins with a dot is an editor's or a system's, and is left out.
    """
    seen = set() if seen is None else seen
    try:
        seen.add(_identity(os.stat(folder)))  # noqa: PTH116
        names = sorted(os.listdir(folder))  # noqa: PTH208 - names that are not UTF-8 stay as they are
    except OSError as error:
        yield folder, error
        return
    for name in names:
        path = os.path.join(folder, name)  # noqa: PTH118
        if name.startswith("."):
            yield path, "hidden files"
            continue
        try:
            status = os.stat(path)  # noqa: PTH116
        except OSError as error:
            yield path, "broken links" if os.path.islink(path) else error  # noqa: PTH114
            continue
        if _identity(status) in seen:
            yield path, "files seen before"
        elif stat.S_ISDIR(status.st_mode):
            yield from walk(path, seen)
        else:
            seen.add(_identity(status))
            yield path, None if stat.S_ISREG(status.st_mode) else "special files"


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino
