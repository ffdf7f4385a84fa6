"""Shows which time ranges the store covers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kevents import clock
from kevents.cli.output import output_of, write, zone_of
from kevents.cli.request import open_store
from kevents.report.coverage import coverage

if TYPE_CHECKING:
    from kevents.cli.flags import OutputFlags, StoreFlags, ZoneFlags
    from kevents.cli.terminal import Terminal


def show_coverage(terminal: Terminal, output_flags: OutputFlags, zone: ZoneFlags, store: StoreFlags) -> None:
    """Write the covered time ranges and the gaps of each cluster."""
    output = output_of(output_flags, terminal, clock.now(), zone_of(zone), time="absolute")
    opened = open_store(store, terminal)
    write(coverage(opened.directory, opened.snapshot.coverage), output, terminal)
    opened.report_journal_damage()
