"""What became of each file of an import."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from kevents.source.dump.pieces import Problem


def told(problem: Problem) -> str:
    """The problem with its place in the file: `line 812: …`."""
    if problem.line is not None:
        return f"line {problem.line}: {problem.reason}"
    return problem.reason if problem.offset is None else f"byte {problem.offset}: {problem.reason}"


def _plural(reason: str, count: int) -> str:
    return f"{reason}s" if count > 1 and reason.startswith("empty ") else reason


@dataclass
class FileTally:
    """One file, or one member of an archive: what was read of it and what came of that.

    read: events; new: observations that the store did not have; refused: rows that are no observations; first, last:
    the span of last_seen.
    """

    name: str
    explicit: bool  # named on the command line, not found in a folder or an archive
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
        """Whether it is a list or a file without anything in it: no events, and nothing wrong."""
        return bool(self.skipped) and all(reason.startswith("empty ") for reason in self.skipped)

    @property
    def note(self) -> str:
        """What was skipped, in words: `3 deletions, 2 Pod documents`."""
        return ", ".join(f"{count:,} {_plural(reason, count)}" for reason, count in self.skipped.items())


@dataclass
class ImportReport:
    """All files of an import, in the order in which they were read."""

    files: list[FileTally] = field(default_factory=list)

    @property
    def failed(self) -> list[FileTally]:
        return [file for file in self.files if file.problems]

    def shown(self) -> Iterator[FileTally]:
        """The files worth a line: those with events or problems, and those the user named."""
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
