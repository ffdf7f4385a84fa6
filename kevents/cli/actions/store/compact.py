"""Merges small files of the store into large ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from kevents import clock
from kevents.cli.progress import Progress
from kevents.errors import StoreError
from kevents.render.units import size
from kevents.store.paths import store_directory
from kevents.store.rewrite.compact import CompactOptions, CompactResult, compact
from kevents.store.rewrite.exchange import Callbacks
from kevents.store.store import Store

if TYPE_CHECKING:
    from kevents.cli.flags import StoreFlags
    from kevents.cli.terminal import Terminal
    from kevents.store.catalog import StoreFile


def compact_store(terminal: Terminal, flags: StoreFlags, clusters: Sequence[str]) -> None:
    """Compact the store, or only these clusters of it, and write what changed."""
    store = Store.open(store_directory(flags.store, terminal.env))
    with Progress(terminal, amount="{:,} observations".format) as progress:
        callbacks = Callbacks(terminal.warn, lambda doing, done, total: progress.update(done, total, doing))
        options = CompactOptions(tuple(clusters), by_hand=True)
        result = compact(store, options, clock.now(), callbacks)
    for damage in result.damaged:
        terminal.warn(f"{damage.file.path} {damage.finding}: it was left alone. See kevents store verify.")
    if clusters and not result.before:
        raise StoreError(f"the store has no events of cluster {', '.join(clusters)}")
    terminal.note(_sentence(result))


def _sentence(result: CompactResult) -> str:
    if {file.path for file in result.before} == {file.path for file in result.after}:
        return f"Nothing to compact: {_amount(result.before)}."
    return f"Compacted {_amount(result.before)} to {_amount(result.after)}."


def _amount(files: Iterable[StoreFile]) -> str:
    listed = list(files)
    noun = "file" if len(listed) == 1 else "files"
    return f"{len(listed):,} {noun} ({size(sum(file.bytes for file in listed))})"
