"""Checksums of a journal detect every flipped bit, and never cause the loss of an intact line."""

from __future__ import annotations

import pytest

from kevents.store.journal.checksums import (
    after_last_checksum,
    complete_length,
    damaged_frames,
    parse,
    with_checksum,
    without_damaged_frames,
)

SYNCS = (
    b'{"message":"one"}\n#covered {"scope": "*"}\n',
    b'{"message":"two"}\n{"message":"three"}\n',
    b'#checkpoint {"scope": "*"}\n',
)
DATA = b"".join(map(with_checksum, SYNCS))
LAST_SUM = DATA.rindex(b"#sum")


def test_intact_frames_are_kept_unchanged() -> None:
    assert without_damaged_frames(DATA) is DATA
    assert not damaged_frames(DATA)


def test_lines_without_a_checksum_are_kept_unchanged() -> None:
    unsynced = DATA + SYNCS[0]
    assert without_damaged_frames(unsynced) == unsynced
    assert after_last_checksum(unsynced) == SYNCS[0]
    assert after_last_checksum(DATA) == b""
    assert without_damaged_frames(SYNCS[0]) == after_last_checksum(SYNCS[0]) == SYNCS[0]


@pytest.mark.parametrize("bit", range(8))
def test_a_flipped_bit_damages_at_most_its_own_frame_and_a_neighboring_one(bit: int) -> None:
    for at in range(LAST_SUM - 1):  # without its line end, the last checksum is not found
        damaged = bytearray(DATA)
        damaged[at] ^= 1 << bit
        kept = [line for line in without_damaged_frames(bytes(damaged)).split(b"\n") if line and b"sum" not in line[:5]]
        written = [line for sync in SYNCS for line in sync.split(b"\n") if line]
        assert damaged_frames(bytes(damaged)), at
        assert [line for line in kept if line not in written and line.startswith((b"{", b"#c"))] == [], at
        assert len(written) - len(kept) <= 4


def test_a_frame_after_an_unreadable_checksum_line_is_still_intact() -> None:
    damaged = DATA.replace(b"#sum", b"#sun", 1)
    assert without_damaged_frames(damaged) == DATA[DATA.index(SYNCS[1]) :]


def test_every_flipped_bit_is_detected_and_no_wrong_line_is_read() -> None:
    written = set(DATA.split(b"\n"))
    for bit in range(8 * len(DATA)):
        damaged = bytearray(DATA)
        damaged[bit // 8] ^= 1 << bit % 8
        content = parse(bytes(damaged))
        assert content.damaged, bit
        kept = [line for line in content.lines.split(b"\n") if line.startswith((b"{", b"#c"))]
        assert set(kept) <= written, bit


def test_an_incomplete_line_after_a_kill_is_torn_and_not_damaged() -> None:
    two_frames = len(with_checksum(SYNCS[0])) + len(with_checksum(SYNCS[1]))
    for length in range(two_frames, len(DATA)):
        content = parse(DATA[:length])
        assert content.damaged == (), length
        assert content.length + content.torn == length


def test_zeros_are_damage_and_frames_after_them_are_kept() -> None:
    first = len(with_checksum(SYNCS[0]))
    zeroed = bytes(first) + DATA[first:]
    assert complete_length(zeroed) == len(DATA)
    assert parse(zeroed).lines == DATA[first:]
    assert parse(zeroed).damaged
    assert parse(bytes(len(DATA))) == (b"", 0, (bytes(len(DATA)),), 0)
    assert parse(DATA + bytes(9)).lines == DATA


def test_the_time_of_damaged_lines_is_known_if_a_control_line_is_readable() -> None:
    covered = b'#covered {"scope": "*", "state": "watched", "start": "%s", "end": "%s"}\n' % (
        b"2026-11-20T10:00:00+00:00",
        b"2026-11-20T10:00:05+00:00",
    )
    content = parse(with_checksum(SYNCS[0]) + with_checksum(b'{"message":"two"}\n' + covered).replace(b"two", b"tvo"))
    assert content.lost == 2
    assert [(span.start.second, span.end.second) for span in content.lost_spans] == [(0, 5)]
