"""The answer of an import: a line a file, and their sum."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

import pyarrow as pa

from kevents.ingest.tally import told
from kevents.result import Column, Kind, Result, Show

if TYPE_CHECKING:
    from kevents.ingest.tally import FileTally, ImportReport

_COLUMNS = (
    Column("file"),
    Column("events", Kind.NUMBER),
    Column("new", Kind.NUMBER),
    Column("known", Kind.NUMBER),
    Column("span", show=Show.DRAWN, label="LAST SEEN FROM … TO"),
    Column("first", Kind.TIME, Show.DATA),
    Column("last", Kind.TIME, Show.DATA),
    Column("clusters"),
    Column("skipped"),
    Column("problems", show=Show.DATA),
)
_TIME = pa.timestamp("us", tz="UTC")
_TYPES = {"events": pa.int64(), "new": pa.int64(), "known": pa.int64(), "first": _TIME, "last": _TIME}
_SCHEMA = pa.schema([(column.name, _TYPES.get(column.name, pa.string())) for column in _COLUMNS])


def summary(report: ImportReport, zone: tzinfo) -> Result:
    """What was read of each file, what was new, from when to when; with a last row TOTAL if there are several files."""
    tallies = list(report.shown())
    if len(tallies) > 1:
        tallies.append(report.total())
    rows = [_row(tally, zone) for tally in tallies]
    return Result(_COLUMNS, [pa.RecordBatch.from_pylist(rows, _SCHEMA)], empty="There were no files to read.")


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
        "problems": "; ".join(map(told, tally.problems)) or None,
    }


def span(first: datetime | None, last: datetime | None, zone: tzinfo) -> str | None:
    """From when to when, to the second, in the zone: `2026-11-21 00:14:25 … 00:35:12`; the day once if it is one."""
    if first is None or last is None:
        return None
    first, last = first.astimezone(zone), last.astimezone(zone)
    end = f"{last:%H:%M:%S}" if first.date() == last.date() else f"{last:%Y-%m-%d %H:%M:%S}"
    return f"{first:%Y-%m-%d %H:%M:%S} … {end}"
