"""Help on times, durations and time zones."""

from __future__ import annotations

from kevents.cli.topics.page import Page

FORMS = (
    ("30s, 5m, 1h30m, 2d, 1w", "this long ago"),
    ("now, today, yesterday", "the current time; midnight in your time zone"),
    ("monday, mon", "midnight of the most recent Monday (today if it is Monday)"),
    ("10:30, 10:30:15", "a time today"),
    ("yesterday 10:30, mon 8:00", "a time on that day"),
    ("2026-11-20, 2026-11-20T10:00", "a date, or a date and time, in your time zone"),
    ("2026-11-20T10:00:00Z", "a time in UTC, or with an offset such as +01:00"),
    ("20 Nov 2026 10:00", "free-form dates, unless ambiguous"),
)


def page() -> Page:
    return (
        "Every flag that takes a TIME accepts these forms:",
        FORMS,
        "Times without an offset are in your time zone. --utc and --tz ZONE set another zone, for input and output."
        " --since is inclusive, --until exclusive. Relative times count from now, or from --as-of. For an old dump use"
        " --as-of last (the newest event).",
        "Flags that take a DURATION, such as --window, --bucket and --older-than, accept 30s, 5m, 1h30m, 2d, 1w.",
        "--time sets the format of times in the output:",
        (
            ("age", "age, like kubectl: 19m"),
            ("absolute", "2026-11-20 10:00:00Z, to the second"),
            ("clock", "10:00:00, with the date unless it is today"),
            ("both", "absolute, followed by the age"),
        ),
        [
            "kevents list --since 2h --until 1h",
            "kevents reasons --since 'yesterday 18:00' --until today",
            "kevents overview --as-of last --since 1d",
        ],
    )
