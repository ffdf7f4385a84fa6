"""The ratings of reasons as a macro that returns a rating's index. Overrides are evaluated only if the reason has some.

The reason is cast to an ENUM, which happens once per value of a file's dictionary. A join would be built for every
query. A lookup in a map, or a pattern that is not a constant, is twenty times slower.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from importlib.resources import files
from itertools import count

from kevents.duck import Connection
from kevents.event.severity import SEVERITIES, Override, Rating, Ratings
from kevents.query.filter_sql import create_macros
from kevents.query.selection import Selection
from kevents.query.statement import literal


def define_rating_index(connection: Connection, ratings: Ratings) -> None:
    """Create stored.rating_index(), for all sessions of the connection's database."""
    ordered = _ordered(ratings)
    with_overrides = [rating for rating in ordered if rating.overrides]
    indexes = count(len(ordered) + 1)
    cases = " ".join(
        f"WHEN {code} THEN {_override_index(rating, indexes)}" for code, rating in enumerate(with_overrides)
    )
    reasons = ", ".join(literal(rating.reason) for rating in ordered)
    connection.execute(f"CREATE TYPE IF NOT EXISTS stored.known_reasons AS ENUM ({reasons})")
    connection.execute(
        "CREATE OR REPLACE MACRO stored.reason_code(reason) AS enum_code(try_cast(reason AS stored.known_reasons))"
    )
    code = "stored.reason_code(reason)"
    index = f"{code} + 1"
    if cases:
        index = f"coalesce(CASE WHEN {code} < {len(with_overrides)} THEN CASE {code} {cases} END END, {index})"
    connection.execute(
        f"CREATE OR REPLACE MACRO stored.rating_index(reason, kind, component, message) AS ({index})::INTEGER"
    )


def set_rating_values(connection: Connection, ratings: Ratings) -> None:
    """Set the severity and category of each index, in the session's variables `severities` and `categories`."""
    ordered = _ordered(ratings)
    # the overrides of all reasons follow the reasons, in the same order
    by_index: list[Rating | Override] = [*ordered, *(override for rating in ordered for override in rating.overrides)]
    connection.execute("SET VARIABLE severities = $1", [[entry.severity for entry in by_index]])
    connection.execute("SET VARIABLE categories = $1", [[entry.category for entry in by_index]])


def _ordered(ratings: Ratings) -> list[Rating]:
    """The ratings with overrides first, otherwise in the order of the file."""
    return sorted(ratings.values(), key=lambda rating: not rating.overrides)


def _override_index(rating: Rating, indexes: Iterator[int]) -> str:
    """SQL for the index of the first override that matches; null if none does."""
    cases = [f"WHEN {' AND '.join(_conditions(override))} THEN {next(indexes)}" for override in rating.overrides]
    return f"CASE {' '.join(cases)} END"


def _conditions(override: Override) -> Iterator[str]:
    if override.kind is not None:
        yield f"kind = {literal(override.kind)}"
    if override.component is not None:
        yield f"component = {literal(override.component)}"
    if override.message is not None:
        yield f"regexp_matches(stored.strip_combined(message), {literal(override.message)})"


_SEVERITY = """stored.severity_of(
    stored.rating_index(reason, kind, component_of(source_component, reporting_controller), message), "type", reason
)"""


def define_severity(connection: Connection, ratings: Ratings, now: datetime) -> None:
    """Create the macros that `at_least` needs."""
    connection.execute("CREATE SCHEMA stored")
    create_macros(connection, Selection(), now)  # the other macros call some of these
    for name in ("macros", "severity"):
        connection.execute(files("kevents.query").joinpath(f"views/{name}.sql").read_text("utf-8"))
    define_rating_index(connection, ratings)
    set_rating_values(connection, ratings)


def at_least(severity: str) -> str:
    """An SQL condition on the columns of the files: whether a row has this severity or a worse one; never null."""
    return f"severity_rank({_SEVERITY}) >= {SEVERITIES[::-1].index(severity)}"
