"""Help on the SQL views, from their documentation."""

from __future__ import annotations

from collections.abc import Iterator

from kevents.cli.topics.page import Block, Page
from kevents.query.view_docs import FUNCTIONS, VIEWS, View

_BASE = next(view for view in VIEWS if view.name == "observations")


def page() -> Page:
    return (
        "Views available to SQL and reports. Filters and the time window are applied before your SQL runs.",
        tuple((view.name, f"{view.meaning}.") for view in VIEWS),
        *(block for view in sorted(VIEWS, key=lambda view: view is not _BASE) for block in _columns(view)),
        "Functions:",
        tuple((function.call, f"{function.meaning}.") for function in FUNCTIONS),
        "kevents query --schema also prints the types. --show-sql prints the SQL of a report.",
        [
            'kevents query "SELECT node, count(*) FROM events GROUP BY 1 ORDER BY 2"',
            "kevents query --schema -o csv",
            "kevents reasons --show-sql",
        ],
    )


def _columns(view: View) -> Iterator[Block]:
    """The columns of a view, without those that it shares with observations."""
    extends_base = view is not _BASE and view.columns[: len(_BASE.columns)] == _BASE.columns
    own = view.columns[len(_BASE.columns) :] if extends_base else view.columns
    if extends_base and not own:
        yield f"Columns of {view.name}: those of {_BASE.name}."
        return
    yield f"Columns of {view.name}: those of {_BASE.name}, and" if extends_base else f"Columns of {view.name}:"
    yield tuple((field.name, f"{field.meaning}.") for field in own)
