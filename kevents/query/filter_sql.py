r"""A selection as SQL: macros that the views call, with every value bound as a variable.

A macro is inlined and a variable folded to a constant before the scan is planned, so `namespace = 'payments'` reaches
the Parquet files; a list compared with `= ANY` would not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from kevents.duck import Connection, pattern_fault
from kevents.errors import UsageError
from kevents.event.severity import SEVERITIES
from kevents.query.kinds import parse_kind
from kevents.query.selection import Selection, split_object
from kevents.query.statement import literal

_FEW = 20  # objects


def create_macros(connection: Connection, selection: Selection, now: datetime) -> None:
    """Define what the views ask of a selection: selected, shown, within, within_days, and the window itself."""
    if fault := pattern_fault([pattern.removeprefix("!") for pattern in selection.greps]):
        raise UsageError(f"--grep {fault}", "The syntax is RE2's.")
    bind = _Binder(connection)
    last = selection.until and selection.until - timedelta.resolution
    since, until, last_moment = (f"{bind(moment)}::TIMESTAMPTZ" for moment in (selection.since, selection.until, last))
    within, days = ["true"], ["true"]
    if selection.since:
        within.append(f"moment >= {since}")
        days.append(f"date >= {since}::DATE")
    if selection.until:
        within.append(f"moment < {until}")
        days.append(f"date <= {last_moment}::DATE")
    for macro in (
        "selected(cluster, namespace, kind, name, object_name, object, reason, api_version, component, node) AS "
        f"({_all(_on_events(selection, bind))})",
        f'shown("type", message, "count", severity, category) AS ({_all(_on_observations(selection, bind))})',
        f"within(moment) AS ({_all(within)})",
        # files of absurd or missing times have no day
        f"within_days(date) AS (date IS NULL OR ({_all(days)}))",
        f"window_start() AS {since}",
        f"window_end() AS {until}",
        f"window_last() AS {last_moment}",
        f"as_of() AS {bind(now)}::TIMESTAMPTZ",
    ):
        connection.execute(f"CREATE TEMP MACRO {macro}")


def rows_named(selection: Selection) -> str:
    """SQL for the rows of stored.rows that may be of the objects that the selection names.

    Only a plain comparison of the files' column skips what has no such name: ten times as fast as one beside `OR`.
    """
    named = [split_object(value)[1] for value in selection.objects if not value.startswith("!")]
    names = named or [value for value in selection.names if not value.startswith("!")]
    if not 0 < len(names) <= _FEW or any("*" in name for name in names):
        return "FROM stored.rows"
    listed = ", ".join(map(literal, names))
    return f"FROM stored.rows WHERE name IN ({listed}) UNION ALL FROM stored.rows WHERE name IS NULL"


class _Binder:
    """Gives each value a variable and answers with the expression that reads it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._count = 0

    def __call__(self, value: object) -> str:
        variable = f"selection_{self._count}"
        self._count += 1
        self._connection.execute(f"SET VARIABLE {variable} = $1", [value])
        return f"getvariable('{variable}')"


def _on_events(selection: Selection, bind: _Binder) -> list[str]:
    """Conditions on what stays the same over the life of an event: these may be cut before differences are taken."""
    return [
        *_matches("cluster", selection.clusters, bind),
        *_matches("namespace", selection.namespaces, bind),
        *_either(selection.kinds, lambda kind: _is_kind(kind, bind)),
        *_name_in_files(selection.names, bind),
        *_matches("object_name", selection.names, bind),
        *_objects(selection.objects, bind),
        *_matches("reason", selection.reasons, bind, any_case=True),
        *_matches("component", selection.components, bind),
        *_matches("node", selection.nodes, bind),
    ]


def _on_observations(selection: Selection, bind: _Binder) -> list[str]:
    """Conditions on what may change from one observation to the next: these are for the newest state."""
    conditions = [
        *_matches('"type"', selection.types, bind, any_case=True),
        *_either(map(_exactly_without, selection.severities), _is_as_bad),
        *_matches("category", selection.categories, bind, any_case=True),
        *_either(selection.greps, lambda pattern: f"regexp_matches(message, {bind(pattern)})"),
    ]
    if selection.min_count is not None:
        conditions.append(f'"count" >= {bind(selection.min_count)}')
    return conditions


def _matches(column: str, values: Iterable[str], bind: _Binder, *, any_case: bool = False) -> list[str]:
    """Conditions that a column is one of the values, and none of those with `!`."""
    return _either(values, lambda value: _equals(column, value, bind, any_case=any_case))


def _either(values: Iterable[str], condition: Callable[[str], str]) -> list[str]:
    values = tuple(values)
    wanted = [condition(value) for value in values if not value.startswith("!")]
    unwanted = [f"({condition(value[1:])}) IS NOT TRUE" for value in values if value.startswith("!")]
    return ([_any(wanted)] if wanted else []) + unwanted


def _equals(column: str, value: str, bind: _Binder, *, any_case: bool = False) -> str:
    """A whole value, so that web-1 is not web-15; only `*` stands for anything."""
    if "*" in value:
        return f"{column} {'ILIKE' if any_case else 'LIKE'} {bind(_pattern(value))} ESCAPE '\\'"
    return f"lower({column}) = {bind(value.lower())}" if any_case else f"{column} = {bind(value)}"


def _pattern(value: str) -> str:
    r"""A LIKE pattern: `%`, `_` and `\` mean themselves, `*` means anything."""
    for special in "\\%_":
        value = value.replace(special, "\\" + special)
    return value.replace("*", "%")


def _name_in_files(names: Iterable[str], bind: _Binder) -> list[str]:
    """The same as the condition on the name, but on the column of the files, which alone can skip most of them."""
    wanted = [name for name in names if not name.startswith("!")]
    return [_any([*(_equals("name", name, bind) for name in wanted), "name IS NULL"])] if wanted else []


def _is_kind(typed: str, bind: _Binder) -> str:
    kind, group, is_known = parse_kind(typed)
    condition = _equals("kind", kind, bind, any_case=not is_known)
    if group is None:
        return condition
    # apiVersion is often missing, on events of nodes for one
    return f"({condition} AND (api_version IS NULL OR split_part(api_version, '/', 1) = {bind(group)}))"


def _objects(objects: tuple[str, ...], bind: _Binder) -> list[str]:
    """Conditions on the object. A long list, such as a family, is looked up instead of compared one by one."""
    if len(objects) <= _FEW or any(named.startswith("!") or "*" in named for named in objects):
        return _either(objects, lambda named: _is_object(named, bind))
    pairs = [split_object(named) for named in objects]
    known = [f"{parse_kind(kind).kind}/{name}" for kind, name in pairs]
    names = [name for _, name in pairs]
    return [
        f"(name BETWEEN {bind(min(names))} AND {bind(max(names))} OR name IS NULL)",
        f"object IN (SELECT unnest({bind(known)}))",
    ]


def _is_object(named: str, bind: _Binder) -> str:
    kind, name = split_object(named)
    return f"({_is_kind(kind, bind)} AND {_equals('object_name', name, bind)})"


def _exactly_without(severity: str) -> str:
    """`!warning` leaves out warnings, not what is worse."""
    return severity.replace("!", "!=", 1) if not severity.startswith("!=") else severity


def _is_as_bad(severity: str) -> str:
    """`warning` is that or worse, `=warning` that alone."""
    word = severity.removeprefix("=")
    least = SEVERITIES.index(word.lower())
    worst = least if word != severity else 0
    return f"severity IN ({', '.join(map(literal, SEVERITIES[worst : least + 1]))})"


def _all(conditions: list[str]) -> str:
    return " AND ".join(conditions) or "true"


def _any(conditions: list[str]) -> str:
    return f"({' OR '.join(conditions)})"
