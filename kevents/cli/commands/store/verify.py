"""`kevents store verify`: whether the store still holds what was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from kevents.cli.flags import OutputFlags, StoreFlags, ZoneFlags, takes_flags
from kevents.cli.program import terminal_of
from kevents.errors import StoreError

if TYPE_CHECKING:
    pass

HELP = """Look at every byte of the store, and name what is damaged.

Each file is held against its checksum and against the rules of the store: columns, days, rows, order; and the catalog
and the journals against theirs. A single flipped bit is found. Others may read, import and record meanwhile. The exit
status is 4 where anything is damaged; what no answer is wrong for is listed too, with the remedy none.

\b
    kevents store verify
    kevents store verify --store /data/events -o json
"""


def register(group: typer.Typer) -> None:
    group.command("verify", help=HELP)(takes_flags(verify))


def verify(context: typer.Context, *, output: OutputFlags, zone: ZoneFlags, store: StoreFlags) -> None:
    from dataclasses import replace

    from kevents import clock
    from kevents.cli.asking import output_of, zone_of
    from kevents.cli.integrity import Looking
    from kevents.cli.output import write
    from kevents.report.findings import amount, findings
    from kevents.store.integrity.verify import verify as verified
    from kevents.store.paths import locate
    from kevents.store.store import Store

    terminal = terminal_of(context)
    written = replace(output_of(output, clock.now(), zone_of(zone)), time=output.time or "absolute")
    written.check(terminal)
    opened = Store.open(locate(store.store, terminal.env))
    with Looking(terminal) as looking:
        found = verified(opened, looking.watch)
    write(findings(found.findings, f"All is whole: {amount(found.files)}."), written, terminal)
    if not found.damage:
        return
    files = {one.file for one in found.damage if one.file}
    lost = f"; {amount([*files])} cannot be trusted" if files else ""
    count = f"{len(found.damage):,} {'thing is' if len(found.damage) == 1 else 'things are'}"
    raise StoreError(
        f"{count} damaged in the store {opened.folder}{lost}",
        "`kevents store repair` sets aside what is damaged and keeps the rest; --dry-run says what it would do.",
    )
