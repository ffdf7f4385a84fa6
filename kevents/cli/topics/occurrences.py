"""Help on counts and occurrences."""

from __future__ import annotations

from kevents.cli.topics.page import Page


def page() -> Page:
    return (
        "Kubernetes does not create a new event for each repeat; it increments the count and updates the last-seen"
        " time. x4524 over 17h is one event that happened 4,524 times in 17 hours.",
        (
            (
                "observation",
                "one snapshot of an event, from a watch update or a dump; this is what the store keeps",
            ),
            ("event", "one Event object (namespace + name); its state is its newest observation"),
            ("occurrence", "one time that it happened, from the difference between the counts of two observations"),
        ),
        "If the count did not rise between two observations, nothing happened; if the count dropped, the sender"
        " restarted and the whole count is new. Occurrences known from a single observation are spread evenly between"
        " first and last seen: 4,524 in 17 hours are 4.4 per minute, rather than a spike in the last minute.",
        "reasons, counts, histogram, overview and patterns count occurrences. With --since and --until, only"
        " occurrences inside the window are counted, even if the event itself began earlier. The more"
        " observations of an event are stored, the more exact are the times of its occurrences: kevents record stores"
        " every update, an hourly dump has only the latest state.",
        "If an expired event (by default after an hour) recurs, it reappears with the same name and count; kevents"
        " treats it as the same event.",
        [
            "kevents counts --since 1h",
            "kevents histogram --reason BackOff --bucket 5m",
            'kevents query "SELECT reason, sum(occurrences) FROM occurrences GROUP BY 1"',
        ],
    )
