"""The ratings of reasons as a macro: a reason's place in the table, its exceptions looked at only where it has some.

A reason is looked up as the value of an ENUM, once for each value in a file's dictionary. A join would be made for
every question, and a map that is searched, or a pattern that is no constant, is twenty times slower.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from importlib.resources import files
from itertools import count

from kevents.duck import Connection
from kevents.event.severity import SEVERITIES, Case, Rating, Ratings
from kevents.query.filter_sql import create_macros
from kevents.query.selection import Selection
from kevents.query.statement import literal


def define_ratings(connection: Connection, ratings: Ratings) -> None:
    """Let all sessions of the connection's database know each reason's place: stored.rating_of()."""
    known = _known(ratings)
    places = count(len(known) + 1)
    chosen = " ".join(f"WHEN {code} THEN {_chosen(one, places)}" for code, one in enumerate(known) if one.unless)
    split = sum(1 for one in known if one.unless)
    reasons = ", ".join(literal(one.reason) for one in known)
    connection.execute(f"CREATE TYPE IF NOT EXISTS stored.rated AS ENUM ({reasons})")
    connection.execute("CREATE OR REPLACE MACRO stored.code_of(reason) AS enum_code(try_cast(reason AS stored.rated))")
    found = "stored.code_of(reason)"
    if chosen:
        found = f"coalesce(CASE WHEN {found} < {split} THEN CASE {found} {chosen} END END, {found} + 1)"
    else:
        found = f"{found} + 1"
    connection.execute(
        f"CREATE OR REPLACE MACRO stored.rating_of(reason, kind, component, message) AS ({found})::INTEGER"
    )


def tell_ratings(connection: Connection, ratings: Ratings) -> None:
    """Let a session know what is said at each place: the variables severities and categories."""
    known = _known(ratings)
    # exceptions have the places behind all reasons, in the order of these
    said: list[Rating | Case] = [*known, *(case for one in known for case in one.unless)]
    connection.execute("SET VARIABLE severities = $1", [[one.severity for one in said]])
    connection.execute("SET VARIABLE categories = $1", [[one.category for one in said]])


def _known(ratings: Ratings) -> list[Rating]:
    """Those with exceptions first, else as in the file."""
    return sorted(ratings.values(), key=lambda one: not one.unless)


def _chosen(rating: Rating, places: Iterator[int]) -> str:
    """The place of the first exception that fits, null for none."""
    cases = [f"WHEN {' AND '.join(_conditions(case))} THEN {next(places)}" for case in rating.unless]
    return f"CASE {' '.join(cases)} END"


def _conditions(case: Case) -> Iterator[str]:
    if case.kind is not None:
        yield f"kind = {literal(case.kind)}"
    if case.component is not None:
        yield f"component = {literal(case.component)}"
    if case.message is not None:
        yield f"regexp_matches(stored.words_of(message), {literal(case.message)})"


_SEVERITY = """stored.severity_of(
    stored.rating_of(reason, kind, component_of(source_component, reporting_controller), message), "type", reason
)"""


def define(connection: Connection, rated: Ratings, now: datetime) -> None:
    """Let the connection know the rules of the views, for `at_least`."""
    connection.execute("CREATE SCHEMA stored")
    create_macros(connection, Selection(), now)  # which some of the rules ask
    for name in ("macros", "severity"):
        connection.execute(files("kevents.query").joinpath(f"views/{name}.sql").read_text("utf-8"))
    define_ratings(connection, rated)
    tell_ratings(connection, rated)


def at_least(severity: str) -> str:
    """SQL over the columns of the files: whether a row is so bad, or worse; never null."""
    return f"severity_rank({_SEVERITY}) >= {SEVERITIES[::-1].index(severity)}"
