"""Shows the path, contents and size of the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kevents import clock
from kevents.cli.output import output_of, write, zone_of
from kevents.cli.request import open_store
from kevents.query.selection import Selection
from kevents.report.store_info import store_info

if TYPE_CHECKING:
    from kevents.cli.flags import OutputFlags, StoreFlags, ZoneFlags
    from kevents.cli.terminal import Terminal


def show_info(terminal: Terminal, output_flags: OutputFlags, zone: ZoneFlags, flags: StoreFlags) -> None:
    """Write the path of the store, and a row per cluster."""
    now = clock.now()
    output = output_of(output_flags, terminal, now, zone_of(zone), time="absolute")
    store = open_store(flags, terminal)
    engine = store.engine(Selection(), now)
    terminal.note(f"{store.directory}")
    write(store_info(store.directory, store.snapshot.files, store.snapshot.journal, engine), output, terminal)
