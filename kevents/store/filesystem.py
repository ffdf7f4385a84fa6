"""The type of file system that a store is on. File locks are unreliable on network file systems."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

# network file systems, and those that virtual machines and containers share with their host
_REMOTE = {
    *(
        "nfs",
        "nfs4",
        "cifs",
        "smb2",
        "smb3",
        "smbfs",
        "afs",
        "afpfs",
        "webdav",
        "davfs",
        "lustre",
        "glusterfs",
        "beegfs",
    ),
    *("9p", "drvfs", "virtiofs", "vboxsf", "vmhgfs", "prl_fs", "osxfs", "grpcfuse", "fakeowner", "network drive"),
}
_REMOTE_FUSE = re.compile(
    r"fuse[.](sshfs|s3fs|gcsfuse|goofys|rclone|blobfuse2?|davfs2?|glusterfs|vmhgfs-fuse|osxfs|nfs)"
)
_ESCAPE = re.compile(r"\\([0-7]{3})")
_MACOS_MOUNT = re.compile(r".+? on (?P<point>/.*) \((?P<kind>[^,)]+)")
_DRIVE_REMOTE = 4

Mount = tuple[str, str]  # mount point and type of file system


def file_system(directory: Path) -> str | None:
    """The type of the file system that contains the directory, which need not exist; None if unknown."""
    with suppress(OSError, subprocess.SubprocessError, ValueError, AttributeError):
        if sys.platform == "win32":
            return _type_on_windows(directory)
        return _type_on_unix(directory)
    return None


def lock_warning(directory: Path) -> str | None:
    """A warning for writers if file locks are unreliable in this directory, else None."""
    kind = file_system(directory)
    if kind is None or not is_remote(kind):
        return None
    return (
        f"the store {directory} is on {kind}, where file locks and renames are unreliable:"
        " write to it from one machine only, or use a local disk"
    )


def is_remote(kind: str) -> bool:
    """Whether this is the type of a network file system."""
    return kind in _REMOTE or _REMOTE_FUSE.fullmatch(kind) is not None


def parse_linux_mounts(mounts: str) -> list[Mount]:
    """Parse the content of /proc/mounts."""
    fields = (line.split() for line in mounts.splitlines())
    return [(_ESCAPE.sub(_unescaped, parts[1]), parts[2]) for parts in fields if len(parts) > 2]


def parse_macos_mounts(mounts: str) -> list[Mount]:
    """Parse the output of the command `mount`."""
    return [(match["point"], match["kind"]) for line in mounts.splitlines() if (match := _MACOS_MOUNT.match(line))]


def mount_type(directory: Path, mounts: Iterable[Mount]) -> str | None:
    """The type of the innermost mount that contains the directory. A later mount hides an earlier one."""
    resolved = directory.resolve()
    parents = [
        (len(point), order, kind) for order, (point, kind) in enumerate(mounts) if resolved.is_relative_to(point)
    ]
    return max(parents)[2] if parents else None


def _unescaped(escape: re.Match[str]) -> str:
    return chr(int(escape[1], 8))


def _type_on_unix(directory: Path) -> str | None:
    if sys.platform == "darwin":
        output = subprocess.run(["/sbin/mount"], capture_output=True, text=True, timeout=2, check=True).stdout
        return mount_type(directory, parse_macos_mounts(output))
    return mount_type(directory, parse_linux_mounts(Path("/proc/mounts").read_text("utf-8", "replace")))


def _type_on_windows(directory: Path) -> str | None:
    import ctypes

    anchor = directory.absolute().anchor
    kind = getattr(ctypes, "windll").kernel32.GetDriveTypeW(anchor)  # noqa: B009 - exists on Windows only
    return "network drive" if anchor.startswith("\\\\") or kind == _DRIVE_REMOTE else None
