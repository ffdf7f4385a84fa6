"""The findings of store verify and store repair, one row per finding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from kevents.result import Column, Kind, Result, Show

if TYPE_CHECKING:
    from kevents.store.catalog import StoreFile
    from kevents.store.integrity.verify import Finding

_COLUMNS = (
    Column("file"),
    Column("cluster"),
    Column("day"),
    Column("observations", Kind.NUMBER),
    Column("finding"),
    Column("first_seen", Kind.TIME, label="FROM"),
    Column("last_seen", Kind.TIME, label="TO"),
    Column("remedy", show=Show.WIDE),
)


def findings(rows: Iterable[Finding], empty: str) -> Result:
    """The findings as a table. remedy: what a repair does about a finding."""
    return Result.of_rows(_COLUMNS, map(_row, rows), empty=empty)


def totals(files: Sequence[StoreFile]) -> str:
    """The number of files and observations: `12 files, 1,200 observations`."""
    observations = sum(file.rows for file in files)
    return f"{_plural(len(files), 'file')}, {_plural(observations, 'observation')}"


def _plural(amount: int, noun: str) -> str:
    return f"{amount:,} {noun}" + ("" if amount == 1 else "s")


def _row(finding: Finding) -> dict[str, Any]:
    file = finding.file
    return {
        "file": finding.path,
        "cluster": finding.cluster,
        "day": str(file.day or "none") if file else None,
        "observations": finding.rows,
        "finding": finding.problem,
        "first_seen": finding.span and finding.span[0],
        "last_seen": finding.span and finding.span[1],
        "remedy": finding.remedy.value,
    }
