"""The one place that writes standard output: a result, in the format that was asked for."""

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
from kevents.render.look import TIME_FORMATS, Look
from kevents.suggest import hint

if TYPE_CHECKING:
    import pyarrow as pa

    from kevents.cli.terminal import Terminal
    from kevents.result import Result

_COLORS = dict(zip(COLORS, (None, True, False), strict=True))


@dataclass(frozen=True)
class Output:
    """How an answer is written: what the flags of `-o` and its neighbours say.

    time: age, absolute, both or clock. color: None lets the terminal and its environment decide. paged: what is
    longer than the screen goes through a pager. full: texts to their end. ticking: what time it is while an answer
    goes on.
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
        """Whether the format writes whole Events where the rows are events."""
        return self.format in {"json", "jsonl", "yaml"}

    def check(self, terminal: Terminal) -> formats.Format:
        """The format, or a usage error; for a command to ask before it works for long."""
        chosen = formats.find(self.format)
        if self.time not in TIME_FORMATS:
            raise UsageError(f'unknown time format "{self.time}"', hint(self.time, TIME_FORMATS))
        if chosen.is_binary and terminal.is_interactive:
            raise UsageError(
                f"{chosen.name} is not for a terminal", f"Send it to a file: -o {chosen.name} > file.{chosen.name}"
            )
        return chosen


def zone_of(flags: ZoneFlags) -> tzinfo:
    """The time zone in which times are read and written: --utc, --tz, or the local one."""
    if flags.utc and flags.tz:
        raise UsageError("--utc and --tz can't be combined")
    return clock.parse_zone("UTC" if flags.utc else flags.tz or "local")


def output_of(flags: OutputFlags, terminal: Terminal, now: datetime, zone: tzinfo, time: str = "age") -> Output:
    """How the flags ask for the answer to be written; a format that cannot be used is a UsageError.

    time: the format of times, unless a flag says otherwise.
    """
    if flags.color is not None and flags.color not in _COLORS:
        raise UsageError(f'--color cannot be "{flags.color}"', hint(flags.color, COLORS))
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
    """Write the result on standard output and its notes on standard error; how many rows it had."""
    chosen = output.check(terminal)
    counted = _Counted(result.batches)
    stream: BinaryIO = terminal.stdout.buffer
    terminal.stdout.flush()
    encoding = terminal.encoding if chosen.for_people else "utf-8"  # machines read UTF-8 whatever the locale
    chunks = (
        chunk.encode(encoding, "backslashreplace") if isinstance(chunk, str) else chunk
        for chunk in chosen.chunks(replace(result, batches=counted), _look(output, terminal))
    )
    if output.paged and chosen.for_people and terminal.is_interactive and not output.ticking:
        write_paged(chunks, terminal)
    else:
        for chunk in chunks:
            stream.write(chunk)
            stream.flush()  # a result may never end, and its reader is waiting
    if chosen.for_people and not counted.rows:
        terminal.note(result.empty)
    for note in result.notes:
        terminal.note(note)
    return counted.rows


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
    )


class _Counted:
    """Batches that count their rows as they pass, and know their schema where the source does."""

    def __init__(self, batches: Iterable[pa.RecordBatch]) -> None:
        self._batches = batches
        self.schema: pa.Schema | None = getattr(batches, "schema", None)
        self.rows = 0

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        for batch in self._batches:
            self.rows += batch.num_rows
            yield batch
