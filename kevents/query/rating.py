"""The ratings of reasons as the variable that the views' macros look into."""

from __future__ import annotations

from dataclasses import asdict

from kevents.duck import Connection
from kevents.event.severity import ratings

_CASE = "STRUCT(severity VARCHAR, category VARCHAR, message VARCHAR, kind VARCHAR, component VARCHAR)"
_RATING = f"STRUCT(severity VARCHAR, category VARCHAR, unless {_CASE}[])"


def set_ratings(connection: Connection) -> None:
    """Let the connection know what each reason means."""
    known = ratings()
    values = [
        {"severity": one.severity, "category": one.category, "unless": [asdict(case) for case in one.unless] or None}
        for one in known.values()
    ]
    connection.execute(f"SET VARIABLE ratings = map($1::VARCHAR[], $2::{_RATING}[])", [list(known), values])
