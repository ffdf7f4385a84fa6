"""Views: what SQL can ask, from their own documentation."""

from __future__ import annotations

from collections.abc import Iterator

from kevents.cli.topics.page import Block, Page
from kevents.query.view_docs import FUNCTIONS, VIEWS, View

_BASE = next(view for view in VIEWS if view.name == "observations")


def page() -> Page:
    return (
        "kevents query and the reports ask these views. The filters and the window of the command line narrow them"
        " before the SQL sees them.",
        tuple((view.name, f"{view.meaning}.") for view in VIEWS),
        *(block for view in sorted(VIEWS, key=lambda view: view is not _BASE) for block in _columns(view)),
        "Functions:",
        tuple((one.call, f"{one.meaning}.") for one in FUNCTIONS),
        "kevents query --schema has the types as well; --show-sql prints what any report asks.",
        [
            'kevents query "SELECT node, count(*) FROM events GROUP BY 1 ORDER BY 2"',
            "kevents query --schema -o csv",
            "kevents reasons --show-sql",
        ],
    )


def _columns(view: View) -> Iterator[Block]:
    """The columns of a view; those of observations are told once."""
    shared = view is not _BASE and view.columns[: len(_BASE.columns)] == _BASE.columns
    own = view.columns[len(_BASE.columns) :] if shared else view.columns
    if shared and not own:
        yield f"Columns of {view.name}: those of {_BASE.name}."
        return
    yield f"Columns of {view.name}: those of {_BASE.name}, and" if shared else f"Columns of {view.name}:"
    yield tuple((field.name, f"{field.meaning}.") for field in own)
