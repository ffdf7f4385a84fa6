"""Which kevents this is, on what it runs, and what its user set."""

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
    """kevents, Python, the system, and the libraries whose version decides what works."""
    yield ok(
        "kevents", f"{__version__}, Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    )
    found = {name: _version(name) for name in _LIBRARIES}
    if missing := [name for name, one in found.items() if one is None]:
        advice = f"{sys.executable} -m pip install --force-reinstall kevents"
        yield CheckResult("libraries", Mark.FAIL, f"missing: {', '.join(missing)}", advice, status=ExitStatus.ERROR)
    else:
        yield ok("libraries", ", ".join(f"{name} {one}" for name, one in found.items()))


def configuration(env: Mapping[str, str]) -> Iterator[CheckResult]:
    """The user's own ratings and reports that are left out, and why. A broken config.toml stops every command."""
    directory = config_directory(env)
    if not directory.is_dir():
        yield ok("configuration", f"none in {directory}, so all is as it ships")
        return
    own = user_reports(directory, reports())
    problems = [*load_ratings(directory).problems, *own.broken.values()]
    for problem in problems:
        yield warn("configuration", problem, "It is left out until that is mended.")
    if not problems:
        yield ok("configuration", f"{directory}, with {len(own.reports)} own reports")


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
