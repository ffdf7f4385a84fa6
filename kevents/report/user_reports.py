"""The user's own reports: reports/*.sql in the configuration directory, in the format of the built-in reports."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from keyword import iskeyword
from pathlib import Path

from kevents.config import create_file
from kevents.errors import UsageError
from kevents.report.catalog import Report, parse

_NAME = re.compile(r"[a-z][a-z0-9-]{0,40}")

TEMPLATE = """\
-- summary = "Warnings by node and reason"
-- order = ["occurrences DESC", "node"]
--
-- The columns of the SELECT to show. Kinds: text, number, time, duration (seconds), bytes, percent, rate (per
-- minute), bar, spark (a list of numbers), severity.
-- [columns]
-- node = "text"
-- reason = "text"
-- occurrences = "number"
-- objects = "number"
-- last_seen = "time"
--
-- The report's own flags. The SQL reads this one as $min_objects. Values: text, number, duration (an INTERVAL), time (a
-- TIMESTAMPTZ).
-- [parameters]
-- min_objects = { value = "number", metavar = "N", default = 1, help = "Minimum number of affected objects." }
--
-- One SELECT on the views of `kevents query --schema`. Every report already has flags for filters, time range, sorting,
-- limit and format, so the SQL does not need them.
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
    """The reports of a directory. broken: what is wrong with each file that is not a valid report, by report name."""

    directory: Path
    reports: Mapping[str, Report] = field(default_factory=dict)
    broken: Mapping[str, str] = field(default_factory=dict)


def user_reports(
    configuration: Path, reserved: Collection[str], reserved_parameters: Collection[str] = ()
) -> UserReports:
    """The user's reports. reserved: the names of built-in commands. reserved_parameters: of the flags of reports."""
    directory = configuration / "reports"
    valid: dict[str, Report] = {}
    broken: dict[str, str] = {}
    for path in sorted(directory.glob("*.sql")):
        try:
            _check_name(path.stem, reserved)
            valid[path.stem] = _checked(_read(path), reserved, reserved_parameters)
        except UsageError as error:
            broken[path.stem] = f"{path} is ignored: {error}"
    return UserReports(directory, valid, broken)


def write_template(configuration: Path, name: str, reserved: Collection[str]) -> Path:
    """Create a report of that name from the template. Returns its path."""
    _check_name(name, reserved)
    path = configuration / "reports" / f"{name}.sql"
    create_file(path, TEMPLATE, "Edit it, or choose another name.")
    return path


def _check_name(name: str, reserved: Collection[str]) -> None:
    if not _NAME.fullmatch(name):
        raise UsageError(f'"{name}" is not a valid report name', "Use a-z, 0-9 and -, such as node-warnings.")
    if name in reserved:
        raise UsageError(f'"{name}" is a built-in command', "Choose another name.")


def _checked(report: Report, reserved: Collection[str], reserved_parameters: Collection[str]) -> Report:
    """The report, if it does not use the names of built-in commands and flags."""
    for alias in report.aliases:
        _check_name(alias, reserved)
    for parameter in report.parameters:
        if parameter.name in reserved_parameters or iskeyword(parameter.name):
            raise UsageError(f'parameter "{parameter.name}" has a reserved name', "Choose another name.")
    return report


def _read(path: Path) -> Report:
    if not path.is_file():
        raise UsageError("not a file")
    try:
        return parse(path.stem, path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError("not UTF-8 text") from error
