"""Runs SQL and commands for the prompt. Each query reads the current store and uses the flags of the session."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import ceil
from typing import TYPE_CHECKING

from kevents import clock
from kevents.cli.answer import write_answer
from kevents.cli.output import output_of, write, zone_of
from kevents.cli.request import Request
from kevents.errors import OutOfMemoryError, UsageError
from kevents.query.errors import out_of_memory
from kevents.query.memory import limited, memory_limit
from kevents.query.user_sql import RowOptions, answer
from kevents.query.view_docs import FUNCTIONS, VIEWS
from kevents.result import Column, Result
from kevents.suggest import hint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kevents.cli.flags import QueryFlags
    from kevents.cli.terminal import Terminal
    from kevents.errors import KeventsError
    from kevents.query.statement import Parameters


@dataclass(frozen=True)
class PromptCommands:
    """Runs SQL and the commands of the prompt, and writes the results to a terminal."""

    terminal: Terminal
    flags: QueryFlags
    parameters: Parameters
    memory: int = field(default_factory=memory_limit)  # in bytes

    def sql(self, text: str, output: str | None = None) -> None:
        """Run SQL. output: the format; if None, that of the flags."""
        flags = self.flags
        output_flags = replace(flags.output, output=output or flags.output.output)
        request = Request.of(self.terminal, replace(flags, output=output_flags), time="absolute")
        rows = RowOptions(flags.rows.sort_by, flags.rows.limit)
        try:
            with limited(self.memory):
                engine = request.store.engine(request.selection, request.output.now, self.memory)
                write_answer(request, answer(engine, text, self.parameters, rows, is_capped=request.is_capped))
        except (MemoryError, OutOfMemoryError) as error:
            sentence = error if isinstance(error, OutOfMemoryError) else out_of_memory()
            higher = ceil(2 * self.memory / 1e9)
            raise OutOfMemoryError(
                str(sentence),
                f"The limit is {self.memory / 1e9:.3g}GB. Raise it, such as --memory-limit {higher}GB, or use filters.",
            ) from error

    def schema(self) -> None:
        """Write the views with their columns, and the functions."""
        rows = [
            row
            for view in VIEWS
            for row in ((view.name, None, None, view.meaning), *((view.name, *field) for field in view.columns))
        ]
        rows += [("(function)", *function) for function in FUNCTIONS]
        self._write(("view", "column", "type", "meaning"), rows)

    def views(self) -> None:
        """Write the views."""
        self._write(("view", "meaning"), [(view.name, view.meaning) for view in VIEWS])

    def view(self, name: str) -> None:
        """Write the columns of a view."""
        views = {view.name: view for view in VIEWS}
        if name not in views:
            raise UsageError(f'unknown view "{name}"', hint(name, views))
        self._write(("column", "type", "meaning"), views[name].columns)

    def functions(self) -> None:
        """Write the functions."""
        self._write(("function", "type", "meaning"), FUNCTIONS)

    def note(self, text: str) -> None:
        """Write a note."""
        self.terminal.note(text)

    def fail(self, error: KeventsError) -> None:
        """Write an error and its hint."""
        self.terminal.fail(error)

    def _write(self, names: tuple[str, ...], rows: Sequence[tuple[str | None, ...]]) -> None:
        result = Result.of_rows(tuple(map(Column, names)), [dict(zip(names, row, strict=True)) for row in rows])
        flags = self.flags
        write(result, output_of(flags.output, self.terminal, clock.now(), zone_of(flags.clock)), self.terminal)
