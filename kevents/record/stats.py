"""Statistics of a running recorder, for the status line, the log and `kevents status`."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime

_WINDOW = 10.0  # seconds over which rate and lag are measured


@dataclass
class RecorderStats:
    """Statistics since the start of the recorder.

    counts: lines from the server that were not observations, by type.
    """

    state: str = "starting"
    events: int = 0
    reconnects: int = 0
    gaps: int = 0
    last_contact: datetime | None = None
    last_error: str | None = None
    sealing_error: str | None = None  # of the last attempt
    counts: Counter[str] = field(default_factory=Counter)
    _lags: deque[tuple[float, float]] = field(default_factory=deque)
    _samples: deque[tuple[float, int]] = field(default_factory=deque)

    def add_lag(self, monotonic: float, lag: float) -> None:
        """Note a sync. lag: seconds from the arrival of the oldest observation in it."""
        self._lags.append((monotonic, lag))
        while self._lags[0][0] < monotonic - _WINDOW:
            self._lags.popleft()

    def sample_events(self, monotonic: float) -> None:
        """Note the current number of events, from which the rate is calculated."""
        self._samples.append((monotonic, self.events))
        while len(self._samples) > 2 and self._samples[0][0] < monotonic - _WINDOW:
            self._samples.popleft()

    @property
    def lag(self) -> float | None:
        """The longest lag of the recent syncs, in seconds."""
        return max((lag for _, lag in self._lags), default=None)

    @property
    def rate(self) -> float:
        """Recent events per second."""
        if len(self._samples) < 2:
            return 0.0
        (start, before), (end, after) = self._samples[0], self._samples[-1]
        return (after - before) / (end - start) if end > start else 0.0
