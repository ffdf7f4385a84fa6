"""On which sort of file system a store is: where locks cannot be trusted, two writers may not know of each other."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

# over a network, or shared by a host with its guests
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

Mount = tuple[str, str]  # where, and the type of the file system


def file_system(directory: Path) -> str | None:
    """The type of the file system that the directory is on, or would be; None where the system does not tell."""
    with suppress(OSError, subprocess.SubprocessError, ValueError, AttributeError):
        if sys.platform == "win32":
            return _of_windows(directory)
        return _of_unix(directory)
    return None


def doubt(directory: Path) -> str | None:
    """A sentence for who is about to write to a directory whose locks cannot be trusted; None where they can."""
    kind = file_system(directory)
    if kind is None or not is_remote(kind):
        return None
    return (
        f"the store {directory} is on {kind}, where locks and renames cannot be trusted:"
        " write to it from one machine alone, or keep it on a disk"
    )


def is_remote(kind: str) -> bool:
    """Whether a file system of that type is reached over a network."""
    return kind in _REMOTE or _REMOTE_FUSE.fullmatch(kind) is not None


def of_linux(mounts: str) -> list[Mount]:
    """What /proc/mounts says."""
    fields = (line.split() for line in mounts.splitlines())
    return [(_ESCAPE.sub(lambda one: chr(int(one[1], 8)), parts[1]), parts[2]) for parts in fields if len(parts) > 2]


def of_macos(mounts: str) -> list[Mount]:
    """What the command `mount` says."""
    return [(found["point"], found["kind"]) for line in mounts.splitlines() if (found := _MACOS_MOUNT.match(line))]


def mounted(directory: Path, mounts: Iterable[Mount]) -> str | None:
    """The type of the innermost mount that the directory is on; of two at one place, the later covers the other."""
    resolved = directory.resolve()
    on = [(point, kind) for point, kind in mounts if resolved.is_relative_to(point)]
    return max(enumerate(on), key=lambda one: (len(one[1][0]), one[0]))[1][1] if on else None


def _of_unix(directory: Path) -> str | None:
    if sys.platform == "darwin":
        told = subprocess.run(["/sbin/mount"], capture_output=True, text=True, timeout=2, check=True).stdout
        return mounted(directory, of_macos(told))
    return mounted(directory, of_linux(Path("/proc/mounts").read_text("utf-8", "replace")))


def _of_windows(directory: Path) -> str | None:
    import ctypes

    anchor = directory.absolute().anchor
    kind = getattr(ctypes, "windll").kernel32.GetDriveTypeW(anchor)  # noqa: B009 - no other system has it
    return "network drive" if anchor.startswith("\\\\") or kind == _DRIVE_REMOTE else None
