"""How much memory the user's SQL may use: a limit for DuckDB's buffers, and one for what DuckDB does not count."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kevents.errors import UsageError

LEAST = 100_000_000
_MOST_BY_DEFAULT = 8_000_000_000
_OVERHEAD = 128_000_000  # bytes for modules that are imported later
_STACK = 10_000_000  # bytes per thread of DuckDB
_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")


def memory_limit(chosen: int | None = None) -> int:
    """The limit in bytes: the chosen one, or 2 GB or half of the machine's memory, whichever is smaller."""
    if chosen is None:
        return min(_MOST_BY_DEFAULT, max(_machine() // 2, LEAST))
    if chosen < LEAST:
        raise UsageError("--memory-limit is too small", "Use at least 100MB, such as --memory-limit 4GB.")
    return chosen


@contextmanager
def limited(limit: int) -> Iterator[None]:
    """Limit the memory that this process can add to what it has now, where the platform allows it.

    DuckDB does not count all of the memory of long strings and lists; with this limit, allocating more fails.
    """
    try:
        import resource

        earlier = resource.getrlimit(resource.RLIMIT_DATA)
    except ImportError:  # Windows
        yield
        return
    most = _data_size() + limit + _OVERHEAD + _STACK * (os.cpu_count() or 1)
    bounds = [bound for bound in (most, *earlier) if bound != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_DATA, (min(bounds), earlier[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, earlier)


def _machine() -> int:
    """The memory of the machine, or of the container."""
    sizes = []
    with suppress(AttributeError, ValueError, OSError):
        sizes.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    with suppress(ValueError, OSError):  # "max" is no number
        sizes.append(int(_CGROUP_LIMIT.read_text("ascii")))
    return min(sizes, default=2 * _MOST_BY_DEFAULT)


def _data_size() -> int:
    """The bytes of this process that count toward RLIMIT_DATA; 0 if they are not known."""
    try:
        lines = Path("/proc/self/status").read_text("ascii", errors="replace").splitlines()
    except OSError:
        return 0
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("VmData:")), 0)
