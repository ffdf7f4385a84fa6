"""Writers are warned on a network file system, but not on a local or unknown one."""

from __future__ import annotations

from pathlib import Path

import pytest

from kevents.store import filesystem
from kevents.store.filesystem import (
    file_system,
    is_remote,
    lock_warning,
    mount_type,
    parse_linux_mounts,
    parse_macos_mounts,
)
from tests.screen import run

LINUX = """\
/dev/sda1 / ext4 rw,relatime 0 0
proc /proc proc rw 0 0
server:/home /home nfs4 rw,vers=4.2,addr=10.0.0.1 0 0
//nas/my\\040share /mnt/my\\040share cifs rw 0 0
me@host: /mnt/ssh fuse.sshfs rw 0 0
/dev/sdb1 /home/me/disk xfs rw 0 0
"""
MACOS = """\
/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
nas:/volume on /Volumes/nas (nfs, nodev, nosuid, mounted by me)
//me@nas._smb._tcp.local/My%20Share on /Volumes/My Share (smbfs, nodev, nosuid, mounted by me)
"""


@pytest.mark.parametrize(
    ("directory", "kind"),
    [
        ("/var/lib/kevents", "ext4"),
        ("/home/me/.local/share/kevents/store", "nfs4"),
        ("/home/me/disk/store", "xfs"),
        ("/mnt/my share/store", "cifs"),
        ("/mnt/ssh/store", "fuse.sshfs"),
        ("/homes/store", "ext4"),
    ],
)
def test_the_innermost_mount_counts_on_linux(directory: str, kind: str) -> None:
    assert mount_type(Path(directory), parse_linux_mounts(LINUX)) == kind


@pytest.mark.parametrize(
    ("directory", "kind"),
    [("/Volumes/nas/store", "nfs"), ("/Volumes/My Share/store", "smbfs"), ("/Users/me", "apfs")],
)
def test_the_mounts_of_macos_are_parsed(directory: str, kind: str) -> None:
    assert mount_type(Path(directory), parse_macos_mounts(MACOS)) == kind


def test_a_later_mount_at_the_same_point_hides_the_earlier_one() -> None:
    assert mount_type(Path("/data/store"), [("/", "ext4"), ("/data", "nfs"), ("/data", "xfs")]) == "xfs"


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "fuse.gcsfuse", "network drive"])
def test_network_file_systems_are_remote(kind: str) -> None:
    assert is_remote(kind)


@pytest.mark.parametrize("kind", ["ext4", "xfs", "zfs", "apfs", "overlay", "tmpfs", "fuse.mergerfs", "fuseblk"])
def test_local_file_systems_are_not_remote(kind: str) -> None:
    assert not is_remote(kind)


@pytest.mark.parametrize("platform", ["darwin", "win32", "freebsd14"])
def test_without_known_mounts_there_is_no_warning(
    platform: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setattr(Path, "read_text", lambda *_: (_ for _ in ()).throw(FileNotFoundError()))
    assert file_system(tmp_path) is None
    assert lock_warning(tmp_path) is None


def test_an_import_prints_a_warning_and_continues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dump = Path(__file__).parent / "older/dump.ndjson"
    local = run("import", str(dump), "--store", str(tmp_path / "disk"))
    assert "unreliable" not in local.err
    monkeypatch.setattr(filesystem, "file_system", lambda _: "nfs4")
    remote = run("import", str(dump), "--store", str(tmp_path / "share"))
    assert remote.status == 0
    assert f"the store {tmp_path / 'share'} is on nfs4, where file locks and renames are unreliable" in remote.err
