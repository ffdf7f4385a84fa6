"""The control lines of a journal: a word and a JSON object, between the documents.

#checkpoint  everything of the scope up to this version is above
#covered     the scope was watched, or listed, from start to end
#gap         the scope was not watched from start to end
#counted     the number of objects from the server that were not observations, by type
#after       the first line of a file: number and size of the previous file
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime

from kevents.event.version import EventVersion
from kevents.store.coverage import Checkpoint, Span, State

WORDS = ("checkpoint", "covered", "gap", "counted", "after")

ControlLine = tuple[str, Mapping[str, object]]


def checkpoint(scope: str, resource_version: int, at: datetime, last_event: EventVersion | None = None) -> ControlLine:
    """Where the scope can resume. It is valid once everything written before it is durable."""
    return "checkpoint", {"scope": scope, **Checkpoint(resource_version, at, last_event).entry}


def span(covered: Span) -> ControlLine:
    """A watched or listed span, or a gap.

    A recorder writes a span per batch, from the end of the last one: spans that touch are joined. A list covers a
    single moment.
    """
    entry = {key: value for key, value in asdict(covered).items() if value is not None}
    times = {"start": covered.start.isoformat(), "end": covered.end.isoformat()}
    return "gap" if covered.state is State.GAP else "covered", entry | times


def counted(scope: str, counts: Mapping[str, int]) -> ControlLine:
    """The number of objects from the server that were not observations, by type."""
    return "counted", {"scope": scope, "counts": dict(counts)}


@dataclass(frozen=True, slots=True)
class PreviousFile:
    """The journal file before another: its number, and the size that was durable."""

    number: int
    size: int

    @property
    def control_line(self) -> ControlLine:
        """The first line of the next file."""
        return "after", asdict(self)

    @classmethod
    def parse(cls, head: bytes) -> PreviousFile | None:
        """Parse the first line of a journal file; None if it does not name a previous file."""
        word, _, entry = head.partition(b"\n")[0].partition(b" ")
        if word == b"#after":
            with suppress(ValueError, TypeError):
                return cls(**json.loads(entry))
        return None


def encode(word: str, entry: Mapping[str, object]) -> bytes:
    """The control line as bytes, with its line end."""
    return f"#{word} {json.dumps(entry)}\n".encode()


@dataclass
class ControlLineTotals:
    """The combined content of control lines."""

    checkpoints: dict[str, Checkpoint] = field(default_factory=dict)
    spans: list[Span] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, lines: Iterable[bytes]) -> ControlLineTotals:
        """The totals of these lines."""
        totals = cls()
        totals.add(lines)
        return totals

    def add(self, lines: Iterable[bytes]) -> None:
        """Add lines in their order. Lines of a newer kevents and unreadable lines are skipped."""
        for line in lines:
            word, _, entry = line[1:].partition(b" ")
            with suppress(ValueError):
                self.add_line(word.decode("ascii", "replace"), json.loads(entry))

    def add_line(self, word: str, entry: Mapping[str, object]) -> None:
        """Add one control line."""
        match word, entry:
            case "checkpoint", {"scope": str(scope), "resource_version": int(), "at": str()}:
                self.checkpoints[scope] = Checkpoint.of(entry)
            case "covered" | "gap", {"scope": str(scope), "state": str(state), "start": str(start), "end": str(end)}:
                details = (str(entry[key]) if key in entry else None for key in ("cause", "recovered", "detail"))
                since, until = datetime.fromisoformat(start), datetime.fromisoformat(end)
                self.spans.append(Span(scope, State(state), since, until, *details))
            case "counted", {"counts": dict(counts)}:
                self.counts.update(counts)
