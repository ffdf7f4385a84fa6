"""How a result should look: what the flags and the place it goes to decide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cached_property

from kevents.escape import encodable, escape

TIME_FORMATS = ("age", "absolute", "both", "clock")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DRAWN = "▏▎▍▌▋▊▉█▁▂▃▄▅▆▇▒▞░╳▚•·┈"


@dataclass(frozen=True)
class Look:
    """The choices that formats share.

    width: cells of a line that a row is fitted into; None fits nothing. time: age, absolute, both or clock.
    ticking: what time it is while an answer goes on, for its ages.
    full: long texts are shown to their end. dumb: the terminal shows letters and nothing else.
    bar: cells of the longest bar, stack of the longest with segments. spark: characters of a sparkline.
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

    @property
    def moment(self) -> datetime:
        """What ages are counted from."""
        return self.ticking() if self.ticking else self.now

    @property
    def micros(self) -> int:
        """The same in microseconds since 1970."""
        return _micros(self.ticking()) if self.ticking else self._now_micros

    @cached_property
    def _now_micros(self) -> int:
        return _micros(self.now)

    @cached_property
    def draws(self) -> bool:
        """Whether bars and sparklines can be drawn; under an ASCII standard output they cannot."""
        return not self.dumb and _holds(self.encoding, _DRAWN)

    @cached_property
    def ellipsis(self) -> str:
        """What stands for the rest of a text."""
        return self.text("…")

    @cached_property
    def holds_all(self) -> bool:
        """Whether the encoding has every character."""
        return _holds(self.encoding, "\U0001f680")

    def text(self, text: str) -> str:
        r"""Text of a cluster, harmless and encodable: `\u4e2d` for what the encoding does not hold."""
        safe = escape(text)
        return safe if self.holds_all or safe.isascii() else encodable(safe, self.encoding)


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _holds(encoding: str, characters: str) -> bool:
    try:
        characters.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
