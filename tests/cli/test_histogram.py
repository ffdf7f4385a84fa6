"""Command lines of `kevents histogram`: zones, hints, formats, hostile text."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from kevents.cli.main import main
from kevents.cli.terminal import Terminal
from kevents.store.coverage import ALL, Span, State
from kevents.store.journal import control_lines
from kevents.store.store import Store
from tests.cli.conftest import Run, Stream, event
from tests.store.small_recorder import open_journal

AT = ("--as-of", "2026-11-20T09:30:00Z")


def test_bars_are_drawn_below_a_legend(kevents: Run):
    screen = kevents("histogram", *AT, "--utc", "--bucket", "30m")
    assert screen.status == 0
    # BackOff: 13 from 08:10 to 09:10, one each 5 minutes; Started at 09:00, Killing at 09:20
    assert screen.out.splitlines() == [
        "█ BackOff 13   ▒ Killing 1   ▞ Started 1",
        "",
        "TIME       TOTAL",
        "08:00:00       4   " + "█" * 40,
        "08:30:00       6   " + "█" * 60,
        "09:00:00       5   " + "█" * 30 + "▒" * 10 + "▞" * 10,
    ]


def test_the_hint_is_a_command_for_the_busiest_bucket_with_the_same_filters(kevents: Run):
    notes = kevents("histogram", *AT, "--bucket", "30m", "-n", "shop", "--for", "pod/web-2").err
    hint = "kevents overview -n shop --for pod/web-2 --since 2026-11-20T08:30:00Z --until 2026-11-20T09:00:00Z"
    assert f"Busiest bucket: {hint}\n" in notes


def test_formats_for_scripts_have_a_row_per_bucket_and_series_and_no_hint(kevents: Run):
    screen = kevents("histogram", *AT, "--bucket", "1h", "--by", "type", "-o", "json")
    assert screen.err == ""
    assert json.loads(screen.out)[0] == {
        "start": "2026-11-20T08:00:00Z",
        "end": "2026-11-20T09:00:00Z",
        "type": "Warning",
        "occurrences": 10,
        "place": 1,
        "missed": 0,
    }


def test_every_line_fits_60_columns(kevents: Run, tmp_path):
    env = {"KEVENTS_STORE": str(tmp_path / "store"), "COLUMNS": "60", "NO_COLOR": "1"}
    screen = Stream(is_terminal=True)
    assert main(["histogram", *AT], Terminal(Stream(), screen, Stream(), env)) == 0
    assert max(map(len, screen.written.splitlines())) == 60


def test_a_hostile_reason_is_escaped_in_the_legend(kevents: Run, tmp_path):
    dump = tmp_path / "hostile.json"
    dump.write_text(json.dumps(event(7, "09:00:00", reason="\x1b]0;owned\x07\u202e")))
    kevents("import", str(dump))
    output = kevents("histogram", *AT).out
    assert "^[]0;owned\\x07\\u202e 1" in output
    assert "\x1b" not in output


def test_time_without_a_recorder_is_marked_as_a_gap(kevents: Run, tmp_path):
    hours = [datetime(2026, 11, 20, hour, tzinfo=UTC) for hour in (6, 7, 8, 9)]
    journal = open_journal(Store(tmp_path / "store"), cluster="default")
    for start, end in (hours[:2], hours[2:]):
        journal.note(*control_lines.span(Span(ALL, State.WATCHED, start, end)))
    journal.close()
    output = kevents("histogram", "--bucket", "1h", "--utc", "--since", "06:00", *AT, "--for", "pod/web-1").out
    assert [line.split()[-2:] for line in output.splitlines()[3:5]] == [["06:00:00", "0"], ["not", "recorded"]]


def test_invalid_flags_are_usage_errors(kevents: Run):
    assert "cannot read" in kevents("histogram", "--bucket", "soon").err
    assert kevents("histogram", "--by", "colour").status == 2
    assert kevents("histogram", *AT, "--since", "1h", "--bucket", "0s").status == 2
