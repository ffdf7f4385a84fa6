"""Help on output formats."""

from __future__ import annotations

from kevents.cli.flag import usages
from kevents.cli.flags import OutputFlags
from kevents.cli.topics.page import Page
from kevents.render.formats import ALL


def page() -> Page:
    return (
        "Every result can be written in each of these formats, with -o. For people:",
        tuple((format_.name, format_.meaning) for format_ in ALL if format_.for_people),
        "These show ages, bars and sparklines; on a terminal also colors, and long rows are wrapped. A note says if"
        " rows or text are left out. For scripts:",
        tuple((format_.name, format_.meaning) for format_ in ALL if not format_.for_people),
        "These contain every field: times in UTC as ISO 8601, plain numbers, null, and text as it was sent.",
        "kevents list -o json and -o yaml write complete Events, like kubectl get; kevents import can read them."
        " Standard output contains only the result; notes and errors go to standard error.",
        usages(OutputFlags),
        [
            "kevents list -o wide --since 1h",
            "kevents reasons -o json",
            "kevents counts -o csv --no-headers",
        ],
    )
