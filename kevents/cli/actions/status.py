"""Shows the state of a store's recorders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kevents import clock
from kevents.cli.output import output_of, write, zone_of
from kevents.record.status import status
from kevents.store.paths import store_directory

if TYPE_CHECKING:
    from kevents.cli.flags import OutputFlags, StoreFlags, ZoneFlags
    from kevents.cli.terminal import Terminal


def show_status(terminal: Terminal, output_flags: OutputFlags, zone: ZoneFlags, store: StoreFlags) -> None:
    """Write one row per recorder."""
    now = clock.now()
    output = output_of(output_flags, terminal, now, zone_of(zone))
    write(status(store_directory(store.store, terminal.env), now), output, terminal)
