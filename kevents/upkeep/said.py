"""The rules of pruning as users say them: 120d, 20GB, warning=365d."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta

from kevents import clock
from kevents.errors import UsageError
from kevents.event.severity import SEVERITIES
from kevents.suggest import hint
from kevents.upkeep.rules import Rules

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
