"""Writing results: streams, encodings, colors, and errors."""

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

SCREEN_FORMATS = ("table", "wide", "markdown", "yaml", "csv", "tsv")


class Stream(io.TextIOWrapper):
    """A stream in memory that can pose as a terminal."""

    def __init__(self, *, is_terminal: bool = False, encoding: str = "utf-8") -> None:
        super().__init__(io.BytesIO(), encoding=encoding, write_through=True)
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal

    @property
    def written(self) -> bytes:
        return self.buffer.getvalue()  # type: ignore[no-any-return,attr-defined]


def terminal_of(*, is_terminal: bool = False, encoding: str = "utf-8", columns: int = 80) -> Terminal:
    stdout = Stream(is_terminal=is_terminal, encoding=encoding)
    return Terminal(Stream(), stdout, Stream(is_terminal=is_terminal), {}, columns)


def written(result: Result, name: str = "table", terminal: Terminal | None = None, **settings: Any) -> tuple[str, str]:
    """Write the result. Returns standard output and standard error."""
    terminal = terminal or terminal_of()
    write(result, Output(NOW, name, **settings), terminal)
    return terminal.stdout.written.decode(), terminal.stderr.written.decode()  # type: ignore[attr-defined]


def test_a_result_goes_to_standard_output_and_nothing_to_standard_error() -> None:
    out, err = written(listed(observation()))
    assert out == (
        "LAST SEEN              TYPE      REASON    OBJECT      MESSAGE\n"
        "19m (x4524 over 17h)   Warning   BackOff   Pod/web-1   Back-off restarting\n"
    )
    assert err == ""


def test_write_returns_the_number_of_rows() -> None:
    assert [write(listed(*[observation()] * 3), Output(NOW, name), terminal_of()) for name in NAMES] == [3] * len(NAMES)


def test_notes_go_to_standard_error_after_the_result() -> None:
    result = replace(listed(observation()), notes=["Showing 500 of 700; --limit 0 shows all."])
    out, err = written(result, "json")
    assert len(json.loads(out)) == 1
    assert err == "Showing 500 of 700; --limit 0 shows all.\n"


@pytest.mark.parametrize("name", ["table", "wide", "markdown"])
def test_an_empty_result_is_a_sentence_in_formats_for_people(name: str) -> None:
    result = replace(listed(), empty="No events found in payments namespace.")
    assert written(result, name) == ("", "No events found in payments namespace.\n")


@pytest.mark.parametrize(("name", "nothing"), [("json", "[]\n"), ("jsonl", ""), ("yaml", "[]\n"), ("tsv", "a\n")])
def test_an_empty_result_is_an_empty_document_in_formats_for_scripts(name: str, nothing: str) -> None:
    assert written(Result((Column("a"),), []), name) == (nothing, "")


def test_an_unknown_format_is_refused_before_the_query_runs() -> None:
    def batches() -> Iterator[pa.RecordBatch]:
        pytest.fail("the query ran")
        yield

    with pytest.raises(UsageError) as error:
        written(Result((Column("a"),), batches()), "xml")
    assert error.value.hint == "One of: table, wide, markdown, json, jsonl, yaml, csv, tsv, parquet."
    with pytest.raises(UsageError, match='unknown time format "relative"'):
        written(Result((Column("a"),), batches()), time="relative")


def test_parquet_is_refused_on_a_terminal() -> None:
    with pytest.raises(UsageError) as error:
        written(listed(observation()), "parquet", terminal_of(is_terminal=True))
    assert error.value.hint == "Redirect it to a file: -o parquet > file.parquet"


def test_parquet_is_written_to_a_pipe() -> None:
    terminal = terminal_of()
    write(listed(observation()), Output(NOW, "parquet"), terminal)
    assert terminal.stdout.written[:4] == b"PAR1"  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", [name for name in NAMES if name != "parquet"])
def test_hostile_text_is_escaped_in_every_format_for_screens(name: str) -> None:
    columns = ("cluster", "namespace", "type", "reason", "object", "message", "event_name")
    rows = [observation(**dict.fromkeys(columns, text)) for text in HOSTILE]
    for is_terminal in (False, True):
        out, _ = written(listed(*rows), name, terminal_of(is_terminal=is_terminal), color=False)
        cells = out.replace("\t", "") if name == "tsv" else out
        assert name not in SCREEN_FORMATS or not is_hostile(cells, keep_newlines=True)
        assert "[/x][red]" in out.replace("\\[", "[").replace("\\]", "]")


@pytest.mark.parametrize("name", [name for name in NAMES if name != "parquet"])
def test_every_format_can_be_written_with_an_ascii_encoding(name: str) -> None:
    columns = (Column("reason"), Column("bar", Kind.BAR, Show.DRAWN), Column("spark", Kind.SPARK))
    batch = pa.record_batch({"reason": ["中 é"], "bar": [1], "spark": [[0, 1]]})
    terminal = terminal_of(encoding="ascii")
    write(Result(columns, [batch]), Output(NOW, name), terminal)
    data: bytes = terminal.stdout.written  # type: ignore[attr-defined]
    if name in {"table", "wide"}:
        assert data.decode("ascii").split("\n")[1] == "\\u4e2d \\xe9   ####################   _#"
    elif name != "markdown":
        assert "中 é" in data.decode("utf-8")  # scripts get UTF-8 whatever the locale


def test_a_long_message_is_one_line_in_a_pipe() -> None:
    message = "word " * 100 + "end"
    out, _ = written(listed(observation(message=message)))
    assert out.split("\n")[1].endswith(message)


def test_a_long_message_is_wrapped_on_a_terminal() -> None:
    out, _ = written(
        listed(observation(message="word " * 100 + "end")),
        "table",
        terminal_of(is_terminal=True, columns=90),
        color=False,
    )
    lines = out.split("\n")
    assert len(lines) > 10
    assert max(map(len, lines)) <= 90
    assert {line[:54] for line in lines[2:-1]} == {" " * 54}


def test_a_terminal_gets_color_and_a_pipe_does_not() -> None:
    assert "\x1b[" in written(listed(observation()), "table", terminal_of(is_terminal=True))[0]
    assert "\x1b[" not in written(listed(observation()), "table", terminal_of())[0]
    assert "\x1b[" in written(listed(observation()), "table", terminal_of(), color=True)[0]


@pytest.mark.parametrize("name", ["json", "jsonl", "table"])
def test_each_batch_is_written_immediately(name: str) -> None:
    terminal = terminal_of()
    lengths = []

    def batches() -> Iterator[pa.RecordBatch]:
        for number in range(3):
            lengths.append(len(terminal.stdout.written))  # type: ignore[attr-defined]
            yield pa.record_batch({"n": [number]})

    write(Result((Column("n", Kind.NUMBER),), batches()), Output(NOW, name), terminal)
    assert 0 == lengths[0] < lengths[1] < lengths[2]


def test_a_closed_reader_raises_a_broken_pipe_error() -> None:
    reader, writer = os.pipe()
    stdout = os.fdopen(writer, "w")
    os.close(reader)
    with pytest.raises(BrokenPipeError):
        write(listed(observation()), Output(NOW), Terminal(Stream(), stdout, Stream()))
    with pytest.raises(BrokenPipeError):
        stdout.close()


def test_text_printed_earlier_comes_first() -> None:
    terminal = terminal_of()
    terminal.stdout.write("first\n")
    write(Result((Column("n", Kind.NUMBER),), [pa.record_batch({"n": [1]})]), Output(NOW, "jsonl"), terminal)
    assert terminal.stdout.written == b'first\n{"n":1}\n'  # type: ignore[attr-defined]


def test_absolute_times_have_their_zone() -> None:
    moment = pa.record_batch({"at": pa.array([NOW], TIME)})
    assert written(Result((Column("at", Kind.TIME),), [moment]), time="absolute")[0] == "AT\n2026-11-21 00:35:17Z\n"


def test_importing_the_output_imports_no_large_library() -> None:
    program = "import sys, kevents.cli.output, kevents.cli.terminal, kevents.clock; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert not {"pyarrow", "duckdb", "rich", "yaml", "dateutil", "kubernetes"} & set(loaded)
