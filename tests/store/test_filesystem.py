"""On a network file system, who is about to write is warned; elsewhere, and where nobody can tell, nobody is."""

from __future__ import annotations

from pathlib import Path

import pytest

from kevents.store import filesystem
from kevents.store.filesystem import doubt, file_system, is_remote, mounted, of_linux, of_macos
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
def test_the_innermost_mount_of_linux_counts(directory: str, kind: str) -> None:
    assert mounted(Path(directory), of_linux(LINUX)) == kind


@pytest.mark.parametrize(
    ("directory", "kind"),
    [("/Volumes/nas/store", "nfs"), ("/Volumes/My Share/store", "smbfs"), ("/Users/me", "apfs")],
)
def test_mounts_are_read_as_macos_says_them(directory: str, kind: str) -> None:
    assert mounted(Path(directory), of_macos(MACOS)) == kind


def test_of_two_mounts_at_one_place_the_later_covers_the_other() -> None:
    assert mounted(Path("/data/store"), [("/", "ext4"), ("/data", "nfs"), ("/data", "xfs")]) == "xfs"


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "fuse.gcsfuse", "network drive"])
def test_what_is_reached_over_a_network_is_remote(kind: str) -> None:
    assert is_remote(kind)


@pytest.mark.parametrize("kind", ["ext4", "xfs", "zfs", "apfs", "overlay", "tmpfs", "fuse.mergerfs", "fuseblk"])
def test_a_disk_is_not(kind: str) -> None:
    assert not is_remote(kind)


@pytest.mark.parametrize("platform", ["darwin", "win32", "freebsd14"])
def test_where_the_system_does_not_tell_nobody_is_troubled(
    platform: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setattr(Path, "read_text", lambda *_: (_ for _ in ()).throw(FileNotFoundError()))
    assert file_system(tmp_path) is None
    assert doubt(tmp_path) is None


def test_an_import_is_warned_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dump = Path(__file__).parent / "older/dump.ndjson"
    quiet = run("import", str(dump), "--store", str(tmp_path / "disk"))
    assert "cannot be trusted" not in quiet.said
    monkeypatch.setattr(filesystem, "file_system", lambda _: "nfs4")
    warned = run("import", str(dump), "--store", str(tmp_path / "share"))
    assert warned.status == 0
    assert f"the store {tmp_path / 'share'} is on nfs4, where locks and renames cannot be trusted" in warned.said
