"""What a round of upkeep did, in figures that go from its process to the recorder's."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field


@dataclass
class RoundResult:
    """What changed.

    days: those that were pruned, by so many observations and bytes; excess: the bytes that the rest takes more than it
    may. merged: small files that became so many large ones (made). damaged: files left as they are. failures: why
    something could not be done; the next round tries again.
    """

    days: list[str] = field(default_factory=list)
    observations: int = 0
    bytes: int = 0
    excess: int = 0
    merged: int = 0
    made: int = 0
    damaged: int = 0
    failures: list[str] = field(default_factory=list)

    def written(self) -> str:
        """As text, for another process."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> RoundResult:
        """The outcome that `written` gave."""
        return cls(**json.loads(text))
