"""What is written of an answer: its rows, the notes that belong to it, and an explanation where it is empty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from kevents.cli.output import write

if TYPE_CHECKING:
    from kevents.cli.request import Request
    from kevents.result import Result

_OLD = timedelta(hours=1)


def write_sql(request: Request, sql: str) -> None:
    """Write the SQL that would be asked, for `kevents query`."""
    from kevents.cli.terminal import encodable

    request.terminal.stdout.write(encodable(sql, request.terminal.stdout) + "\n")


def write_answer(request: Request, result: Result, names: Mapping[str, str] | None = None) -> None:
    """Write the answer, and say why it may be empty, look old or lack something.

    names: for a report, the names in its own argument and flags, by type: {"image": "nginx"}.
    """
    rows = write(replace(result, empty=_empty(request, result), notes=[]), request.output, request.terminal)
    if not rows and request.is_for_people and _may_be_narrow(request, result, is_report=names is not None):
        from kevents.cli.explain_empty import why

        for sentence in why(request, names or {}):
            request.terminal.note(f"  {sentence}")
    for note in (*result.notes, *(_notes(request) if request.is_for_people else ())):
        request.terminal.note(note)


def _notes(request: Request) -> list[str]:
    return [*_coverage_notes(request), *([] if request.is_as_of else _age_note(request))]


def _coverage_notes(request: Request) -> list[str]:
    if not (request.selection.since or request.selection.until):
        return []
    from kevents.report.coverage import coverage_notes

    return coverage_notes(request.store.snapshot.coverage, request.selection, request.output.zone)


def _age_note(request: Request) -> list[str]:
    from kevents import clock as clocks

    now = request.output.now
    newest = request.store.newest
    if newest is None or now - newest < _OLD:
        return []
    return [f"The newest event of this store is {clocks.age(now - newest)} old: --as-of last counts ages from it."]


def _may_be_narrow(request: Request, result: Result, *, is_report: bool) -> bool:
    """Whether the filters can be why there is nothing: not where a command says its own, or SQL has no filter."""
    from kevents.query.selection import Selection
    from kevents.query.user_sql import NO_ROWS
    from kevents.result import Result

    is_filtered = request.selection != Selection()
    is_unexplained = is_report or result.empty == Result.empty or (is_filtered and result.empty == NO_ROWS)
    return not request.store.is_bare and is_unexplained


def _empty(request: Request, result: Result) -> str:
    if request.store.is_bare:
        return f"The store in {request.store.directory} holds no events yet: kevents import FILE brings some."
    namespaces = request.selection.namespaces
    if result.empty.startswith("No events found") and len(namespaces) == 1 and namespaces[0][0] != "!":
        return f"No events found in {namespaces[0]} namespace."  # kubectl's words
    return result.empty
