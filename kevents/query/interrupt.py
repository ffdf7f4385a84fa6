"""Ctrl-C while DuckDB works: it never looks at Python's signals, so it works on a thread and this one listens."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from kevents.duck import Connection

T = TypeVar("T")


class Worker:
    """The thread on which a connection's long calls run."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._thread = ThreadPoolExecutor(1, "duckdb")

    def run(self, call: Callable[[], T]) -> T:
        """The value of the call; KeyboardInterrupt stops the query before it goes on."""
        future = self._thread.submit(call)
        try:
            return future.result()
        except KeyboardInterrupt:
            self._connection.interrupt()
            raise
