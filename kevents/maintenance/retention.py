"""Retention rules: how long observations are kept, and how large a store may become."""

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

EVERYTHING = SEVERITIES[-1]  # the lowest severity: keeping it keeps all events
NOTHING = ""


@dataclass(frozen=True)
class RetentionRules:
    """What to delete: days that ended longer ago than older_than, and the oldest days until max_size bytes are left.

    keep: by severity, how long events of at least this severity are kept.
    """

    older_than: timedelta | None = None
    max_size: int | None = None
    keep: Mapping[str, timedelta] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self.older_than is not None or self.max_size is not None

    def lowest_kept_severity(self, day: date, now: datetime) -> str:
        """The lowest severity to keep of a day: EVERYTHING if all events are kept, NOTHING if none are."""
        if self.older_than is None or not _ended_before(day, now - self.older_than):
            return EVERYTHING
        kept = [severity for severity, duration in self.keep.items() if not _ended_before(day, now - duration)]
        return max(kept, key=SEVERITIES.index, default=NOTHING)

    def to_json(self) -> str:
        """The rules as an argument of a worker process."""
        keep = {severity: duration.total_seconds() for severity, duration in self.keep.items()}
        older_than = self.older_than and self.older_than.total_seconds()
        return json.dumps({"older_than": older_than, "max_size": self.max_size, "keep": keep})

    @classmethod
    def from_json(cls, text: str) -> RetentionRules:
        """The rules from `to_json`."""
        entry = json.loads(text)
        older_than = entry["older_than"]
        keep = {severity: timedelta(seconds=seconds) for severity, seconds in entry["keep"].items()}
        return cls(None if older_than is None else timedelta(seconds=older_than), entry["max_size"], keep)


def _ended_before(day: date, moment: datetime) -> bool:
    return day < moment.date()


_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?", re.IGNORECASE)
_MIN_AGE = timedelta(days=1)


def retention_rules(older_than: str | None, max_size: str | None, keep_severity: Iterable[str]) -> RetentionRules:
    """The rules from the values of the command line flags. Raises UsageError if one is not valid."""
    age = clock.parse_duration(older_than) if older_than else None
    if age is not None and age < _MIN_AGE:
        raise UsageError(f"--older-than {older_than} is less than a day", "Pruning deletes full days: use 1d or more.")
    keep = dict(map(_parse_keep, keep_severity))
    if keep and age is None:
        raise UsageError("--keep-severity requires --older-than", "Add --older-than, such as --older-than 30d.")
    for severity, duration in keep.items():
        if age is not None and duration <= age:
            raise UsageError(f"--keep-severity {severity} must be longer than --older-than {older_than}")
    return RetentionRules(age, parse_size(max_size) if max_size else None, keep)


def parse_size(text: str) -> int:
    """The number of bytes: 20GB and 20G are 20,000,000,000; 20GiB and 20Gi are 20 * 1024**3."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise UsageError(f'cannot read "{text}" as a size', "Use a size such as 500MB, 20GB or 20GiB.")
    number, unit, binary = match.groups()
    return int(float(number) * (1024 if binary else 1000) ** (" kmgt".index(unit.lower()) if unit else 0))


def _parse_keep(text: str) -> tuple[str, timedelta]:
    severity, equals, duration = text.partition("=")
    if not equals:
        raise UsageError(
            f'cannot read "{text}" as a severity and a duration', "Use SEVERITY=DURATION, such as warning=365d."
        )
    if severity.lower() not in SEVERITIES:
        raise UsageError(f'unknown severity "{severity}"', hint(severity, SEVERITIES))
    return severity.lower(), clock.parse_duration(duration)
