"""Writes a result to standard output, in the format of the flags."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, BinaryIO

from kevents import clock
from kevents.cli.flags import COLORS, OutputFlags, ZoneFlags
from kevents.cli.pager import write_paged
from kevents.errors import UsageError
from kevents.render import formats
from kevents.render.look import Look
from kevents.suggest import hint

if TYPE_CHECKING:
    import pyarrow as pa

    from kevents.cli.terminal import Terminal
    from kevents.result import Result

_COLORS = dict(zip(COLORS, (None, True, False), strict=True))


@dataclass(frozen=True)
class Output:
    """How a result is written, as set by the flags of the output group.

    time: age, absolute, both or clock. color: if None, the terminal and the environment decide. paged: use a pager for
    output longer than the screen. full: don't truncate long text. ticking: returns the current time, for output that
    continues for a long time.
    """

    now: datetime
    format: str = "table"
    headers: bool = True
    time: str = "age"
    zone: tzinfo = UTC
    csv_guard: bool = True
    color: bool | None = None
    ticking: Callable[[], datetime] | None = None
    paged: bool = True
    full: bool = False

    @property
    def has_documents(self) -> bool:
        """Whether the format writes complete Event documents if the rows are events."""
        return self.format in {"json", "jsonl", "yaml"}

    def check(self, terminal: Terminal) -> formats.Format:
        """Return the format, or raise UsageError if it can't be used; commands call this before any long work."""
        format_ = formats.find(self.format)
        if self.time not in clock.TIME_FORMATS:
            raise UsageError(f'unknown time format "{self.time}"', hint(self.time, clock.TIME_FORMATS))
        if format_.is_binary and terminal.is_interactive:
            name = format_.name
            raise UsageError(
                f"{name} can't be written to a terminal", f"Redirect it to a file: -o {name} > file.{name}"
            )
        return format_


def zone_of(flags: ZoneFlags) -> tzinfo:
    """The time zone for reading and writing times: --utc, --tz, or the local one."""
    if flags.utc and flags.tz:
        raise UsageError("--utc and --tz can't be combined")
    return clock.parse_zone("UTC" if flags.utc else flags.tz or "local")


def output_of(flags: OutputFlags, terminal: Terminal, now: datetime, zone: tzinfo, time: str = "age") -> Output:
    """The output settings of the flags. Raises UsageError for a format that can't be used.

    time: the default time format.
    """
    if flags.color is not None and flags.color not in _COLORS:
        raise UsageError(f'invalid --color "{flags.color}"', hint(flags.color, COLORS))
    output = Output(
        now=now,
        format=flags.output or "table",
        headers=not flags.no_headers,
        time=flags.time or time,
        zone=zone,
        csv_guard=not flags.no_csv_guard,
        color=_COLORS[flags.color] if flags.color else None,
        paged=not flags.no_pager,
        full=flags.full,
    )
    output.check(terminal)
    return output


def write(result: Result, output: Output, terminal: Terminal) -> int:
    """Write the result to standard output and its notes to standard error. Returns the number of rows."""
    format_ = output.check(terminal)
    batches = _CountingBatches(result.batches)
    stream: BinaryIO = terminal.stdout.buffer
    terminal.stdout.flush()
    encoding = terminal.encoding if format_.for_people else "utf-8"  # scripts get UTF-8 whatever the locale
    chunks = (
        chunk.encode(encoding, "backslashreplace") if isinstance(chunk, str) else chunk
        for chunk in format_.chunks(replace(result, batches=batches), _look(output, terminal))
    )
    if output.paged and format_.for_people and terminal.is_interactive and not output.ticking:
        write_paged(chunks, terminal)
    else:
        for chunk in chunks:
            stream.write(chunk)
            stream.flush()  # the result may be endless, and its reader is waiting
    if format_.for_people and not batches.rows:
        terminal.note(result.empty)
    for note in result.notes:
        terminal.note(note)
    return batches.rows


def _look(output: Output, terminal: Terminal) -> Look:
    return Look(
        now=output.now,
        headers=output.headers,
        wide=output.format == "wide",
        time=output.time,
        zone=output.zone,
        csv_guard=output.csv_guard,
        color=terminal.use_color(output.color),
        width=terminal.width,
        encoding=terminal.encoding,
        ticking=output.ticking,
        full=output.full or output.format == "wide" or output.ticking is not None,
        dumb=terminal.is_dumb,
        is_terminal=terminal.is_interactive,
    )


class _CountingBatches:
    """Passes batches on and counts their rows. schema: that of the source, if it has one."""

    def __init__(self, batches: Iterable[pa.RecordBatch]) -> None:
        self._batches = batches
        self.schema: pa.Schema | None = getattr(batches, "schema", None)
        self.rows = 0

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        for batch in self._batches:
            self.rows += batch.num_rows
            yield batch
