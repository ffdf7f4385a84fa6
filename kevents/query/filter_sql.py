"""A selection as SQL: temporary macros that the views call, with every value bound as a variable.

DuckDB inlines the macros and folds the variables to constants before it plans the scan, so `namespace = 'payments'` is
pushed down to the Parquet files. A list compared with `= ANY` would not be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from kevents.duck import Connection, pattern_fault
from kevents.errors import UsageError
from kevents.event.severity import SEVERITIES, levels_at_least
from kevents.query.kinds import parse_kind
from kevents.query.pattern import Pattern, are_exact, excluded, included
from kevents.query.selection import Selection, split_object
from kevents.query.statement import literal

_MAX_COMPARED = 20  # objects that are compared one by one


def create_macros(connection: Connection, selection: Selection, now: datetime) -> None:
    """Create the macros that depend on the selection: its filters, its time window and the current time."""
    if fault := pattern_fault([Pattern.parse(grep).text for grep in selection.greps]):
        raise UsageError(f"invalid --grep pattern {fault}", "Patterns use RE2 syntax.")
    bind = _Binder(connection)
    last = selection.until and selection.until - timedelta.resolution
    since, until, last_moment = (f"{bind(moment)}::TIMESTAMPTZ" for moment in (selection.since, selection.until, last))
    in_window, in_window_days = ["true"], ["true"]
    if selection.since:
        in_window.append(f"moment >= {since}")
        in_window_days.append(f"date >= {since}::DATE")
    if selection.until:
        in_window.append(f"moment < {until}")
        in_window_days.append(f"date <= {last_moment}::DATE")
    for macro in (
        "event_matches(cluster, namespace, kind, name, object_name, object, reason, api_version, component, node) AS "
        f"({_all(_event_conditions(selection, bind))})",
        'observation_matches("type", message, "count", severity, category) AS '
        f"({_all(_observation_conditions(selection, bind))})",
        f"in_window(moment) AS ({_all(in_window)})",
        # files of events without a usable time have no day
        f"in_window_days(date) AS (date IS NULL OR ({_all(in_window_days)}))",
        f"window_start() AS {since}",
        f"window_end() AS {until}",
        f"window_last() AS {last_moment}",
        f"as_of() AS {bind(now)}::TIMESTAMPTZ",
        f"severity_levels() AS {literal(list(reversed(SEVERITIES)))}",
    ):
        connection.execute(f"CREATE TEMP MACRO {macro}")


def candidate_rows(selection: Selection) -> str:
    """SQL for the rows of stored.rows that can belong to the objects that the selection names.

    Only a plain comparison with the files' column skips files without such a name: it is ten times as fast as a
    comparison combined with `OR`.
    """
    objects = [split_object(pattern.text)[1] for pattern in included(selection.objects)]
    names = [Pattern(name) for name in objects] or included(selection.names)
    if not 0 < len(names) <= _MAX_COMPARED or any(name.is_wildcard for name in names):
        return "FROM stored.rows"
    name_list = ", ".join(literal(name.text) for name in names)
    return f"FROM stored.rows WHERE name IN ({name_list}) UNION ALL FROM stored.rows WHERE name IS NULL"


class _Binder:
    """Stores each value in a session variable and returns the expression that reads it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._count = 0

    def __call__(self, value: object) -> str:
        variable = f"selection_{self._count}"
        self._count += 1
        self._connection.execute(f"SET VARIABLE {variable} = $1", [value])
        return f"getvariable('{variable}')"


def _event_conditions(selection: Selection, bind: _Binder) -> list[str]:
    """Conditions on values that never change for an event; they can be applied before counts are subtracted."""
    return [
        *_matches("cluster", selection.clusters, bind),
        *_matches("namespace", selection.namespaces, bind),
        *_conditions(selection.kinds, lambda kind: _is_kind(kind.text, bind)),
        *_name_in_files(selection.names, bind),
        *_matches("object_name", selection.names, bind),
        *_objects(selection.objects, bind),
        *_matches("reason", selection.reasons, bind, ignore_case=True),
        *_matches("component", selection.components, bind),
        *_matches("node", selection.nodes, bind),
    ]


def _observation_conditions(selection: Selection, bind: _Binder) -> list[str]:
    """Conditions on values that can change between the observations of an event."""
    conditions = [
        *_matches('"type"', selection.types, bind, ignore_case=True),
        *_conditions(selection.severities, _has_severity),
        *_matches("category", selection.categories, bind, ignore_case=True),
        *_conditions(selection.greps, lambda grep: f"regexp_matches(message, {bind(grep.text)})"),
    ]
    if selection.min_count is not None:
        conditions.append(f'"count" >= {bind(selection.min_count)}')
    return conditions


def _matches(column: str, values: Iterable[str], bind: _Binder, *, ignore_case: bool = False) -> list[str]:
    """Conditions that a column matches one of the included values and none of the excluded ones."""
    return _conditions(values, lambda pattern: _equals(column, pattern.text, bind, ignore_case=ignore_case))


def _conditions(values: Iterable[str], condition: Callable[[Pattern], str]) -> list[str]:
    """Conditions that one of the included values holds and none of the excluded ones."""
    values = tuple(values)
    holds = [condition(pattern) for pattern in included(values)]
    fails = [f"({condition(pattern)}) IS NOT TRUE" for pattern in excluded(values)]
    return ([_any(holds)] if holds else []) + fails


def _equals(column: str, text: str, bind: _Binder, *, ignore_case: bool = False) -> str:
    """The complete value matches: web-1 does not select web-15. Only `*` is a wildcard."""
    pattern = Pattern(text)
    if pattern.is_wildcard:
        return f"{column} {'ILIKE' if ignore_case else 'LIKE'} {bind(pattern.like)} ESCAPE '\\'"
    return f"lower({column}) = {bind(text.lower())}" if ignore_case else f"{column} = {bind(text)}"


def _name_in_files(names: Sequence[str], bind: _Binder) -> list[str]:
    """The condition on the name, for the column of the files: only there can it skip most of them."""
    conditions = [_equals("name", name.text, bind) for name in included(names)]
    return [_any([*conditions, "name IS NULL"])] if conditions else []


def _is_kind(typed: str, bind: _Binder) -> str:
    kind, group, is_known = parse_kind(typed)
    condition = _equals("kind", kind, bind, ignore_case=not is_known)
    if group is None:
        return condition
    # apiVersion is often missing, for example on events of nodes
    return f"({condition} AND (api_version IS NULL OR split_part(api_version, '/', 1) = {bind(group)}))"


def _objects(objects: Sequence[str], bind: _Binder) -> list[str]:
    """Conditions on the object. A long list, such as an object with its relatives, is looked up in a list."""
    if len(objects) <= _MAX_COMPARED or not are_exact(objects):
        return _conditions(objects, lambda pattern: _is_object(pattern.text, bind))
    pairs = [split_object(text) for text in objects]
    labels = [f"{parse_kind(kind).kind}/{name}" for kind, name in pairs]
    names = [name for _, name in pairs]
    return [
        f"(name BETWEEN {bind(min(names))} AND {bind(max(names))} OR name IS NULL)",
        f"object IN (SELECT unnest({bind(labels)}))",
    ]


def _is_object(text: str, bind: _Binder) -> str:
    kind, name = split_object(text)
    return f"({_is_kind(kind, bind)} AND {_equals('object_name', name, bind)})"


def _has_severity(pattern: Pattern) -> str:
    """`warning` is that level or worse; `=warning` is only that level, and so is what `!warning` excludes."""
    level = pattern.text.removeprefix("=").lower()
    is_single = pattern.is_excluded or pattern.text.startswith("=")
    levels = (level,) if is_single else levels_at_least(level)
    return f"severity IN ({', '.join(map(literal, levels))})"


def _all(conditions: list[str]) -> str:
    return " AND ".join(conditions) or "true"


def _any(conditions: list[str]) -> str:
    return f"({' OR '.join(conditions)})"
