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
from kevents.store.disk import is_empty, sync_directory
from kevents.store.free_space import write_failure
from kevents.store.paths import catalog_of, journals, quarantine
from kevents.suggest import hint

STDOUT = "-"


class ExportFormat(StrEnum):
    """The output formats of an export."""

    STORE = "store"
    PARQUET = "parquet"
    JSON = "json"
    JSONL = "jsonl"


_EXTENSIONS = {
    ".parquet": ExportFormat.PARQUET,
    ".json": ExportFormat.JSON,
    ".jsonl": ExportFormat.JSONL,
    ".ndjson": ExportFormat.JSONL,
}
_NAMES = {"ndjson": ExportFormat.JSONL, **{known.value: known for known in ExportFormat}}


@dataclass(frozen=True)
class Target:
    """The path and format of an export. path: None for standard output."""

    path: Path | None
    format: ExportFormat

    @classmethod
    def of(cls, output: str, format_name: str | None) -> Target:
        """The target for the values of -o and --format."""
        if format_name is not None and format_name not in _NAMES:
            raise UsageError(f'unknown export format "{format_name}"', hint(format_name, _NAMES))
        explicit = _NAMES[format_name] if format_name else None
        if output == STDOUT:
            if explicit in (ExportFormat.STORE, ExportFormat.PARQUET):
                raise UsageError(f"{explicit} can't be written to stdout", "Use -o FILE or --format jsonl.")
            return cls(None, explicit or ExportFormat.JSONL)
        path = Path(output).expanduser()
        if path.name in {"", ".."}:  # the staging directory needs a name to derive its own from
            path = path.resolve()
        return cls(path, explicit or _format_of(output))


def _format_of(output: str) -> ExportFormat:
    """The format for a path, from its extension."""
    path = Path(output)
    if output.endswith(("/", os.sep)) or path.is_dir() or not path.suffix:
        return ExportFormat.STORE
    if path.suffix.lower() not in _EXTENSIONS:
        raise UsageError(
            f'can\'t tell the format from "{output}"; use --format',
            f"Known extensions: {', '.join(_EXTENSIONS)}. A path that ends in / becomes a store.",
        )
    return _EXTENSIONS[path.suffix.lower()]


def check(target: Target, store: Path, *, force: bool) -> None:
    """Raise UsageError if the target can't be written, or is something other than an export."""
    path = target.path
    if path is None:
        return
    store, resolved = store.resolve(), path.resolve()
    if resolved == store or store in resolved.parents or resolved in store.parents:
        raise UsageError(f"{path} is inside the store, or contains it", "Export to another path.")
    if not path.parent.is_dir():
        raise UsageError(f"no such directory: {path.parent}", "Create it first.")
    if not path.exists() or (path.is_dir() and target.format is ExportFormat.STORE and is_empty(path)):
        return
    if path.is_dir() != (target.format is ExportFormat.STORE):
        existing, exported = ("a directory", "a file") if path.is_dir() else ("a file", "a directory")
        raise UsageError(f"{path} is {existing}, but the export is {exported}", "Use another path with -o.")
    if not force:
        raise UsageError(f"{path} already exists", "Use another path with -o, or --force to replace it.")
    if path.is_dir() and (not catalog_of(path).is_file() or journals(path).exists() or quarantine(path).exists()):
        raise UsageError(
            f"{path} exists and is not a kevents export; not overwriting", "Delete it yourself, or use another path."
        )


@contextmanager
def staging_directory(path: Path) -> Iterator[Path]:
    """A temporary directory next to the path, in which the export is built. It is removed in any case."""
    directory = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        directory.mkdir(mode=0o700)
        yield directory
    except (duck.Error, OSError) as error:
        existing = directory if directory.is_dir() else path.parent
        raise StoreError(
            f"cannot write {path}: {write_failure(error, existing)}", "No partial export was left behind."
        ) from error
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def publish(built: Path, path: Path) -> None:
    """Move the finished export to its path, where it replaces an earlier one."""
    if path.is_dir() and is_empty(path):
        _fill(path, built)
        return
    if path.is_dir():
        old = built.with_name("old")
        path.rename(old)  # is removed with the staging directory
    elif built.is_file():
        with built.open("rb") as file:
            os.fsync(file.fileno())
    built.replace(path)
    sync_directory(path.parent)


def _fill(path: Path, built: Path) -> None:
    """Move a store into an existing empty directory, which may be the working directory of a shell.

    The catalog, which makes it a store, is moved last.
    """
    catalog = catalog_of(built)
    for entry in built.iterdir():
        if entry != catalog:
            entry.replace(path / entry.name)
    catalog.replace(catalog_of(path))
    sync_directory(path)


def size(path: Path) -> int:
    """The size in bytes of a file, or of all files in a directory."""
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files)
