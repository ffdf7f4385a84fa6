"""What verification found and repair did, a row for each finding."""

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


def findings(found: Iterable[Finding], empty: str) -> Result:
    """The findings. remedy: what a repair does about them."""
    return Result.of_rows(_COLUMNS, map(_row, found), empty=empty)


def amount(files: Sequence[StoreFile]) -> str:
    """How much the files are: `12 files with 1,200 observations`."""
    noun = "file" if len(files) == 1 else "files"
    return f"{len(files):,} {noun} with {sum(file.rows for file in files):,} observations"


def _row(one: Finding) -> dict[str, Any]:
    file = one.file
    return {
        "file": one.path,
        "cluster": one.cluster,
        "day": str(file.day or "none") if file else None,
        "observations": one.rows,
        "finding": one.problem,
        "first_seen": one.span and one.span[0],
        "last_seen": one.span and one.span[1],
        "remedy": one.remedy.value,
    }
