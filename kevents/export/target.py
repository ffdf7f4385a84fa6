"""Where an export goes and in which form: built beside its place, and brought there when it is whole."""

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
from kevents.store.disk import sync_folder
from kevents.store.free_space import cause
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
class Place:
    """A path and the form of what is written there; no path is standard output."""

    path: Path | None
    form: Form

    @classmethod
    def of(cls, named: str, form: str | None) -> Place:
        """What -o and --format mean."""
        if form is not None and form not in _LINES:
            raise UsageError(f'there is no form of export "{form}"', hint(form, _LINES))
        wanted = _LINES[form] if form else None
        if named == STDOUT:
            if wanted in (Form.STORE, Form.PARQUET):
                raise UsageError(
                    f"{wanted} cannot go to standard output", "Name a file with -o, or take --format jsonl."
                )
            return cls(None, wanted or Form.JSONL)
        return cls(Path(named).expanduser(), wanted or _form(named))


def _form(named: str) -> Form:
    path = Path(named)
    if named.endswith(("/", os.sep)) or path.is_dir() or not path.suffix:
        return Form.STORE
    if path.suffix.lower() not in _ENDINGS:
        endings = ", ".join(_ENDINGS)
        raise UsageError(
            f'what to write into "{named}" is not to be seen from its ending',
            f"Files end in {endings}; a folder, which is a store, in /. Or give --format.",
        )
    return _ENDINGS[path.suffix.lower()]


def check(place: Place, store: Path, *, force: bool) -> None:
    """Refuse, before anything is done, to write over what should stay."""
    path = place.path
    if path is None:
        return
    here, there = store.resolve(), path.resolve()
    if there == here or here in there.parents or there in here.parents:
        raise UsageError(f"{path} is where the store itself is", "Export to another place.")
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder {path.parent}", "Make it first.")
    if not path.exists() or (path.is_dir() and place.form is Form.STORE and not any(path.iterdir())):
        return
    if path.is_dir() != (place.form is Form.STORE):
        what = "a folder" if path.is_dir() else "a file"
        raise UsageError(f"{path} is {what}, and the export would be none", "Name another place with -o.")
    if not force:
        raise UsageError(f"{path} exists already", "Name another place with -o, or replace it with --force.")
    if path.is_dir() and (not catalog_of(path).is_file() or journals(path).exists() or quarantine(path).exists()):
        raise UsageError(
            f"{path} is no export: it holds other files, or a recorder's",
            "Delete it yourself, if that is what you want.",
        )


@contextmanager
def workshop(path: Path) -> Iterator[Path]:
    """A folder beside the path for what is being built; it goes again in any case."""
    folder = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        folder.mkdir(mode=0o700)
        yield folder
    except (duck.Error, OSError) as error:
        there = folder if folder.is_dir() else path.parent
        raise StoreError(f"{path} cannot be written: {cause(error, there)}", "Nothing was left behind.") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def bring(built: Path, path: Path) -> None:
    """Bring what was built to its place, where something may be that it replaces."""
    if path.is_dir():
        old = built.with_name("old")
        path.rename(old)  # goes with the workshop
    elif built.is_file():
        with built.open("rb") as file:
            os.fsync(file.fileno())
    built.replace(path)
    sync_folder(path.parent)


def size(path: Path) -> int:
    """The bytes of a file, or of all files in a folder."""
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files)
