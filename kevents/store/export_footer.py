"""The metadata in the footer of an exported Parquet file: its schema version, and the coverage of each cluster."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kevents.event.schema import SCHEMA
from kevents.store.coverage import Span

KEY = "kevents"  # of the key-value pair in the Parquet footer


@dataclass(frozen=True)
class Footer:
    """The metadata of an export. schema: the version that determines the columns. coverage: spans by cluster."""

    schema: int = SCHEMA
    coverage: Mapping[str, Sequence[Span]] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The footer as JSON."""
        coverage = {cluster: [span.entry for span in spans] for cluster, spans in self.coverage.items()}
        return json.dumps({"schema": self.schema, "coverage": coverage})

    @classmethod
    def read(cls, text: bytes) -> Footer:
        """Parse a footer. Raises ValueError if it is not valid."""
        try:
            entry = json.loads(text)
            coverage = {str(cluster): tuple(map(Span.of, spans)) for cluster, spans in entry["coverage"].items()}
            return cls(int(entry["schema"]), coverage)
        except (KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError(str(error)) from error
