"""Disks that fail at the k-th call of a function, for each k, and small disks that can be filled."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CALLS = ("fsync", "rename", "replace", "unlink", "mkdir")


class Disk:
    """A disk on which the k-th call of a function fails. calls: the number of calls so far."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, name: str, k: int) -> None:
        self.calls = 0
        self._monkeypatch, self._name, self._k = monkeypatch, name, k

    @contextmanager
    def failing(self) -> Iterator[None]:
        owner = os if self._name == "fsync" else Path
        real = getattr(owner, self._name)

        def call(*arguments: Any, **named: Any) -> Any:
            self.calls += 1
            if self.calls == self._k:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            return real(*arguments, **named)

        with self._monkeypatch.context() as patch:
            patch.setattr(owner, self._name, call)
            yield


def each_failure(monkeypatch: pytest.MonkeyPatch, name: str, attempt: Callable[[int, Disk], None]) -> None:
    """Run the attempt with a failing first call, then with a failing second one, until there are not as many calls."""
    for k in range(1, 100):
        disk = Disk(monkeypatch, name, k)
        attempt(k, disk)
        if disk.calls < k:
            return
    raise AssertionError("the number of calls does not end")


class SmallDisk:
    """A small in-memory file system, mounted on the directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._ballast = directory / "ballast"

    def leave(self, free: int) -> None:
        """Fill the disk, except for this many bytes."""
        self._ballast.unlink(missing_ok=True)
        stat = os.statvfs(self.directory)
        self._ballast.write_bytes(bytes(max(stat.f_bavail * stat.f_frsize - free, 0)))

    def clear(self) -> None:
        """Free the space again."""
        self._ballast.unlink(missing_ok=True)


@contextmanager
def small_disk(directory: Path, size: str) -> Iterator[SmallDisk]:
    """Mount a small disk. Skips the test if that is not allowed."""
    directory.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(directory)]
    try:
        is_mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        is_mounted = False
    if not is_mounted:
        pytest.skip("cannot mount a small disk")
    try:
        yield SmallDisk(directory)
    finally:
        subprocess.run(["umount", "-l", str(directory)], check=False)
