"""What is written of an answer: its rows, the notes that belong to it, and an explanation where it is empty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from kevents.cli.output import write

if TYPE_CHECKING:
    from kevents.cli.asking import Asking
    from kevents.result import Result

_OLD = timedelta(hours=1)


def write_sql(asking: Asking, sql: str) -> None:
    """Write the SQL that would be asked, for `kevents query`."""
    from kevents.cli.console import encodable

    asking.terminal.stdout.write(encodable(sql, asking.terminal.stdout) + "\n")


def write_answer(asking: Asking, result: Result, sought: Mapping[str, str] | None = None) -> None:
    """Write the answer, and say why it may be empty, look old or lack something.

    sought: names that it asks for beside the filters, by their sort: {"image": "nginx"}.
    """
    rows = write(replace(result, empty=_empty(asking, result), notes=[]), asking.output, asking.terminal)
    if not rows and asking.is_for_people and _may_be_narrow(asking, result):
        from kevents.cli.empty import why

        for sentence in why(asking, sought or {}):
            asking.terminal.note(f"  {sentence}")
    for note in (*result.notes, *(_notes(asking) if asking.is_for_people else ())):
        asking.terminal.note(note)


def _notes(asking: Asking) -> list[str]:
    return [*_coverage_notes(asking), *([] if asking.is_as_of else _age_note(asking))]


def _coverage_notes(asking: Asking) -> list[str]:
    if not (asking.selection.since or asking.selection.until):
        return []
    from kevents.report.coverage import missed

    return missed(asking.store.snapshot.coverage, asking.selection, asking.output.zone)


def _age_note(asking: Asking) -> list[str]:
    from kevents import clock as clocks

    now = asking.output.now
    newest = asking.store.newest
    if newest is None or now - newest < _OLD:
        return []
    return [f"The newest event of this store is {clocks.age(now - newest)} old: --as-of last counts ages from it."]


def _may_be_narrow(asking: Asking, result: Result) -> bool:
    """Whether the filters can be why there is nothing: not where a command says its own, or SQL has no filter."""
    from kevents.query.selection import Selection
    from kevents.query.user_sql import NO_ROWS
    from kevents.result import Result

    is_filtered = asking.selection != Selection()
    return not asking.store.is_bare and (result.empty == Result.empty or (is_filtered and result.empty == NO_ROWS))


def _empty(asking: Asking, result: Result) -> str:
    if asking.store.is_bare:
        return f"The store in {asking.store.folder} holds no events yet: kevents import FILE brings some."
    namespaces = asking.selection.namespaces
    if result.empty.startswith("No events found") and len(namespaces) == 1 and namespaces[0][0] != "!":
        return f"No events found in {namespaces[0]} namespace."  # kubectl's words
    return result.empty
