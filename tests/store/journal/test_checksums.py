"""A journal's checksums find every flipped bit, and cost no line that is whole."""

from __future__ import annotations

import pytest

from kevents.store.journal.checksums import broken, framed, proven, sound, taken, unproven

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


def test_every_flipped_bit_is_found_and_no_line_comes_of_it_that_was_not_written() -> None:
    written = set(DATA.split(b"\n"))
    for bit in range(8 * len(DATA)):
        damaged = bytearray(DATA)
        damaged[bit // 8] ^= 1 << bit % 8
        found = taken(bytes(damaged))
        assert found.damage, bit
        kept = [line for line in found.lines.split(b"\n") if line.startswith((b"{", b"#c"))]
        assert set(kept) <= written, bit


def test_what_a_kill_leaves_is_torn_and_no_damage() -> None:
    behind_two = len(framed(SYNCS[0])) + len(framed(SYNCS[1]))
    for length in range(behind_two, len(DATA)):
        found = taken(DATA[:length])
        assert found.damage == (), length
        assert found.end + found.torn == length


def test_zeros_are_damage_and_what_was_synced_behind_them_stays() -> None:
    first = len(framed(SYNCS[0]))
    zeroed = bytes(first) + DATA[first:]
    assert sound(zeroed) == len(DATA)
    assert taken(zeroed).lines == DATA[first:]
    assert taken(zeroed).damage
    assert taken(bytes(len(DATA))) == (b"", 0, (bytes(len(DATA)),), 0)
    assert taken(DATA + bytes(9)).lines == DATA


def test_damage_tells_its_time_where_a_control_line_of_it_is_whole() -> None:
    covered = b'#covered {"scope": "*", "state": "watched", "start": "%s", "end": "%s"}\n' % (
        b"2026-11-20T10:00:00+00:00",
        b"2026-11-20T10:00:05+00:00",
    )
    found = taken(framed(SYNCS[0]) + framed(b'{"message":"two"}\n' + covered).replace(b"two", b"tvo"))
    assert found.lost == 2
    assert [(span.start.second, span.end.second) for span in found.spans] == [(0, 5)]
