"""Help on coverage."""

from __future__ import annotations

from kevents.cli.topics.page import Page
from kevents.store.coverage import State

STATES = {
    State.WATCHED: "recorded live: every update was stored",
    State.LISTED: "the cluster's events at that moment were listed: only their latest state was stored",
    State.IMPORTED: "covered by a dump; how completely is unknown",
    State.GAP: "no recorder was running; see CAUSE",
    State.LOST: "observations of this time were damaged on disk",
    State.PRUNED: "deleted by a retention setting",
}


def page() -> Page:
    return (
        '"No events found" does not mean nothing happened. kevents coverage shows which time ranges of a cluster are'
        " covered, and every gap. Reports print a note if their time range has a gap.",
        tuple((state.value, meaning) for state, meaning in STATES.items()),
        "When a recorder restarts, it stores the events that the cluster still has. RECOVERED says what became of a"
        ' gap. "all": every missed update was fetched later, nothing is missing. "latest": only each event\'s final'
        " state was fetched. Its count is correct, but earlier messages and times are lost. Events that expired"
        " meanwhile (by default an hour after their last update) are lost completely.",
        [
            "kevents coverage",
            "kevents coverage -o json",
            "kevents status",
        ],
        "See also kevents coverage --help.",
    )
