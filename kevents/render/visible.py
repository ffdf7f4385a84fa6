"""Decides which columns of a result are shown: CLUSTER, for example, only if there is more than one cluster."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from kevents.result import Column, Result, Show

if TYPE_CHECKING:
    import pyarrow as pa


class VisibleColumns:
    """The visible columns of a result so far. In a streamed result, a second value can arrive at any time."""

    def __init__(self, result: Result, *, wide: bool) -> None:
        self._all = result.columns
        self._always = {Show.TABLE, Show.DRAWN} | ({Show.WIDE} if wide else set())
        self._seen: dict[str, set[Any]] = {c.name: set() for c in result.columns if c.show in {Show.VARIES, Show.ROOMY}}
        self._previous: tuple[Column, ...] | None = None

    @property
    def columns(self) -> tuple[Column, ...]:
        """The visible columns, in the result's order."""
        return tuple(c for c in self._all if c.show in self._always or len(self._seen.get(c.name, ())) > 1)

    def update(self, batch: pa.RecordBatch) -> bool:
        """Consider the values of a batch. Returns whether the columns changed, which is true for the first batch."""
        for name, seen in self._seen.items():
            if len(seen) < 2:
                values = batch.column(name).to_pylist()  # Arrow's unique() would import all functions, 30 ms
                seen.update(values[:1])
                seen.update(islice((value for value in values if value not in seen), 1))
        previous, self._previous = self._previous, self.columns
        return previous != self._previous
