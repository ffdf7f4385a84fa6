"""A slice: observations in one Parquet file, with their cluster in a column and what they cover in its footer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kevents.event.schema import SCHEMA
from kevents.store.coverage import Span

KEY = "kevents"  # of the footer's key-value pair


@dataclass(frozen=True)
class Footer:
    """What a slice says of itself: which columns it has, and what it covers by cluster."""

    schema: int = SCHEMA
    coverage: Mapping[str, Sequence[Span]] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The footer as it is written."""
        coverage = {cluster: [span.entry for span in spans] for cluster, spans in self.coverage.items()}
        return json.dumps({"schema": self.schema, "coverage": coverage})

    @classmethod
    def read(cls, text: bytes) -> Footer:
        """The footer that the text is. Raises ValueError where it is none."""
        try:
            entry = json.loads(text)
            told = {str(cluster): tuple(map(Span.of, spans)) for cluster, spans in entry["coverage"].items()}
            return cls(int(entry["schema"]), told)
        except (KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError(str(error)) from error
