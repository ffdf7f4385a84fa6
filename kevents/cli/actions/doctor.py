"""Checks the setup, and suggests fixes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING

from kevents import clock
from kevents.cli.cluster import connection_of
from kevents.cli.output import output_of, write
from kevents.doctor import cluster, program
from kevents.doctor import store as stores
from kevents.doctor.check import CheckResult, examine, ok, result, warn
from kevents.errors import ExitStatus
from kevents.store.paths import store_directory

if TYPE_CHECKING:
    from kevents.cli.flags import ConnectionFlags, OutputFlags, StoreFlags
    from kevents.cli.terminal import Terminal

_CLUSTER_TIMEOUT = 5.0  # seconds for each request
_MIN_WIDTH = 60  # columns


def check_setup(terminal: Terminal, connection: ConnectionFlags, store: StoreFlags, output_flags: OutputFlags) -> int:
    """Write the findings of all checks. Returns the exit status of the worst."""
    output = output_of(output_flags, terminal, clock.now(), UTC)
    directory = store_directory(store.store, terminal.env)
    flags, environment = connection_of(connection, terminal)
    flags = replace(flags, request_timeout=flags.request_timeout or _CLUSTER_TIMEOUT)
    environment = replace(environment, plugin_timeout=2 * _CLUSTER_TIMEOUT)
    findings = list(
        examine(
            (
                ("versions", program.versions),
                ("configuration", lambda: program.configuration(terminal.env)),
                ("store", lambda: stores.contents(directory)),
                ("disk", lambda: stores.disk(directory)),
                ("lock", lambda: stores.writer(directory)),
                ("recorder", lambda: stores.recorder_checks(directory, clock.now())),
                ("cluster", lambda: cluster.cluster(flags, environment)),
                ("terminal", lambda: _terminal(terminal)),
            )
        )
    )
    write(result(findings, for_people=output.check(terminal).for_people), output, terminal)
    return max((finding.status for finding in findings), default=ExitStatus.OK)


def _terminal(terminal: Terminal) -> Iterator[CheckResult]:
    """Check that the terminal can show results."""
    encoding = terminal.encoding.upper()
    colors = "colors" if terminal.use_color() else "no colors"
    if not terminal.is_interactive:
        yield ok("terminal", f"stdout is not a terminal: no truncation, no color; {encoding}")
        return
    width = terminal.width or 0
    finding = f"{terminal.env.get('TERM') or 'no TERM'}, {width} columns, {colors}, {encoding}"
    if not encoding.startswith("UTF"):
        yield warn("terminal", finding, "Bars are drawn in ASCII. Use a UTF-8 locale (LANG=C.UTF-8).")
    elif width < _MIN_WIDTH:
        yield warn("terminal", finding, f"Tables need {_MIN_WIDTH} columns: widen the window, or use -o json.")
    else:
        yield ok("terminal", finding)
