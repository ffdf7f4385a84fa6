"""How bad a row of the files is, outside of the views: for what decides which rows are kept."""

from __future__ import annotations

from datetime import datetime
from importlib.resources import files

from kevents.duck import Connection
from kevents.event.severity import SEVERITIES, Ratings
from kevents.query.conditions import create_macros
from kevents.query.rating import define_ratings, tell_ratings
from kevents.query.selection import Selection

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
