"""The one writer of standard output: what goes where, in which bytes, in colour or not."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from kevents.cli.output import Output, write
from kevents.cli.terminal import Terminal
from kevents.errors import UsageError
from kevents.escape import is_hostile
from kevents.render.formats import NAMES
from kevents.result import Column, Kind, Result, Show
from tests.render.results import HOSTILE, NOW, TIME, observation
from tests.render.results import event_list as listed

FOR_SCREENS = ("table", "wide", "markdown", "yaml", "csv", "tsv")


class Stream(io.TextIOWrapper):
    """A stream of this process that remembers what was written, a terminal or not."""

    def __init__(self, *, is_terminal: bool = False, encoding: str = "utf-8") -> None:
        super().__init__(io.BytesIO(), encoding=encoding, write_through=True)
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal

    @property
    def written(self) -> bytes:
        return self.buffer.getvalue()  # type: ignore[no-any-return,attr-defined]


def screen(*, is_terminal: bool = False, encoding: str = "utf-8", columns: int = 80) -> Terminal:
    stdout = Stream(is_terminal=is_terminal, encoding=encoding)
    return Terminal(Stream(), stdout, Stream(is_terminal=is_terminal), {}, columns)


def put(result: Result, name: str = "table", terminal: Terminal | None = None, **settings: Any) -> tuple[str, str]:
    """What standard output and standard error hold afterwards."""
    terminal = terminal or screen()
    write(result, Output(NOW, name, **settings), terminal)
    return terminal.stdout.written.decode(), terminal.stderr.written.decode()  # type: ignore[attr-defined]


def test_an_answer_goes_to_standard_output_and_nothing_to_standard_error() -> None:
    out, err = put(listed(observation()))
    assert out == (
        "LAST SEEN              TYPE      REASON    OBJECT      MESSAGE\n"
        "19m (x4524 over 17h)   Warning   BackOff   Pod/web-1   Back-off restarting\n"
    )
    assert err == ""


def test_the_number_of_rows_is_the_answer() -> None:
    assert [write(listed(*[observation()] * 3), Output(NOW, name), screen()) for name in NAMES] == [3] * len(NAMES)


def test_notes_of_a_result_go_to_standard_error_after_the_answer() -> None:
    result = replace(listed(observation()), notes=["Showing 500 of 700; --limit 0 shows all."])
    out, err = put(result, "json")
    assert len(json.loads(out)) == 1
    assert err == "Showing 500 of 700; --limit 0 shows all.\n"


@pytest.mark.parametrize("name", ["table", "wide", "markdown"])
def test_people_are_told_that_there_is_nothing(name: str) -> None:
    result = replace(listed(), empty="No events found in payments namespace.")
    assert put(result, name) == ("", "No events found in payments namespace.\n")


@pytest.mark.parametrize(("name", "nothing"), [("json", "[]\n"), ("jsonl", ""), ("yaml", "[]\n"), ("tsv", "a\n")])
def test_machines_get_an_empty_document(name: str, nothing: str) -> None:
    assert put(Result((Column("a"),), []), name) == (nothing, "")


def test_an_unknown_format_is_refused_before_anything_is_asked() -> None:
    def asked() -> Iterator[pa.RecordBatch]:
        pytest.fail("the question ran")
        yield

    with pytest.raises(UsageError) as refused:
        put(Result((Column("a"),), asked()), "xml")
    assert refused.value.hint == "Allowed are table, wide, markdown, json, jsonl, yaml, csv, tsv, parquet."
    with pytest.raises(UsageError, match='there is no form of times "relative"'):
        put(Result((Column("a"),), asked()), time="relative")


def test_parquet_does_not_go_to_a_terminal() -> None:
    with pytest.raises(UsageError) as refused:
        put(listed(observation()), "parquet", screen(is_terminal=True))
    assert refused.value.hint == "Send it to a file: -o parquet > file.parquet"


def test_parquet_goes_anywhere_else() -> None:
    terminal = screen()
    write(listed(observation()), Output(NOW, "parquet"), terminal)
    assert terminal.stdout.written[:4] == b"PAR1"  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", [name for name in NAMES if name != "parquet"])
def test_hostile_text_in_every_column_harms_no_format(name: str) -> None:
    columns = ("cluster", "namespace", "type", "reason", "object", "message", "event_name")
    rows = [observation(**dict.fromkeys(columns, text)) for text in HOSTILE]
    for is_terminal in (False, True):
        out, _ = put(listed(*rows), name, screen(is_terminal=is_terminal), color=False)
        cells = out.replace("\t", "") if name == "tsv" else out
        assert name not in FOR_SCREENS or not is_hostile(cells, keep_newlines=True)
        assert "[/x][red]" in out.replace("\\[", "[").replace("\\]", "]")


@pytest.mark.parametrize("name", [name for name in NAMES if name != "parquet"])
def test_an_ascii_standard_output_breaks_no_format(name: str) -> None:
    columns = (Column("reason"), Column("bar", Kind.BAR, Show.DRAWN), Column("spark", Kind.SPARK))
    batch = pa.record_batch({"reason": ["中 é"], "bar": [1], "spark": [[0, 1]]})
    terminal = screen(encoding="ascii")
    write(Result(columns, [batch]), Output(NOW, name), terminal)
    data: bytes = terminal.stdout.written  # type: ignore[attr-defined]
    if name in {"table", "wide"}:
        assert data.decode("ascii").split("\n")[1] == "\\u4e2d \\xe9   ####################   _#"
    elif name != "markdown":
        assert "中 é" in data.decode("utf-8")  # machines read UTF-8 whatever the locale says


def test_a_long_message_is_whole_on_one_line_where_standard_output_is_no_terminal() -> None:
    message = "word " * 100 + "end"
    out, _ = put(listed(observation(message=message)))
    assert out.split("\n")[1].endswith(message)


def test_a_long_message_folds_on_a_terminal() -> None:
    out, _ = put(
        listed(observation(message="word " * 100 + "end")), "table", screen(is_terminal=True, columns=90), color=False
    )
    lines = out.split("\n")
    assert len(lines) > 10
    assert max(map(len, lines)) <= 90
    assert {line[:54] for line in lines[2:-1]} == {" " * 54}


def test_a_terminal_is_coloured_and_a_pipe_is_not() -> None:
    assert "\x1b[" in put(listed(observation()), "table", screen(is_terminal=True))[0]
    assert "\x1b[" not in put(listed(observation()), "table", screen())[0]
    assert "\x1b[" in put(listed(observation()), "table", screen(), color=True)[0]


@pytest.mark.parametrize("name", ["json", "jsonl", "table"])
def test_each_batch_is_there_as_soon_as_it_comes(name: str) -> None:
    terminal = screen()
    seen = []

    def batches() -> Iterator[pa.RecordBatch]:
        for number in range(3):
            seen.append(len(terminal.stdout.written))  # type: ignore[attr-defined]
            yield pa.record_batch({"n": [number]})

    write(Result((Column("n", Kind.NUMBER),), batches()), Output(NOW, name), terminal)
    assert 0 == seen[0] < seen[1] < seen[2]


def test_a_reader_that_hangs_up_is_a_broken_pipe_for_the_entry_to_catch() -> None:
    reader, writer = os.pipe()
    stdout = os.fdopen(writer, "w")
    os.close(reader)
    with pytest.raises(BrokenPipeError):
        write(listed(observation()), Output(NOW), Terminal(Stream(), stdout, Stream()))
    with pytest.raises(BrokenPipeError):
        stdout.close()


def test_what_was_printed_before_stays_before() -> None:
    terminal = screen()
    terminal.stdout.write("first\n")
    write(Result((Column("n", Kind.NUMBER),), [pa.record_batch({"n": [1]})]), Output(NOW, "jsonl"), terminal)
    assert terminal.stdout.written == b'first\n{"n":1}\n'  # type: ignore[attr-defined]


def test_absolute_times_say_their_zone() -> None:
    moment = pa.record_batch({"at": pa.array([NOW], TIME)})
    assert put(Result((Column("at", Kind.TIME),), [moment]), time="absolute")[0] == "AT\n2026-11-21 00:35:17Z\n"


def test_naming_the_output_loads_no_heavy_library() -> None:
    program = "import sys, kevents.cli.output, kevents.cli.terminal, kevents.clock; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert not {"pyarrow", "duckdb", "rich", "yaml", "dateutil", "kubernetes"} & set(loaded)
