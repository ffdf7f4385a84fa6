"""Times: what --since and its like read, and in which zone."""

from __future__ import annotations

from kevents.cli.topics.page import Page

FORMS = (
    ("30s, 5m, 1h30m, 2d, 1w", "so long ago"),
    ("now, today, yesterday", "this moment, and midnight where you are"),
    ("monday, mon", "the last Monday's midnight, today's if it is one"),
    ("10:30, 10:30:15", "a time of today"),
    ("yesterday 10:30, mon 8:00", "a time of that day"),
    ("2026-11-20, 2026-11-20T10:00", "a date, and a time in your zone"),
    ("2026-11-20T10:00:00Z", "a time in UTC, or with an offset such as +01:00"),
    ("20 Nov 2026 10:00", "dates as people write them, unless they may be two"),
)


def page() -> Page:
    return (
        "Every flag that takes a TIME reads the same forms:",
        FORMS,
        "Times without an offset are in your time zone; --utc and --tz ZONE name another, for what is typed and for"
        " what is written. --since is the first moment of the window, --until the first one behind it. Both count from"
        " now, or from what --as-of says: with --as-of last from the newest event of the store, as old dumps want it.",
        "--bucket, --window and --older-than take a duration: 30s, 5m, 1h30m, 2d, 1w.",
        "--time says how times are written:",
        (
            ("age", "19m ago is 19m, as kubectl has it"),
            ("absolute", "2026-11-20 10:00:00Z, to the second, in the zone"),
            ("clock", "10:00:00, with the date where it is not today"),
            ("both", "absolute, and the age behind it"),
        ),
        [
            "kevents list --since 2h --until 1h",
            "kevents reasons --since 'yesterday 18:00' --until today",
            "kevents overview --as-of last --since 1d",
        ],
    )
