"""Checks of the installation: versions, libraries and the user's configuration."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version

from kevents import __version__
from kevents.config import config_directory
from kevents.doctor.check import CheckResult, Mark, ok, warn
from kevents.errors import ExitStatus
from kevents.event.severity_table import load_ratings
from kevents.report.catalog import reports
from kevents.report.user_reports import user_reports

_LIBRARIES = ("duckdb", "pyarrow", "kubernetes")


def versions() -> Iterator[CheckResult]:
    """The versions of kevents, Python, the operating system and the main libraries."""
    yield ok(
        "kevents", f"{__version__}, Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    )
    libraries = {name: _version(name) for name in _LIBRARIES}
    if missing := [name for name, installed in libraries.items() if installed is None]:
        advice = f"Run {sys.executable} -m pip install --force-reinstall kevents"
        yield CheckResult("libraries", Mark.FAIL, f"missing: {', '.join(missing)}", advice, status=ExitStatus.ERROR)
    else:
        yield ok("libraries", ", ".join(f"{name} {installed}" for name, installed in libraries.items()))


def configuration(env: Mapping[str, str]) -> Iterator[CheckResult]:
    """Custom severities and reports that are ignored because of an error.

    config.toml needs no check, because an error in it stops every command.
    """
    directory = config_directory(env)
    if not directory.is_dir():
        yield ok("configuration", f"none in {directory}; the built-in defaults apply")
        return
    custom = user_reports(directory, reports())
    problems = [*load_ratings(directory).problems, *custom.broken.values()]
    for problem in problems:
        yield warn("configuration", problem, "It is ignored until fixed.")
    if not problems:
        noun = "report" if len(custom.reports) == 1 else "reports"
        yield ok("configuration", f"{directory} with {len(custom.reports)} custom {noun}")


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
