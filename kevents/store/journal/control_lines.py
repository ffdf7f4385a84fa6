"""The control lines of a journal: a word and what it tells, between the documents that it is true of.

#checkpoint  everything of the scope up to this version stands above
#covered     the scope was watched, or listed, from start to end
#gap         nobody watched the scope from start to end
#counted     lines from the server that were no observations, by what they were
#after       the first line of a file: which file came before it, and how long that was
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime

from kevents.store.coverage import Checkpoint, Span, State

WORDS = ("checkpoint", "covered", "gap", "counted", "after")

Note = tuple[str, Mapping[str, object]]


def checkpoint(scope: str, resource_version: int, at: datetime) -> Note:
    """Where the scope may go on, once everything noted and written before this is durable."""
    return "checkpoint", {"scope": scope, "resource_version": resource_version, "at": at.isoformat()}


def span(one: Span) -> Note:
    """What a span says: watched, listed, or a gap. Spans that touch join, so one a batch does: from the last one's end.

    A list covers its one moment.
    """
    entry = {key: value for key, value in asdict(one).items() if value is not None}
    times = {"start": one.start.isoformat(), "end": one.end.isoformat()}
    return "gap" if one.state is State.GAP else "covered", entry | times


def counted(scope: str, counts: Mapping[str, int]) -> Note:
    """What came from the server and was no observation."""
    return "counted", {"scope": scope, "counts": dict(counts)}


@dataclass(frozen=True, slots=True)
class Before:
    """The journal file before another: its number, and how many bytes of it were durable at least."""

    number: int
    size: int

    @property
    def note(self) -> Note:
        """What the file behind it begins with."""
        return "after", asdict(self)

    @classmethod
    def of(cls, beginning: bytes) -> Before | None:
        """What the beginning of a journal file tells of the one before it."""
        word, _, entry = beginning.partition(b"\n")[0].partition(b" ")
        if word == b"#after":
            with suppress(ValueError, TypeError):
                return cls(**json.loads(entry))
        return None


def line(word: str, entry: Mapping[str, object]) -> bytes:
    """The control line, with its end."""
    return f"#{word} {json.dumps(entry)}\n".encode()


@dataclass
class ControlLineTotals:
    """The sum of some control lines."""

    checkpoints: dict[str, Checkpoint] = field(default_factory=dict)
    spans: list[Span] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, lines: Iterable[bytes]) -> ControlLineTotals:
        """What the lines tell."""
        told = cls()
        told.add(lines)
        return told

    def add(self, lines: Iterable[bytes]) -> None:
        """Add what lines tell, in their order; what a newer kevents or a broken disk wrote there is passed over."""
        for one in lines:
            word, _, entry = one[1:].partition(b" ")
            with suppress(ValueError):
                self.take(word.decode("ascii", "replace"), json.loads(entry))

    def take(self, word: str, entry: Mapping[str, object]) -> None:
        """Add what one control line tells."""
        match word, entry:
            case "checkpoint", {"scope": str(scope), "resource_version": int(version), "at": str(at)}:
                self.checkpoints[scope] = Checkpoint(version, datetime.fromisoformat(at))
            case "covered" | "gap", {"scope": str(scope), "state": str(state), "start": str(start), "end": str(end)}:
                why = (str(entry[key]) if key in entry else None for key in ("cause", "recovered", "detail"))
                since, until = datetime.fromisoformat(start), datetime.fromisoformat(end)
                self.spans.append(Span(scope, State(state), since, until, *why))
            case "counted", {"counts": dict(counts)}:
                self.counts.update(counts)
