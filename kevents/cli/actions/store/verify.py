"""Checks every file of the store, and reports damage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kevents import clock
from kevents.cli.output import output_of, write, zone_of
from kevents.cli.progress import Progress
from kevents.errors import StoreError
from kevents.report.findings import findings, totals
from kevents.store.integrity.verify import verify
from kevents.store.paths import store_directory
from kevents.store.store import Store

if TYPE_CHECKING:
    from kevents.cli.flags import OutputFlags, StoreFlags, ZoneFlags
    from kevents.cli.terminal import Terminal


def verify_store(terminal: Terminal, output_flags: OutputFlags, zone: ZoneFlags, flags: StoreFlags) -> None:
    """Write a row per finding; raises StoreError if anything is damaged."""
    output = output_of(output_flags, terminal, clock.now(), zone_of(zone), time="absolute")
    store = Store.open(store_directory(flags.store, terminal.env))
    with Progress(terminal) as progress:
        result = verify(store, lambda done, total: progress.update(done, total, doing="verifying"))
    write(findings(result.findings, f"OK: {totals(result.files)}."), output, terminal)
    if not result.damage:
        return
    files = {finding.file for finding in result.damage if finding.file}
    affected = f"; damaged data: {totals([*files])}" if files else ""
    problems = "1 problem" if len(result.damage) == 1 else f"{len(result.damage):,} problems"
    raise StoreError(
        f"found {problems} in the store {store.directory}{affected}",
        "`kevents store repair` quarantines damaged files and keeps the rest; --dry-run shows what it would do.",
    )
