"""The directories of a store, checked before they are used: a store that comes from somebody else can contain links.

Nothing of a store may be outside its directory, so a link in it is refused. The directory itself may be a link.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from kevents.errors import StoreError
from kevents.store import disk
from kevents.store.paths import (
    catalog_backup,
    catalog_of,
    journals,
    lock_of,
    observations,
    quarantine,
    reader_lock_of,
    rewrite_lock_of,
    rewrite_staging,
    staging,
)

_DIRECTORIES = (observations, journals, staging, rewrite_staging, quarantine)
_FILES = (catalog_of, catalog_backup, lock_of, rewrite_lock_of, reader_lock_of)


def check(directory: Path) -> None:
    """Raise StoreError if a directory of the store is a link or a file, or one of its own files is a link."""
    try:
        for _ in _directories(directory):
            pass
    except OSError as error:
        raise StoreError(f"cannot read the store {directory}: {error.strerror}") from error


def check_writable(directory: Path) -> None:
    """Raise StoreError if `check` does, or if other users can change the store while it is written to."""
    if not directory.is_dir():
        return
    is_first = True
    for path in _directories(directory):
        # whoever mounted a file system decided who can write to it, and a volume of Kubernetes is often open to all
        if os.name == "posix" and not (is_first and os.path.ismount(path)):
            _check_owner(path)
        is_first = False


def _directories(store: Path) -> Iterator[Path]:
    """The existing directories of the store, itself first, each checked not to be a link."""
    known = {path(store).name for path in _DIRECTORIES}
    files = {path(store).name for path in _FILES}
    yield store
    for entry in disk.list_entries(store):
        if entry.name in known or (entry.name in files and entry.is_symlink()):
            yield _checked(entry)
    for parent, levels in ((observations(store), ("cluster=", "day=")), (journals(store), ("cluster=",))):
        yield from _below(parent, levels)


def _below(parent: Path, levels: tuple[str, ...]) -> Iterator[Path]:
    prefix, *rest = levels
    for entry in disk.list_entries(parent):
        if not entry.name.startswith(prefix) or not (entry.is_symlink() or entry.is_dir(follow_symlinks=False)):
            continue  # a file is ignored, as long as it is not named like a segment's directory
        path = _checked(entry)
        yield path
        if rest:
            yield from _below(path, tuple(rest))


def _checked(entry: os.DirEntry[str]) -> Path:
    path = Path(entry.path)
    if entry.is_symlink():
        raise StoreError(
            f"{path} is a symbolic link, and a store must not contain any",
            hint="It could make kevents read or change files elsewhere. Delete the link, or move its target there.",
        )
    if not entry.is_dir(follow_symlinks=False):
        raise StoreError(
            f"{path} is {disk.kind_of(path) or 'a file'}, not a directory", hint="Delete it, or use another store."
        )
    return path


def _check_owner(path: Path) -> None:
    if not hasattr(os, "geteuid"):
        return  # Windows has access control lists instead
    status = disk.status(path)
    trusted = {0, os.geteuid()}
    if os.geteuid() == 0 and os.environ.get("SUDO_UID", "").isdecimal():
        trusted.add(int(os.environ["SUDO_UID"]))
    if status.st_uid not in trusted:
        raise StoreError(
            f"{path} belongs to another user (id {status.st_uid}), who could change it during a write",
            hint="Run kevents as that user, import the store into your own, or change its owner with chown -R.",
        )
    mode = stat.S_IMODE(status.st_mode)
    if mode & stat.S_IWOTH or (mode & stat.S_IWGRP and _has_other_members(status.st_gid)):
        raise StoreError(
            f"other users can write to {path} (mode {mode:04o}), and could change files while kevents writes to them",
            hint=f"Run chmod go-w {path}, or use another store.",
        )


def _has_other_members(group: int) -> bool:
    """Whether the group has known members other than this user: many users have a group of their own."""
    import grp
    import pwd

    try:
        named = grp.getgrgid(group).gr_mem
    except KeyError:  # such as the fsGroup of a pod
        named = []
    others = {user.pw_uid for user in pwd.getpwall() if user.pw_gid == group or user.pw_name in named}
    return bool(others - {0, os.geteuid()})
