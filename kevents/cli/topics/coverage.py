"""Coverage: what is known of which time."""

from __future__ import annotations

from kevents.cli.topics.page import Page
from kevents.store.coverage import State

STATES = {
    State.WATCHED: "every update was taken, while a recorder watched",
    State.LISTED: "the latest state of what the cluster held at that moment was taken",
    State.IMPORTED: "a dump tells of this time; of what, only its makers know",
    State.GAP: "nobody watched; the cause says why",
    State.LOST: "observations of this time were damaged on disk",
    State.PRUNED: "what was known of this time was deleted, as --older-than and its like asked for",
}


def page() -> Page:
    return (
        "Nothing found is not the same as nothing happened. kevents coverage shows for which spans of time a cluster is"
        " known, and each gap; a question about a time that was not watched throughout says so.",
        tuple((state.value, means) for state, means in STATES.items()),
        "A recorder that was away takes what the cluster still holds when it is back. A gap of which all came late is"
        " recovered: nothing is missing. Where only the latest state of each event came, the counts are right, and the"
        " texts and times between are not known. What expired meanwhile (an hour after its last update, usually) is"
        " gone.",
        [
            "kevents coverage",
            "kevents coverage -o json",
            "kevents status",
        ],
        "kevents coverage --help shows the flags of the command.",
    )
