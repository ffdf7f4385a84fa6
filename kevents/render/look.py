"""The display settings of a result, from the flags and the terminal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cached_property

from kevents.escape import encodable, escape

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DRAWN = "▏▎▍▌▋▊▉█▁▂▃▄▅▆▇▒▞░╳▚•·┈"


@dataclass(frozen=True)
class Look:
    """The settings that all formats share.

    width: cells per line; None for no limit. time: age, absolute, both or clock.
    ticking: returns the current time, for ages in a streamed result.
    full: do not truncate long text. dumb: the terminal cannot draw. is_terminal: the result is written to a terminal.
    bar: cells of the longest bar. stack: cells of the longest stacked bar. spark: characters of a sparkline.
    """

    now: datetime
    headers: bool = True
    wide: bool = False
    time: str = "age"
    zone: tzinfo = UTC
    csv_guard: bool = True
    color: bool = False
    width: int | None = None
    bar: int = 20
    stack: int = 60
    spark: int | None = None
    encoding: str = "utf-8"
    ticking: Callable[[], datetime] | None = None
    full: bool = True
    dumb: bool = False
    is_terminal: bool = False

    @property
    def moment(self) -> datetime:
        """The time that ages are relative to."""
        return self.ticking() if self.ticking else self.now

    @property
    def micros(self) -> int:
        """The same time in microseconds since 1970."""
        return _micros(self.ticking()) if self.ticking else self._now_micros

    @cached_property
    def _now_micros(self) -> int:
        return _micros(self.now)

    @cached_property
    def draws(self) -> bool:
        """Whether block characters can be used; not with an ASCII encoding."""
        return not self.dumb and _can_encode(self.encoding, _DRAWN)

    @cached_property
    def ellipsis(self) -> str:
        """The mark for truncated text."""
        return self.text("…")

    @cached_property
    def can_encode_all(self) -> bool:
        """Whether the encoding has all characters."""
        return _can_encode(self.encoding, "\U0001f680")

    def text(self, text: str) -> str:
        r"""Text from a cluster, escaped for the terminal. Characters that cannot be encoded become `\u4e2d`."""
        safe = escape(text)
        return safe if self.can_encode_all or safe.isascii() else encodable(safe, self.encoding)


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _can_encode(encoding: str, characters: str) -> bool:
    try:
        characters.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
