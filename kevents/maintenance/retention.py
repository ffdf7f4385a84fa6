"""How long what is kept: the rules of pruning."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from kevents import clock
from kevents.errors import UsageError
from kevents.event.severity import SEVERITIES
from kevents.suggest import hint

ALL = SEVERITIES[-1]  # the lowest severity: who keeps it keeps everything
NOTHING = ""


@dataclass(frozen=True)
class Rules:
    """What is pruned. older_than: days that ended longer ago; max_size: the oldest days until no more bytes are left.

    keep: severities that stay longer than older_than says, each with what is worse.
    """

    older_than: timedelta | None = None
    max_size: int | None = None
    keep: Mapping[str, timedelta] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self.older_than is not None or self.max_size is not None

    def least(self, day: date, now: datetime) -> str:
        """The lowest severity that is kept of a day, ALL or NOTHING among them."""
        if self.older_than is None or not _ended_before(day, now - self.older_than):
            return ALL
        kept = [severity for severity, span in self.keep.items() if not _ended_before(day, now - span)]
        return max(kept, key=SEVERITIES.index, default=NOTHING)

    def written(self) -> str:
        """As text, for another process."""
        keep = {severity: span.total_seconds() for severity, span in self.keep.items()}
        age = self.older_than and self.older_than.total_seconds()
        return json.dumps({"older_than": age, "max_size": self.max_size, "keep": keep})

    @classmethod
    def read(cls, text: str) -> Rules:
        """The rules that `written` gave."""
        told = json.loads(text)
        age = told["older_than"]
        keep = {severity: timedelta(seconds=seconds) for severity, seconds in told["keep"].items()}
        return cls(None if age is None else timedelta(seconds=age), told["max_size"], keep)


def _ended_before(day: date, moment: datetime) -> bool:
    return day < moment.date()


_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?", re.IGNORECASE)
_LEAST = timedelta(days=1)  # what is pruned is whole days


def rules(older_than: str | None, max_size: str | None, keep_severity: Iterable[str]) -> Rules:
    """The rules that the flags of those names say; every mistake in them is a UsageError."""
    age = clock.parse_duration(older_than) if older_than else None
    if age is not None and age < _LEAST:
        raise UsageError(f"--older-than {older_than} is less than a day", "Whole days are pruned: 1d or more.")
    keep = dict(map(_kept, keep_severity))
    if keep and age is None:
        raise UsageError("--keep-severity says what stays longer than --older-than", "Give --older-than as well.")
    for severity, span in keep.items():
        if age is not None and span <= age:
            raise UsageError(f"--keep-severity {severity} stays no longer than --older-than {older_than} says")
    return Rules(age, parse_size(max_size) if max_size else None, keep)


def parse_size(text: str) -> int:
    """The bytes that a user means: 20GB and 20G are 20 000 000 000, 20GiB and 20Gi are 20 times 1024 three times."""
    said = _SIZE.fullmatch(text.strip())
    if said is None:
        raise UsageError(f'cannot read "{text}" as a size', "Such as 500MB, 20GB or 20GiB.")
    number, unit, binary = said.groups()
    return int(float(number) * (1024 if binary else 1000) ** (" kmgt".index(unit.lower()) if unit else 0))


def _kept(text: str) -> tuple[str, timedelta]:
    severity, equals, span = text.partition("=")
    if not equals:
        raise UsageError(f'cannot read "{text}" as a severity and a time', "Such as warning=365d.")
    if severity.lower() not in SEVERITIES:
        raise UsageError(f'there is no severity "{severity}"', hint(severity, SEVERITIES))
    return severity.lower(), clock.parse_duration(span)
