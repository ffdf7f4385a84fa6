"""The report of an import: one row per file, and their total."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from kevents.result import Column, Kind, Result, Show
from kevents.source.dump.pieces import Problem

_COUNTED = re.compile(r"\b(byte|deletion|bookmark|document|file|line|link|value)s\b")


def problem_text(problem: Problem) -> str:
    """The problem with its position in the file: `line 812: …`."""
    if problem.line is not None:
        return f"line {problem.line}: {problem.reason}"
    return problem.reason if problem.offset is None else f"byte {problem.offset}: {problem.reason}"


def _noun(reason: str, count: int) -> str:
    """The reason for skipping something, as a noun that agrees with the count: `deletions` or `deletion`."""
    if reason.startswith("empty "):
        return f"{reason}s" if count > 1 else reason
    return _COUNTED.sub(r"\1", reason, count=1) if count == 1 else reason


@dataclass
class FileTally:
    """The result for one file, or one member of an archive.

    read: number of events; new: observations that the store did not have; refused: rows that are not valid
    observations; first, last: the range of last_seen.
    """

    name: str
    explicit: bool  # named on the command line, rather than found in a directory or an archive
    read: int = 0
    new: int = 0
    refused: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    first: datetime | None = None
    last: datetime | None = None
    clusters: set[str] = field(default_factory=set)

    @property
    def known(self) -> int:
        return self.read - self.new

    @property
    def is_empty(self) -> bool:
        """Whether it is an empty file or an empty list of events."""
        return bool(self.skipped) and all(reason.startswith("empty ") for reason in self.skipped)

    @property
    def note(self) -> str:
        """What was skipped: `3 deletions, 2 Pod`."""
        return ", ".join(f"{count:,} {_noun(reason, count)}" for reason, count in self.skipped.items())


@dataclass
class ImportReport:
    """The results for all files of an import, in the order in which they were read."""

    files: list[FileTally] = field(default_factory=list)

    @property
    def failed(self) -> list[FileTally]:
        return [file for file in self.files if file.problems]

    def listed(self) -> Iterator[FileTally]:
        """The files to list: those with events or problems, and those named on the command line."""
        return (file for file in self.files if file.read or file.problems or file.explicit)

    def total(self) -> FileTally:
        """The sum of all files."""
        total = FileTally("TOTAL", explicit=True)
        for file in self.files:
            total.read += file.read
            total.new += file.new
            total.skipped += file.skipped
            total.clusters |= file.clusters
            total.first = min(filter(None, (total.first, file.first)), default=None)
            total.last = max(filter(None, (total.last, file.last)), default=None)
        return total


_COLUMNS = (
    Column("file"),
    Column("events", Kind.NUMBER),
    Column("new", Kind.NUMBER),
    Column("known", Kind.NUMBER),
    Column("span", show=Show.DRAWN, label="TIME RANGE"),
    Column("first", Kind.TIME, Show.DATA),
    Column("last", Kind.TIME, Show.DATA),
    Column("clusters"),
    Column("skipped"),
    Column("problems", show=Show.DATA),
)


def summary(report: ImportReport, zone: tzinfo) -> Result:
    """The report as a table, with a row TOTAL if there are several files."""
    tallies = list(report.listed())
    if len(tallies) > 1:
        tallies.append(report.total())
    rows = [_row(tally, zone) for tally in tallies]
    return Result.of_rows(_COLUMNS, rows, empty="No files to import.")


def _row(tally: FileTally, zone: tzinfo) -> dict[str, object]:
    return {
        "file": tally.name,
        "events": tally.read,
        "new": tally.new,
        "known": tally.known,
        "span": span(tally.first, tally.last, zone),
        "first": tally.first,
        "last": tally.last,
        "clusters": ", ".join(sorted(tally.clusters)) or None,
        "skipped": tally.note or None,
        "problems": "; ".join(map(problem_text, tally.problems)) or None,
    }


def span(first: datetime | None, last: datetime | None, zone: tzinfo) -> str | None:
    """The time range in the zone: `2026-11-21 00:14:25 … 00:35:12`, with the second date only if it is another one."""
    if first is None or last is None:
        return None
    first, last = first.astimezone(zone), last.astimezone(zone)
    end = f"{last:%H:%M:%S}" if first.date() == last.date() else f"{last:%Y-%m-%d %H:%M:%S}"
    return f"{first:%Y-%m-%d %H:%M:%S} … {end}"
