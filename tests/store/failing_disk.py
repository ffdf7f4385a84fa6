"""Disks that fail: at the k-th call of a function, for each k; and small ones that are full."""

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
    """One whose k-th call fails while `failing`. calls: how many there were."""

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
    """Attempt it with a disk whose first call fails, then the second, until there are no more calls than that."""
    for k in range(1, 100):
        disk = Disk(monkeypatch, name, k)
        attempt(k, disk)
        if disk.calls < k:
            return
    raise AssertionError("there is no end of calls")


class SmallDisk:
    """A file system of its own in memory, below the directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._ballast = directory / "ballast"

    def leave(self, free: int) -> None:
        """Fill it up, but for so many bytes."""
        self._ballast.unlink(missing_ok=True)
        stat = os.statvfs(self.directory)
        self._ballast.write_bytes(bytes(max(stat.f_bavail * stat.f_frsize - free, 0)))

    def clear(self) -> None:
        """Have room again."""
        self._ballast.unlink(missing_ok=True)


@contextmanager
def small_disk(directory: Path, size: str) -> Iterator[SmallDisk]:
    """Mount one; where that is not allowed, the test is skipped."""
    directory.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(directory)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("a small disk cannot be mounted here")
    try:
        yield SmallDisk(directory)
    finally:
        subprocess.run(["umount", "-l", str(directory)], check=False)
