"""Reports of the user's own: reports/*.sql in the configuration directory, of the shape of those that ship."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kevents.config import create_file
from kevents.errors import UsageError
from kevents.report.catalog import Report, parse

_NAME = re.compile(r"[a-z][a-z0-9-]{0,40}")

TEMPLATE = """\
-- summary = "Warnings by node and reason"
-- order = ["occurrences DESC", "node"]
--
-- Each column of the SELECT below that is to be shown. Kinds: text, number, time, duration (seconds), bytes, percent,
-- rate (a minute), bar, spark (a list of numbers), severity.
-- [columns]
-- node = "text"
-- reason = "text"
-- occurrences = "number"
-- objects = "number"
-- last_seen = "time"
--
-- Flags of its own; the SQL reads $min_objects. Values: text, number, duration (an INTERVAL), time (a TIMESTAMPTZ).
-- [parameters]
-- min_objects = { value = "number", metavar = "N", default = 1, help = "Only what N objects or more had." }
--
-- One SELECT over the views of `kevents query --schema`. Filters, the window, sorting, limits and formats come from the
-- flags that every report has: leave them out here.
SELECT
    node,
    reason,
    sum(occurrences)::BIGINT AS occurrences,
    count(DISTINCT (cluster, namespace, object)) AS objects,
    max(latest) AS last_seen
FROM occurrences
WHERE severity_rank(severity) >= severity_rank('warning')
GROUP BY ALL
HAVING objects >= $min_objects
"""


@dataclass(frozen=True)
class UserReports:
    """What a directory holds. broken: a sentence on each file that cannot be a report, by its name."""

    directory: Path
    reports: Mapping[str, Report] = field(default_factory=dict)
    broken: Mapping[str, str] = field(default_factory=dict)


def user_reports(configuration: Path, taken: Collection[str]) -> UserReports:
    """The user's reports. taken: names that commands have already."""
    directory = configuration / "reports"
    found: dict[str, Report] = {}
    broken: dict[str, str] = {}
    for path in sorted(directory.glob("*.sql")):
        try:
            _check_name(path.stem, taken)
            found[path.stem] = _read(path)
        except UsageError as error:
            broken[path.stem] = f"{path} is left out: {error}"
    return UserReports(directory, found, broken)


def write_template(configuration: Path, name: str, taken: Collection[str]) -> Path:
    """Begin a report of that name; where it lies now."""
    _check_name(name, taken)
    path = configuration / "reports" / f"{name}.sql"
    create_file(path, TEMPLATE, "Open it, or choose another name.")
    return path


def _check_name(name: str, taken: Collection[str]) -> None:
    if not _NAME.fullmatch(name):
        raise UsageError(f'"{name}" cannot be the name of a report', "Use a-z, 0-9 and -, such as node-warnings.")
    if name in taken:
        raise UsageError(f"kevents has a command {name} already", "Choose another name.")


def _read(path: Path) -> Report:
    try:
        return parse(path.stem, path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"it cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError("it is not UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"the comment at its top is no TOML: {error}") from error
