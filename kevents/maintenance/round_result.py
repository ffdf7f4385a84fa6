"""The result of a round of maintenance, which the worker process passes to the recorder."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field


@dataclass
class RoundResult:
    """What a round changed.

    days, observations, bytes: what was pruned. excess: the bytes over the size limit that remain. merged, made: how
    many small files were merged, into how many large ones. damaged: the number of files that were skipped. failures:
    why steps failed; the next round tries again.
    """

    days: list[str] = field(default_factory=list)
    observations: int = 0
    bytes: int = 0
    excess: int = 0
    merged: int = 0
    made: int = 0
    damaged: int = 0
    failures: list[str] = field(default_factory=list)

    def to_json(self) -> str:
        """The result as the output of the worker process."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> RoundResult:
        """The result from `to_json`."""
        return cls(**json.loads(text))
