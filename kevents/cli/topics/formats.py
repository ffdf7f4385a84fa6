"""Formats: what -o takes."""

from __future__ import annotations

from kevents.cli.flag import usages
from kevents.cli.flags import OutputFlags
from kevents.cli.topics.page import Page
from kevents.render.formats import ALL


def page() -> Page:
    return (
        "Every answer can be written in each of these formats, with -o:",
        tuple((one.name, one.meaning) for one in ALL if one.for_people),
        "Those are for people: ages, drawings, colours on a terminal, what is too long for a line folded, and a note"
        " where something is left out. The others are for machines, and leave nothing out: times in UTC as ISO 8601,"
        " plain numbers, null, the text as it was sent.",
        tuple((one.name, one.meaning) for one in ALL if not one.for_people),
        "kevents list -o json and -o yaml write the Events themselves, as kubectl get does; they import again. Standard"
        " output holds the answer alone: notes and errors are on standard error.",
        usages(OutputFlags),
        [
            "kevents list -o wide --since 1h",
            "kevents reasons -o json",
            "kevents counts -o csv --no-headers",
        ],
    )
