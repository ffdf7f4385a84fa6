"""The numbers of a watch, after client-go's reflector, and its back-off."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Clock:
    """What time it is, on the wall and since some moment, and the luck of the draw between 0 and 1."""

    now: Callable[[], datetime]
    monotonic: Callable[[], float] = time.monotonic
    draw: Callable[[], float] = random.random


@dataclass(frozen=True)
class Pace:
    """How often, how long and how patiently a server is asked; times in seconds."""

    page: int = 500  # items a page, as client-go
    watch: tuple[int, int] = (60, 90)  # timeoutSeconds is drawn from here: with no bookmarks it is the liveness probe
    margin: float = 15  # how much longer than timeoutSeconds a server may say nothing: 90 + 15 for a dead peer at most
    brief: float = 1  # a watch shorter than this without a line is a failure
    first: float = 0.8
    factor: float = 2
    longest: float = 30
    healthy: float = 120  # after so long without a failure, waits begin again with the first
    longest_asked: float = 60  # what a Retry-After is cut to
    unnoticed: float = 5  # a pause up to this is no gap where the watch went on or a list followed at once
    doubt: float = 300  # how long a watch may bring nothing before a list is asked whether the version is in the future


@dataclass
class Backoff:
    """How long to wait after each failure in a row: 0.8 s, doubled each time, with client-go's full jitter."""

    pace: Pace
    clock: Clock
    attempt: int = 0
    _last: float = field(default=0, init=False)

    def next(self, asked: float | None = None) -> float:
        """The wait before the next try; asked: what the server's Retry-After says."""
        now = self.clock.monotonic()
        if self.attempt and now - self._last > self.pace.healthy:
            self.attempt = 0
        self.attempt += 1
        own = self.pace.first * self.pace.factor ** min(self.attempt - 1, 16) * (1 + self.clock.draw())
        wait = min(asked, self.pace.longest_asked) if asked else min(own, self.pace.longest)
        self._last = now + wait
        return wait
