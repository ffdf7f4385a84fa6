"""The target of an export: its path and format, built in a staging directory and moved into place when complete."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from kevents import duck
from kevents.errors import StoreError, UsageError
from kevents.store.disk import sync_directory
from kevents.store.free_space import write_failure
from kevents.store.paths import catalog_of, journals, quarantine
from kevents.suggest import hint

STDOUT = "-"


class Form(StrEnum):
    """What an export is written as."""

    STORE = "store"
    PARQUET = "parquet"
    JSON = "json"
    JSONL = "jsonl"


_ENDINGS = {".parquet": Form.PARQUET, ".json": Form.JSON, ".jsonl": Form.JSONL, ".ndjson": Form.JSONL}
_LINES = {"ndjson": Form.JSONL, **{form.value: form for form in Form}}


@dataclass(frozen=True)
class Target:
    """A path and the format of what is written there; without a path, standard output."""

    path: Path | None
    form: Form

    @classmethod
    def of(cls, named: str, form: str | None) -> Target:
        """The target that -o and --format name."""
        if form is not None and form not in _LINES:
            raise UsageError(f'unknown export format "{form}"', hint(form, _LINES))
        wanted = _LINES[form] if form else None
        if named == STDOUT:
            if wanted in (Form.STORE, Form.PARQUET):
                raise UsageError(f"{wanted} can't be written to stdout", "Name a file with -o, or use --format jsonl.")
            return cls(None, wanted or Form.JSONL)
        path = Path(named).expanduser()
        if path.name in {"", ".."}:  # `.` has no name beside which a directory could be made
            path = path.resolve()
        return cls(path, wanted or _form(named))


def _form(named: str) -> Form:
    path = Path(named)
    if named.endswith(("/", os.sep)) or path.is_dir() or not path.suffix:
        return Form.STORE
    if path.suffix.lower() not in _ENDINGS:
        endings = ", ".join(_ENDINGS)
        raise UsageError(
            f'can\'t tell the format from "{named}"; use --format',
            f"Files end in {endings}; a directory, which becomes a store, in /.",
        )
    return _ENDINGS[path.suffix.lower()]


def check(place: Target, store: Path, *, force: bool) -> None:
    """Refuse to overwrite what is not an export, before anything is done."""
    path = place.path
    if path is None:
        return
    here, there = store.resolve(), path.resolve()
    if there == here or here in there.parents or there in here.parents:
        raise UsageError(f"{path} is inside the store, or contains it", "Export to another place.")
    if not path.parent.is_dir():
        raise UsageError(f"no such directory: {path.parent}", "Create it first.")
    if not path.exists() or (path.is_dir() and place.form is Form.STORE and not any(path.iterdir())):
        return
    if path.is_dir() != (place.form is Form.STORE):
        what = "a directory" if path.is_dir() else "a file"
        raise UsageError(f"{path} is {what}, and the export is not", "Name another place with -o.")
    if not force:
        raise UsageError(f"{path} already exists", "Name another place with -o, or replace it with --force.")
    if path.is_dir() and (not catalog_of(path).is_file() or journals(path).exists() or quarantine(path).exists()):
        raise UsageError(
            f"{path} exists and is not a kevents export; not overwriting", "Delete it yourself, or name another place."
        )


@contextmanager
def staging_directory(path: Path) -> Iterator[Path]:
    """A temporary directory next to the path, in which the export is built."""
    directory = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        directory.mkdir(mode=0o700)
        yield directory
    except (duck.Error, OSError) as error:
        there = directory if directory.is_dir() else path.parent
        raise StoreError(f"cannot write {path}: {write_failure(error, there)}", "Nothing was left behind.") from error
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def publish(built: Path, path: Path) -> None:
    """Move what was built to its place, where something may be that it replaces."""
    if path.is_dir() and not any(path.iterdir()):
        _fill(path, built)
        return
    if path.is_dir():
        old = built.with_name("old")
        path.rename(old)  # goes with the workshop
    elif built.is_file():
        with built.open("rb") as file:
            os.fsync(file.fileno())
    built.replace(path)
    sync_directory(path.parent)


def _fill(path: Path, built: Path) -> None:
    """Move a store into an empty directory, which may be where somebody's shell is. The catalog makes it a store."""
    catalog = catalog_of(built)
    for entry in built.iterdir():
        if entry != catalog:
            entry.replace(path / entry.name)
    catalog.replace(catalog_of(path))
    sync_directory(path)


def size(path: Path) -> int:
    """The bytes of a file, or of all files in a directory."""
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files)
