"""Which columns people see: a CLUSTER column says something only where there are two clusters."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from kevents.result import Column, Result, Show

if TYPE_CHECKING:
    import pyarrow as pa


class Visible:
    """The visible columns of a result so far. In a result that never ends a second value may come at any time."""

    def __init__(self, result: Result, *, wide: bool) -> None:
        self._all = result.columns
        self._shown = {Show.TABLE, Show.DRAWN} | ({Show.WIDE} if wide else set())
        self._seen: dict[str, set[Any]] = {c.name: set() for c in result.columns if c.show in {Show.VARIES, Show.ROOMY}}
        self._known: tuple[Column, ...] | None = None

    @property
    def columns(self) -> tuple[Column, ...]:
        """Columns of people's formats, in the result's order."""
        return tuple(c for c in self._all if c.show in self._shown or len(self._seen.get(c.name, ())) > 1)

    def grows_with(self, batch: pa.RecordBatch) -> bool:
        """Whether the batch changes the columns, as the first one always does."""
        for name, seen in self._seen.items():
            if len(seen) < 2:
                found = batch.column(name).to_pylist()  # Arrow's unique() waits 30 ms for all its functions
                seen.update(found[:1])
                seen.update(islice((value for value in found if value not in seen), 1))
        before, self._known = self._known, self.columns
        return before != self._known
