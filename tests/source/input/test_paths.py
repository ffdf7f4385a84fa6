"""Paths become inputs: files, directories, archives within archives; and errors for what cannot be opened."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import tarfile
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest

from kevents.errors import SourceError
from kevents.source.dump import reader
from kevents.source.dump.pieces import Document, Problem
from kevents.source.input.paths import FileInput, file_inputs
from tests.source.reading import event, expanded

EVENTS = [event(f"e.{number}") for number in range(1000)]
DUMP = json.dumps({"kind": "List", "items": EVENTS}, indent=4).encode()
ONE = json.dumps(event()).encode()
COMPRESS = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": lambda data: pa.compress(data, codec="zstd", asbytes=True),
}


def opened(path: Path | str, stdin: bytes = b"") -> dict[str, int | str]:
    """By the name of each input: its number of events, or why it has none."""
    results: dict[str, int | str] = {}
    for source in file_inputs([str(path)], io.BytesIO(stdin)):
        name = source.name.removeprefix(str(path))
        results[name] = source.skip or result(source)
    return results


def result(source: FileInput) -> int | str:
    try:
        with source.open() as stream:
            pieces = list(expanded(reader.read(stream)))
    except SourceError as error:
        return str(error)
    events = sum(isinstance(piece, Document) for piece in pieces)
    problems = [piece.reason for piece in pieces if isinstance(piece, Problem)]
    return f"{events} events; {problems[0]}" if problems else events


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def tar(members: dict[str, bytes], mode: str = "w", form: int = tarfile.GNU_FORMAT) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode, format=form) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


@pytest.mark.parametrize("method", COMPRESS)
def test_compressed_files_are_recognized_by_their_bytes_not_their_names(tmp_path: Path, method: str) -> None:
    assert opened(write(tmp_path / "events.json", COMPRESS[method](DUMP))) == {"": 1000}


@pytest.mark.parametrize("method", COMPRESS)
def test_concatenated_compressed_files_are_read_as_one(tmp_path: Path, method: str) -> None:
    assert opened(write(tmp_path / "x", COMPRESS[method](ONE) + COMPRESS[method](ONE))) == {"": 2}


@pytest.mark.parametrize("method", ["gzip", "bzip2", "xz"])
def test_a_truncated_compressed_file_keeps_the_events_before_the_end(tmp_path: Path, method: str) -> None:
    events = [event(f"e.{number}", message=os.urandom(400).hex()) for number in range(3000)]
    data = COMPRESS[method](json.dumps(events).encode())
    outcome = opened(write(tmp_path / "x", data[: len(data) // 2]))[""]
    events_read, _, problem = str(outcome).partition(" events; ")
    assert 100 < int(events_read) < 2900
    assert problem == f"the {method} data is truncated here"


def test_a_truncated_zstd_file_is_a_problem(tmp_path: Path) -> None:
    data = COMPRESS["zstd"](DUMP)
    assert "the zstd data is damaged here" in str(opened(write(tmp_path / "x", data[: len(data) // 2]))[""])


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_the_members_of_a_tar_archive_are_inputs(tmp_path: Path, form: int, mode: str) -> None:
    long = "namespaces/" + "x" * 150 + "/ünïcode.json"
    results = opened(write(tmp_path / "bundle", tar({"a.json": DUMP, long: ONE, "empty": b""}, mode, form)))
    assert results == {":a.json": 1000, f":{long}": 1, ":empty": 0}


def test_the_members_of_a_zip_archive_are_inputs_on_disk_and_from_a_pipe(tmp_path: Path) -> None:
    data = zipped({"a.json": DUMP, "b/c.json": ONE})
    assert opened(write(tmp_path / "x.zip", data)) == {":a.json": 1000, ":b/c.json": 1}
    assert opened("-", data) == {"standard input:a.json": 1000, "standard input:b/c.json": 1}


def test_member_names_are_not_used_as_paths_and_are_escaped(tmp_path: Path) -> None:
    directory = tmp_path / "in"
    directory.mkdir()
    members = {"../../evil.json": ONE, "/etc/evil.json": ONE, "a\x1b[2J.json": ONE}
    results = opened(write(directory / "x.tar", tar(members)))
    assert results == {":../../evil.json": 1, ":/etc/evil.json": 1, ":a^[[2J.json": 1}
    assert [path.name for path in tmp_path.rglob("*")] == ["in", "x.tar"]


def test_links_in_an_archive_are_skipped(tmp_path: Path) -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, kind in (("s", tarfile.SYMTYPE), ("h", tarfile.LNKTYPE), ("d", tarfile.DIRTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        info = tarfile.TarInfo("a.json")
        info.size = len(ONE)
        archive.addfile(info, io.BytesIO(ONE))
    assert opened(write(tmp_path / "x.tar", file.getvalue())) == {":a.json": 1}


def test_archives_within_archives_are_opened_up_to_three_levels(tmp_path: Path) -> None:
    inner = tar({"a.json": ONE}, "w:gz")
    two = tar({"in.tgz": inner})
    three = zipped({"two.tar": two})
    assert opened(write(tmp_path / "x", three)) == {":two.tar:in.tgz:a.json": 1}
    assert opened(write(tmp_path / "x", tar({"three.zip": three}))) == {
        ":three.zip:two.tar:in.tgz": "archives are nested more than 3 levels deep"
    }


def test_a_truncated_archive_is_reported_with_the_member_and_keeps_the_events_before_the_end(tmp_path: Path) -> None:
    data = tar({"a.json": ONE, "b.json": DUMP})
    length = data.index(b"e.500") + 1000
    results = opened(write(tmp_path / "x.tar", data[:length]))
    assert results == {":a.json": 1, ":b.json": "501 events; the archive is truncated here"}


def test_a_truncated_compressed_archive_is_reported_once_with_the_compression(tmp_path: Path) -> None:
    events = [event(f"e.{number}", message=os.urandom(400).hex()) for number in range(3000)]
    data = tar({"a.json": json.dumps(events).encode(), "b.json": ONE}, "w:gz")
    ((name, outcome),) = opened(write(tmp_path / "x.tgz", data[: len(data) // 2])).items()
    assert name == ":a.json"
    assert str(outcome).endswith(" events; the gzip data is truncated here")


def test_an_archive_that_ends_within_a_header_or_the_padding_is_truncated(tmp_path: Path) -> None:
    data = tar({"a.json": ONE, "b.json": ONE})
    size = 512 + len(ONE) + -len(ONE) % 512  # of one member with its header and padding
    within_header, within_padding = data[: size + 100], data[: 2 * size - 1]
    truncated = {"": "the archive is truncated here"}
    assert opened(write(tmp_path / "x.tar", within_header)) == {":a.json": 1} | truncated
    assert opened(write(tmp_path / "x.tar", within_padding)) == {":a.json": 1, ":b.json": 1} | truncated


def test_a_sparse_member_is_skipped_and_the_next_one_is_read(tmp_path: Path) -> None:
    sparse = tarfile.TarInfo("sparse.json")
    sparse.size = len(ONE)
    sparse.pax_headers = {"GNU.sparse.map": f"0,{len(ONE)}", "GNU.sparse.size": str(1 << 40)}
    last = tarfile.TarInfo("last.json")
    last.size = len(ONE)
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(sparse, io.BytesIO(ONE))
        archive.addfile(last, io.BytesIO(ONE))
    assert opened(write(tmp_path / "x.tar", file.getvalue())) == {":last.json": 1}


def test_a_negative_size_is_damage(tmp_path: Path) -> None:
    member = tarfile.TarInfo("a.json")
    member.pax_headers = {"size": "-512"}
    assert opened(write(tmp_path / "x.tar", member.tobuf(tarfile.PAX_FORMAT) + bytes(10_000))) == {
        "": "the archive is damaged: a member has a negative size"
    }


def test_an_unreasonable_name_length_is_damage_and_not_read_into_memory(tmp_path: Path) -> None:
    name = tarfile.TarInfo("././@LongLink")
    name.type, name.size = tarfile.GNUTYPE_LONGNAME, 1 << 30
    assert opened(write(tmp_path / "x.tar", name.tobuf() + b"x" * 10_000)) == {
        "": "the archive is damaged: the name of a member is longer than 1 MB"
    }


def test_a_damaged_header_is_reported_for_the_archive(tmp_path: Path) -> None:
    data = bytearray(tar({"a.json": ONE, "b.json": ONE}))
    data[512 * 2 + 10] ^= 0xFF
    assert opened(write(tmp_path / "x.tar", bytes(data))) == {
        ":a.json": 1,
        "": "the archive is damaged: the header of a member is not readable",
    }


def test_only_paths_of_the_command_line_are_explicit(tmp_path: Path) -> None:
    directory = tmp_path / "directory"
    directory.mkdir()
    plain, archive = write(directory / "a.json", ONE), write(tmp_path / "x.tgz", tar({"b.json": ONE}, "w:gz"))
    explicit = [source.explicit for source in file_inputs([str(plain), str(directory), str(archive)], io.BytesIO())]
    assert explicit == [True, False, False]


def test_a_directory_is_read_in_order_without_loops_special_files_and_hidden_files(tmp_path: Path) -> None:
    directory = tmp_path / "directory"
    (directory / "b" / "c").mkdir(parents=True)
    for name in ("z.json", "b/y.json", "b/c/x.json", ".hidden"):
        write(directory / name, ONE)
    (directory / "b" / "loop").symlink_to(directory)
    (directory / "again.json").symlink_to(directory / "z.json")
    (directory / "broken").symlink_to(directory / "nothing")
    os.mkfifo(directory / "pipe")
    assert opened(directory) == {
        "/.hidden": "hidden files",
        "/again.json": 1,
        "/b/c/x.json": 1,
        "/b/loop": "files seen before",
        "/b/y.json": 1,
        "/broken": "broken links",
        "/pipe": "special files",
        "/z.json": "files seen before",
    }


def test_a_path_that_cannot_be_opened_does_not_affect_others(tmp_path: Path) -> None:
    good = write(tmp_path / "a.json", ONE)
    results = [result(source) for source in file_inputs([str(tmp_path / "missing"), "a\0b", str(good)], io.BytesIO())]
    assert results == ["no such file or directory", "embedded null byte", 1]


def test_an_empty_directory_is_an_error(tmp_path: Path) -> None:
    assert opened(tmp_path) == {"": "the directory has no files"}


def test_the_consumed_bytes_are_those_of_the_file_on_disk(tmp_path: Path) -> None:
    path = write(tmp_path / "x.tgz", tar({"a.json": DUMP, "b.json": ONE}, "w:gz"))
    for source in file_inputs([str(path)], io.BytesIO()):
        result(source)
        last = (source.consumed, source.size)
    assert last == (path.stat().st_size, path.stat().st_size)
