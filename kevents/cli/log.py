"""The log of a long-running command: lines on standard error, as text or as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from kevents.record.messages import Level, LogMessage

if TYPE_CHECKING:
    from kevents.cli.terminal import Terminal


class Log:
    """Writes log lines to standard error, as text or as JSON."""

    def __init__(self, terminal: Terminal, now: Callable[[], datetime], *, is_json: bool) -> None:
        self._terminal = terminal
        self._now = now
        self._is_json = is_json

    def write_info(self, event: str, sentence: str) -> None:
        """Write a line at level info."""
        self.write(LogMessage(Level.INFO, event, sentence))

    @property
    def is_on_terminal(self) -> bool:
        """Whether a status line already shows the statistics."""
        return self._terminal.shows_progress

    def write(self, message: LogMessage, **fields: object) -> None:
        """Write a line. Only JSON lines have the fields."""
        time = self._now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        if self._is_json:
            text = {"event": message.event, "message": message.text}
            entry = {"time": time, "level": message.level.value, **text, **fields}
            self._terminal.note(json.dumps(entry, default=str))
        elif self._terminal.shows_progress:
            self._terminal.note(f"{time[11:19]} {message.text}")
        else:
            self._terminal.note(f"{time} {message.level.value:7} {message.text}")
