"""A journal on disk: numbered files in a cluster's folder, of documents and control lines, one a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from kevents.store.locate import cluster_folder

_NAME = re.compile(r"(\d{8,})[.]ndjson")
_NOTE = re.compile(rb"^#.*\n", re.MULTILINE)


def journal_folder(store_folder: Path, cluster: str) -> Path:
    """Where the journal of a cluster lies."""
    return store_folder / "journal" / cluster_folder(cluster)


def journal_folders(store_folder: Path) -> list[Path]:
    """The folders of all journals of a store."""
    return sorted(path for path in (store_folder / "journal").glob("cluster=*") if path.is_dir())


def file_of(folder: Path, number: int) -> Path:
    """The journal file of that number."""
    return folder / f"{number:08}.ndjson"


def numbered(folder: Path) -> dict[int, Path]:
    """The journal files of a folder by their numbers, which is the order in which they were written."""
    try:
        found = {int(name[1]): path for path in folder.iterdir() if (name := _NAME.fullmatch(path.name))}
    except FileNotFoundError:
        return {}
    return dict(sorted(found.items()))


def sound(data: bytes) -> int:
    """How much of the data is whole lines: less than all of it where a writer was killed or is at work.

    Nothing from a zero byte on: after a power cut, a file may be as long as it was meant to be and hold zeros there.
    """
    zero = data.find(b"\0")
    return data.rfind(b"\n", 0, zero if zero >= 0 else len(data)) + 1


def note_lines(data: bytes) -> list[bytes]:
    """The control lines of whole lines, without their ends."""
    return [line[:-1] for line in _NOTE.findall(data)]


def blocks(data: bytes, size: int) -> Iterator[bytes]:
    """The documents of whole lines, in blocks of about that many bytes that end with a line."""
    documents = _NOTE.sub(b"", data)
    start = 0
    while start < len(documents):
        end = documents.find(b"\n", min(start + size, len(documents) - 1)) + 1
        yield documents[start:end]
        start = end
