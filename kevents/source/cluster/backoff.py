"""The timing of list and watch requests, with the values of client-go's reflector, and the retry back-off."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Clock:
    """The wall clock, a monotonic clock, and random numbers between 0 and 1."""

    now: Callable[[], datetime]
    monotonic: Callable[[], float] = time.monotonic
    random: Callable[[], float] = random.random


@dataclass(frozen=True)
class Timing:
    """The page size, timeouts and waits of list and watch requests; times in seconds."""

    page_size: int = 500  # as client-go
    watch_timeout: tuple[int, int] = (60, 90)  # a random timeoutSeconds: a watch that ends shows that the server lives
    watch_margin: float = 15  # added to timeoutSeconds for the read timeout: a dead peer is noticed after 90 + 15
    short_watch: float = 1  # a watch that ends without a line before this time has failed
    first_wait: float = 0.8
    wait_factor: float = 2
    max_wait: float = 30
    reset_after: float = 120  # after this time without a failure, the back-off starts over
    max_retry_after: float = 60  # a longer Retry-After is cut to this, before jitter
    tolerated_gap: float = 5  # a shorter pause is not a gap if the watch continued, or a list followed at once
    verify_after: float = 300  # without an event for this long, check that the resource version is not in the future


@dataclass
class Backoff:
    """The wait after each failure in a row: 0.8 s, doubled each time, with client-go's full jitter."""

    timing: Timing
    clock: Clock
    attempt: int = 0
    _wait_end: float = field(default=0, init=False)

    def next(self, retry_after: float | None = None) -> float:
        """The seconds to wait before the next attempt. retry_after: the least, from the server's Retry-After header."""
        now = self.clock.monotonic()
        if self.attempt and now - self._wait_end > self.timing.reset_after:
            self.attempt = 0
        self.attempt += 1
        factor = self.timing.wait_factor ** min(self.attempt - 1, 16)
        random = self.clock.random()
        wait = min(self.timing.first_wait * factor * (1 + random), self.timing.max_wait)
        if retry_after:  # with jitter, because other clients were told the same
            wait = max(wait, min(retry_after, self.timing.max_retry_after) * (1 + random / 4))
        self._wait_end = now + wait
        return wait

    def reset(self) -> None:
        """Note progress: the next failure is the first one in a row again."""
        self.attempt = 0
