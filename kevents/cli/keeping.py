"""Upkeep beside a recorder, as its log and `kevents status` tell of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from kevents.record.messages import Level, Told

if TYPE_CHECKING:
    from pathlib import Path

    from kevents.cli.log import Log
    from kevents.cli.retention import RetentionFlags
    from kevents.maintenance.retention import Rules
    from kevents.maintenance.round_result import Outcome


@dataclass
class Keeping:
    """What a recorder keeps, also in the words of its flags, and how the last round went. at: when it ended."""

    rules: Rules
    words: str
    at: datetime | None = None
    failure: str | None = None
    _said: set[str] = field(default_factory=set)  # of what goes on being wrong

    @classmethod
    def of(cls, flags: RetentionFlags) -> Keeping:
        """What the flags say: `120d, warning=365d, at most 20GB`."""
        from kevents.cli.retention import rules_of

        size = f"at most {flags.max_size}" if flags.max_size else ""
        words = ", ".join(filter(None, (flags.older_than, *(flags.keep_severity or ()), size)))
        return cls(rules_of(flags), words or "everything")

    def ended(self, outcome: Outcome, at: datetime) -> list[Told]:
        """Take down how a round went; what there is to say, and of what goes on being wrong only when it begins."""
        self.at, self.failure = at, "; ".join(outcome.failures) or None
        wrong = _wrong(outcome)
        new = [told for told in wrong if told.event not in self._said]
        self._said = {told.event for told in wrong}
        failed = [
            Told(Level.WARNING, "upkeep", f"the store could not be compacted or pruned: {failure}")
            for failure in outcome.failures
        ]
        return [*_done(outcome), *new, *failed]


@contextmanager
def upkept(
    folder: Path, cluster: str, keeping: Keeping, log: Log, now: Callable[[], datetime], *, at_end: bool = False
) -> Iterator[Callable[[], None]]:
    """The upkeep of a cluster in a store: to be called about once a second. at_end: there is a round at the end."""
    from kevents.maintenance.background import Beside

    def ended(outcome: Outcome) -> None:
        for told in keeping.ended(outcome, now()):
            log.say(told)

    beside = Beside(folder, cluster, keeping.rules, now, ended)
    try:
        yield beside.look
        if at_end:
            beside.finish()
    finally:
        beside.close()


def _done(outcome: Outcome) -> Iterator[Told]:
    from kevents.render.units import size

    if outcome.days:
        first, last = outcome.days[0], outcome.days[-1]
        of = first if first == last else f"{len(outcome.days):,} days from {first} to {last}"
        gone = f"{outcome.observations:,} observations ({size(outcome.bytes)}) of {of}"
        yield Told(Level.INFO, "pruned", f"pruned {gone}")
    if outcome.merged:
        made = f"{outcome.made:,} large one{'' if outcome.made == 1 else 's'}"
        yield Told(Level.INFO, "compacted", f"compacted {outcome.merged:,} small files into {made}")


def _wrong(outcome: Outcome) -> list[Told]:
    from kevents.render.units import size

    told = []
    if outcome.excess:
        why = "what is left is of today or has no usable time, which is never pruned"
        told.append(("excess", f"the cluster takes {size(outcome.excess)} more than --max-size: {why}"))
    if outcome.damaged:
        files = "1 file is" if outcome.damaged == 1 else f"{outcome.damaged:,} files are"
        told.append(("damaged", f"{files} damaged and neither compacted nor pruned: see kevents store verify"))
    return [Told(Level.WARNING, *one) for one in told]
