"""Writes the answer to a request: the result, its notes, and an explanation if it is empty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from kevents.cli.output import write
from kevents.query.pattern import Pattern

if TYPE_CHECKING:
    from kevents.cli.request import Request
    from kevents.result import Result

_OLD = timedelta(hours=1)


def write_sql(request: Request, sql: str) -> None:
    """Write the SQL of a report, ready for `kevents query`."""
    from kevents.cli.terminal import encodable

    request.terminal.stdout.write(encodable(sql, request.terminal.stdout) + "\n")


def write_answer(request: Request, result: Result, names: Mapping[str, str] | None = None) -> None:
    """Write the result, and notes on why it may be empty, look old or be incomplete.

    names: of a report, the names in its own arguments, by type: {"image": "nginx"}.
    """
    rows = write(replace(result, empty=_empty(request, result), notes=[]), request.output, request.terminal)
    if not rows and request.is_for_people and _needs_explanation(request, result, is_report=names is not None):
        from kevents.cli.explain_empty import explain

        for sentence in explain(request, names or {}):
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

    now, zone = request.output.now, request.output.zone
    newest = request.store.newest
    if newest is None or now - newest < _OLD:
        return []
    return [
        f"Newest event: {clocks.age(now - newest)} ago ({clocks.absolute(newest, zone)}). Add --as-of last to make"
        " --since, 10:30 and ages relative to it."
    ]


def _needs_explanation(request: Request, result: Result, *, is_report: bool) -> bool:
    """Whether the filters may be the cause of an empty result: not if the command states a cause of its own."""
    from kevents.query.selection import Selection
    from kevents.query.user_sql import NO_ROWS
    from kevents.result import Result

    is_filtered = request.selection != Selection()
    is_unexplained = is_report or result.empty == Result.empty or (is_filtered and result.empty == NO_ROWS)
    return not request.store.is_bare and is_unexplained


def _empty(request: Request, result: Result) -> str:
    """The sentence for an empty result."""
    if request.store.is_bare:
        return f"The store in {request.store.directory} is empty: import a dump with kevents import FILE."
    namespaces = request.selection.namespaces
    is_one_namespace = len(namespaces) == 1 and not Pattern.parse(namespaces[0]).is_excluded
    if result.empty.startswith("No events found") and is_one_namespace:
        return f"No events found in {namespaces[0]} namespace."  # kubectl's words
    return result.empty
