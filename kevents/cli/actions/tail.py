"""Follows events: from a cluster's watch, or from the journals of a store."""

from __future__ import annotations

import select
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING

from kevents import clock as clocks
from kevents.cli.cluster import cluster_of, scopes_of, stop_on_signals
from kevents.cli.flags import StoreFlags
from kevents.cli.output import Output, output_of, write, zone_of
from kevents.cli.request import open_store, ratings_of, selection_of
from kevents.errors import UsageError
from kevents.query.pattern import single_exact
from kevents.query.selection import Selection
from kevents.query.stream import ContinuousQuery, DocumentBatch, from_cluster, from_journals
from kevents.query.stream_views import StreamViews
from kevents.query.user_sql import RowOptions
from kevents.record.messages import message_of
from kevents.report.catalog import reports
from kevents.report.question import Question
from kevents.result import Column, Result, Show
from kevents.source.cluster.backoff import Clock
from kevents.source.cluster.reflector import WatchOptions
from kevents.source.cluster.watcher import Watcher
from kevents.store.journal.follower import Follower
from kevents.store.paths import store_directory
from kevents.store.segments.dedup import ROW
from kevents.store.store import Store

if TYPE_CHECKING:
    import pyarrow as pa

    from kevents.cli.flags import ConnectionFlags, OutputFlags, SelectionFlags, ZoneFlags
    from kevents.cli.terminal import Terminal
    from kevents.source.cluster.updates import Signal
    from kevents.store.coverage import Span
    from kevents.store.journal.follower import Appended

_BEAT = 0.05  # seconds without a new event after which the events so far are written


@dataclass(frozen=True)
class TailFlags:
    """The flags of `kevents tail` that no group has. lines: past events to show first, None for all."""

    lines: int | None
    store: bool
    directory: str | None


def follow_events(
    terminal: Terminal,
    flags: TailFlags,
    selection: SelectionFlags,
    output_flags: OutputFlags,
    zone_flags: ZoneFlags,
    connection: ConnectionFlags,
) -> None:
    """Write events until the source ends. Raises KeyboardInterrupt if the user stops it."""
    if flags.directory and not flags.store:
        raise UsageError(
            f'unexpected argument "{flags.directory}"',
            f"Did you mean --store {flags.directory}? See kevents tail --help.",
        )
    if selection.cluster and not flags.store:
        raise UsageError("--cluster selects clusters of a store", "Add --store, or use --context for a live cluster.")
    now, zone = clocks.now(), zone_of(zone_flags)
    output = replace(output_of(output_flags, terminal, now, zone, time="clock"), ticking=clocks.now)
    if output.check(terminal).is_binary:
        raise UsageError(f"tail can't write {output.format}; use jsonl")
    everywhere = selection.all_namespaces or (flags.store and not selection.namespace)
    selected = selection_of(selection, now, zone)
    tail = _Tail(terminal, selected, output, flags.lines, everywhere, now)
    is_stopped = _follow_store(tail, flags.directory) if flags.store else _follow_cluster(tail, connection)
    if is_stopped:
        raise KeyboardInterrupt


@dataclass(frozen=True)
class _Tail:
    """The events to follow, and how to write them. lines: past events to show first, None for all selected ones."""

    terminal: Terminal
    selection: Selection
    output: Output
    lines: int | None
    is_everywhere: bool  # all namespaces
    now: datetime

    def question(self, limit: int | None = None) -> Question:
        """The report whose rows are written."""
        return Question(reports()["list"], RowOptions(limit=limit), wants_documents=self.output.has_documents)

    def show(
        self, past: Iterable[pa.RecordBatch], documents: Iterable[DocumentBatch | None], views: StreamViews
    ) -> None:
        """Write events as they arrive, until there are no more documents."""
        first = None if self.lines == 0 else self.question(self.lines).sql
        question = self.question()
        continuous = ContinuousQuery(views, first, question.sql)
        batches = chain(past, continuous.batches(self._while_read(documents)))
        document = "document" if question.wants_documents else None
        write(Result(self._columns(question), batches, document, empty="No new events."), self.output, self.terminal)

    def _columns(self, question: Question) -> tuple[Column, ...]:
        """The columns of the report, with the namespace if there may be several."""
        names = self.selection.namespaces
        if single_exact(names) is not None:
            return question.columns
        visibility = {"namespace": Show.TABLE} if self.is_everywhere or names else {}
        return tuple(replace(column, show=visibility.get(column.name, column.show)) for column in question.columns)

    def _while_read(self, documents: Iterable[DocumentBatch | None]) -> Iterator[DocumentBatch | None]:
        """The documents, until the reader of standard output exits: `| head -1` must not wait for another event."""
        try:
            reader = select.poll()
            reader.register(self.terminal.stdout.fileno(), 0)
        except (OSError, ValueError, AttributeError):  # not a file, so its reader is here; Windows has no poll
            yield from documents
            return
        for batch in documents:
            if batch is None and any(event & select.POLLERR for _, event in reader.poll(0)):
                raise BrokenPipeError
            yield batch


def _follow_cluster(tail: _Tail, flags: ConnectionFlags) -> bool:
    """Follow the cluster. Returns whether the user stopped it."""
    kube = cluster_of(flags, tail.terminal)
    scopes = scopes_of(tail.selection.namespaces, kube.identity.namespace, everywhere=tail.is_everywhere)
    watcher = Watcher(kube, WatchOptions(scopes, since=tail.selection.since), Clock(clocks.now))

    def report(signal: Signal) -> None:
        if message := message_of(signal):
            tail.terminal.warn(message.text)

    with stop_on_signals(watcher.stop) as signals:
        documents = from_cluster(watcher.signals(_BEAT), scopes, kube.identity.label, report)
        tail.show((), documents, StreamViews(tail.selection, tail.now, ratings_of(tail.terminal)))
    return bool(signals)


def _follow_store(tail: _Tail, directory: str | None) -> bool:
    """Follow what recorders write into a store. Returns whether the user stopped it."""
    flags = StoreFlags(directory)
    # The follower comes before the snapshot, so that events in between are seen twice instead of missed.
    follower = Follower(Store.open(store_directory(flags.store, tail.terminal.env)).directory)
    store = open_store(flags, tail.terminal)
    engine = store.engine(tail.selection, tail.now)
    views = StreamViews(tail.selection, tail.now, store.ratings)
    if store.live_rows:
        rows = engine.rows(f"SELECT hash({ROW}) AS identity FROM stored.fresh")
        views.remember([row["identity"] for row in rows])
    past = engine.batches(tail.question(tail.lines).sql) if tail.lines != 0 else ()

    def report(part: Appended) -> None:
        for gap in part.gaps:
            tail.terminal.warn(_gap(part.cluster, gap))
        if part.lost:
            tail.terminal.warn(f"{part.lost:,} damaged lines in the journal of {part.cluster} were skipped")
        if part.fell_behind:
            tail.terminal.warn("fell behind the recorder; skipped events are in the store (kevents list)")

    stopping: list[bool] = []
    with stop_on_signals(lambda: stopping.append(True)) as signals:
        tail.show(past, from_journals(follower, report, lambda: bool(stopping)), views)
    return bool(signals)


def _gap(cluster: str, gap: Span) -> str:
    length = clocks.age(gap.end - gap.start)
    return f"a gap of {length} in the recording of {cluster} since {gap.start:%Y-%m-%d %H:%M:%SZ}: {gap.cause}"
