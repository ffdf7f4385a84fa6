"""Damage at random places of archives: other members are read, and nothing but SourceError is raised."""

import bz2
import gzip
import io
import lzma
import random
import tarfile
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest

from kevents.errors import SourceError
from kevents.source.input.paths import file_inputs

_LINES = "".join(f'{{"kind":"Event","message":"number {number}"}}\n' for number in range(300)).encode()
_ROUNDS = 60


def _zip(method: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name in ("a.json", "b.json", "c.json"):
            archive.writestr(name, _LINES)
    return buffer.getvalue()


def _tar() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name in ("a.json", "b.json", "c.json"):
            member = tarfile.TarInfo(name)
            member.size = len(_LINES)
            archive.addfile(member, io.BytesIO(_LINES))
    return buffer.getvalue()


_FILES = {
    "stored.zip": _zip(zipfile.ZIP_STORED),
    "deflated.zip": _zip(zipfile.ZIP_DEFLATED),
    "bzip2.zip": _zip(zipfile.ZIP_BZIP2),
    "lzma.zip": _zip(zipfile.ZIP_LZMA),
    "plain.tar": _tar(),
    "a.tar.gz": gzip.compress(_tar()),
    "a.tar.xz": lzma.compress(_tar()),
    "a.tar.bz2": bz2.compress(_tar()),
    "a.tar.zst": pa.compress(_tar(), "zstd", asbytes=True),
    "a.gz": gzip.compress(_LINES),
    "a.xz": lzma.compress(_LINES),
    "a.bz2": bz2.compress(_LINES),
    "a.zst": pa.compress(_LINES, "zstd", asbytes=True),
    "lzma.zip.gz": gzip.compress(_zip(zipfile.ZIP_LZMA)),
}


def _read(path: Path) -> tuple[list[bytes], list[str]]:
    """The complete contents, and the reasons why others could not be read."""
    contents, reasons = [], []
    for source in file_inputs([str(path)], io.BytesIO()):
        try:
            with source.open() as stream:
                contents.append(stream.readall())  # type: ignore[attr-defined]
        except SourceError as error:
            reasons.append(str(error))
    return contents, reasons


@pytest.mark.parametrize("name", _FILES)
def test_damage_at_random_places_is_a_source_error(tmp_path: Path, name: str) -> None:
    random_ = random.Random(name)
    for _ in range(_ROUNDS):
        data = bytearray(_FILES[name])
        for _ in range(random_.choice([1, 1, 3, 20])):
            data[random_.randrange(len(data))] = random_.randrange(256)
        path = tmp_path / name
        path.write_bytes(data[: random_.choice([len(data), len(data), random_.randrange(1, len(data))])])
        _read(path)  # may find damage or not, but raises nothing


@pytest.mark.parametrize("name", ["deflated.zip", "bzip2.zip", "lzma.zip"])
def test_members_around_a_damaged_one_are_read(tmp_path: Path, name: str) -> None:
    data = bytearray(_FILES[name])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        start = archive.getinfo("b.json").header_offset + 30 + len("b.json")
    data[start + 9 : start + 40] = bytes(31)
    path = tmp_path / name
    path.write_bytes(data)
    assert _read(path) == ([_LINES, _LINES], ["this member of the zip archive is damaged"])
