"""The log of a process that goes on: lines on standard error, as text or as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from kevents.record.messages import Level, Told

if TYPE_CHECKING:
    from kevents.cli.console import Terminal


class Log:
    """Lines on standard error, as text or as JSON."""

    def __init__(self, terminal: Terminal, now: Callable[[], datetime], *, is_json: bool) -> None:
        self._terminal = terminal
        self._now = now
        self._is_json = is_json

    def usual(self, event: str, sentence: str) -> None:
        """Write a line about something usual."""
        self.say(Told(Level.INFO, event, sentence))

    @property
    def is_on_terminal(self) -> bool:
        """Whether there is a line that shows the figures already."""
        return self._terminal.shows_progress

    def say(self, told: Told, **more: object) -> None:
        """Write a line; `more` goes into the JSON beside the sentence."""
        time = self._now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        if self._is_json:
            entry = {"time": time, "level": told.level.value, "event": told.event, "message": told.sentence, **more}
            self._terminal.note(json.dumps(entry, default=str))
        elif self._terminal.shows_progress:
            self._terminal.note(f"{time[11:19]} {told.sentence}")
        else:
            self._terminal.note(f"{time} {told.level.value:7} {told.sentence}")
