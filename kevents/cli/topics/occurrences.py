"""Occurrences: what a count says of when it happened."""

from __future__ import annotations

from kevents.cli.topics.page import Page


def page() -> Page:
    return (
        "Kubernetes does not write an event for each thing that happens: a repeat raises the count of the event that is"
        " there, and moves its time of last seen. x4524 over 17h is one event that happened 4,524 times in 17 hours.",
        (
            (
                "observation",
                "one observation of an event: an update on a watch, an item of a dump; what the store keeps",
            ),
            ("event", "what has one name in a namespace; its newest observation is its state"),
            ("occurrence", "one happening: the difference between the counts of two observations"),
        ),
        "Where the count did not rise between two observations, nothing happened; where it fell, its sender began anew,"
        " and the whole count is new. What a single observation tells of is spread evenly between first and last seen,"
        " for that is all that is known: 4,524 in 17 hours are 4.4 a minute, and no spike of the last minute.",
        "reasons, counts, histogram, overview and patterns count occurrences; --since and --until cut them, not events."
        " The more often an event was observed, the closer its occurrences are to when they happened: kevents record"
        " sees every update, a dump once an hour only the latest.",
        "When an event that expired (after an hour, usually) happens again, it comes under the same name with the count"
        " it had: it is the same event here.",
        [
            "kevents counts --since 1h",
            "kevents histogram --reason BackOff --bucket 5m",
            'kevents query "SELECT reason, sum(occurrences) FROM occurrences GROUP BY 1"',
        ],
    )
