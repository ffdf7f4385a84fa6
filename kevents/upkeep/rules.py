"""How long what is kept: the rules of pruning."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from kevents.event.severity import SEVERITIES

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
