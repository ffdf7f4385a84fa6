"""A journal's checksums find every flipped bit, and cost no line that is whole."""

from __future__ import annotations

import pytest

from kevents.store.frames import broken, framed, proven, unproven

SYNCS = (
    b'{"message":"one"}\n#covered {"scope": "*"}\n',
    b'{"message":"two"}\n{"message":"three"}\n',
    b'#checkpoint {"scope": "*"}\n',
)
DATA = b"".join(map(framed, SYNCS))
LAST_SUM = DATA.rindex(b"#sum")


def test_whole_frames_are_all_kept_as_they_are() -> None:
    assert proven(DATA) is DATA
    assert not broken(DATA)


def test_lines_without_a_checksum_are_taken_as_they_are() -> None:
    torn = DATA + SYNCS[0]
    assert proven(torn) == torn
    assert unproven(torn) == SYNCS[0]
    assert unproven(DATA) == b""
    assert proven(SYNCS[0]) == unproven(SYNCS[0]) == SYNCS[0]


@pytest.mark.parametrize("bit", range(8))
def test_a_flipped_bit_costs_its_own_frame_at_most_and_one_beside_it(bit: int) -> None:
    for at in range(LAST_SUM - 1):  # without its line end, it is found by nobody
        damaged = bytearray(DATA)
        damaged[at] ^= 1 << bit
        kept = [line for line in proven(bytes(damaged)).split(b"\n") if line and b"sum" not in line[:5]]
        written = [line for sync in SYNCS for line in sync.split(b"\n") if line]
        assert broken(bytes(damaged)), at
        assert [line for line in kept if line not in written and line.startswith((b"{", b"#c"))] == [], at
        assert len(written) - len(kept) <= 4


def test_a_frame_behind_an_unreadable_checksum_is_still_proven() -> None:
    damaged = DATA.replace(b"#sum", b"#sun", 1)
    assert proven(damaged) == DATA[DATA.index(SYNCS[1]) :]
