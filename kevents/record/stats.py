"""How a recording goes, in figures: for the status line, for the log, and for `kevents status`."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime

_OF_LATE = 10.0  # seconds that a rate is taken over


@dataclass
class RecorderStats:
    """What has happened so far.

    lag: seconds from the arrival of a observation to its being durable, the longest of late. counts: lines from the
    server that were no observations.
    """

    state: str = "starting"
    events: int = 0
    reconnects: int = 0
    gaps: int = 0
    last_contact: datetime | None = None
    last_error: str | None = None
    counts: Counter[str] = field(default_factory=Counter)
    _lags: deque[tuple[float, float]] = field(default_factory=deque)
    _marks: deque[tuple[float, int]] = field(default_factory=deque)

    def synced(self, monotonic: float, lag: float) -> None:
        """Take down that something became durable, so many seconds after it arrived."""
        self._lags.append((monotonic, lag))
        while self._lags[0][0] < monotonic - _OF_LATE:
            self._lags.popleft()

    def mark(self, monotonic: float) -> None:
        """Take down how many events there are at this moment, for the rate."""
        self._marks.append((monotonic, self.events))
        while len(self._marks) > 2 and self._marks[0][0] < monotonic - _OF_LATE:
            self._marks.popleft()

    @property
    def lag(self) -> float | None:
        return max((lag for _, lag in self._lags), default=None)

    @property
    def rate(self) -> float:
        """Events a second, of late."""
        if len(self._marks) < 2:
            return 0.0
        (since, before), (until, after) = self._marks[0], self._marks[-1]
        return (after - before) / (until - since) if until > since else 0.0
