"""Which kevents this is, and on what it runs."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from kevents import __version__
from kevents.doctor.finding import Finding, Mark, ok

_LIBRARIES = ("duckdb", "pyarrow", "kubernetes")


def versions() -> Iterator[Finding]:
    """kevents, Python, the system, and the libraries whose version decides what works."""
    yield ok(
        "kevents", f"{__version__}, Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    )
    found = {name: _version(name) for name in _LIBRARIES}
    if missing := [name for name, one in found.items() if one is None]:
        advice = f"{sys.executable} -m pip install --force-reinstall kevents"
        yield Finding("libraries", Mark.FAIL, f"missing: {', '.join(missing)}", advice, status=1)
    else:
        yield ok("libraries", ", ".join(f"{name} {one}" for name, one in found.items()))


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
