"""How bad a row of the files is, outside of the views: for what decides which rows are kept."""

from __future__ import annotations

from importlib.resources import files

from kevents.duck import Connection
from kevents.event.severity import SEVERITIES, Ratings
from kevents.query.rating import set_ratings

_SEVERITY = """stored.severity_of(
    stored.rating_of(reason, kind, component_of(source_component, reporting_controller), message), "type", reason
)"""


def define(connection: Connection, rated: Ratings) -> None:
    """Let the connection know the rules of the views, for `at_least`."""
    connection.execute("CREATE SCHEMA stored")
    for name in ("macros", "severity"):
        connection.execute(files("kevents.query").joinpath(f"views/{name}.sql").read_text("utf-8"))
    set_ratings(connection, rated)


def at_least(severity: str) -> str:
    """SQL over the columns of the files: whether a row is so bad, or worse; never null."""
    return f"severity_rank({_SEVERITY}) >= {SEVERITIES[::-1].index(severity)}"
