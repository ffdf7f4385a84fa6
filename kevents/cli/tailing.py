"""The two ways to tail: a cluster's own watch, and the journals of a store."""

from __future__ import annotations

import select
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING

from kevents import clock
from kevents.cli.asking import open_store, ratings_of
from kevents.cli.flags import StoreFlags
from kevents.cli.live import cluster_of, scopes_of, stops
from kevents.cli.output import Output, write
from kevents.query.selection import Selection
from kevents.query.stream import Lot, Standing, appended, watched
from kevents.query.stream_views import Live
from kevents.report.catalog import reports
from kevents.report.question import Question
from kevents.result import Column, Result, Show

if TYPE_CHECKING:
    import pyarrow as pa

    from kevents.cli.console import Terminal
    from kevents.cli.flags import ConnectionFlags
    from kevents.source.cluster.updates import Signal
    from kevents.store.coverage import Span
    from kevents.store.journal.follower import Appended

_BEAT = 0.05  # seconds without a signal after which what came is shown
_DOCUMENTS = {"json", "jsonl", "yaml"}


@dataclass(frozen=True)
class Tail:
    """What is asked. lines: how many of the last to begin with, None for all that the selection allows."""

    terminal: Terminal
    selection: Selection
    output: Output
    lines: int | None
    is_everywhere: bool  # all namespaces
    now: datetime

    def question(self, limit: int | None = None) -> Question:
        """The report whose lines are shown."""
        from kevents.query.user_sql import Rows

        wants_documents = self.output.format in _DOCUMENTS
        return Question(reports()["list"], Rows(limit=limit), wants_documents=wants_documents)

    def show(self, before: Iterable[pa.RecordBatch], lots: Iterable[Lot | None], live: Live) -> None:
        """Write lines as they come, until there are no more lots."""
        past = None if self.lines == 0 else self.question(self.lines).sql
        standing = Standing(live, past, self.question().sql)
        batches = chain(before, standing.batches(self._while_read(lots)))
        question = self.question()
        document = "document" if question.wants_documents else None
        write(Result(self._columns(question), batches, document, empty="Nothing happened."), self.output, self.terminal)

    def _columns(self, question: Question) -> tuple[Column, ...]:
        """The report's columns; the namespace from the first line on where there may be several."""
        names = self.selection.namespaces
        if len(names) == 1 and not names[0].startswith("!") and "*" not in names[0]:
            return question.columns
        shown = {"namespace": Show.TABLE} if self.is_everywhere or names else {}
        return tuple(replace(column, show=shown.get(column.name, column.show)) for column in question.columns)

    def _while_read(self, lots: Iterable[Lot | None]) -> Iterator[Lot | None]:
        """The lots as long as somebody reads standard output: `| head -1` must not leave us waiting for an event."""
        try:
            reader = select.poll()
            reader.register(self.terminal.stdout.fileno(), 0)
        except (OSError, ValueError, AttributeError):  # no file: whoever reads it is here; Windows has no poll
            yield from lots
            return
        for lot in lots:
            if lot is None and any(event & select.POLLERR for _, event in reader.poll(0)):
                raise BrokenPipeError
            yield lot


def of_cluster(tail: Tail, flags: ConnectionFlags) -> bool:
    """Tail the cluster; says whether it was asked to stop."""
    from kevents.record.messages import told
    from kevents.source.cluster.backoff import Clock
    from kevents.source.cluster.reflector import Wish
    from kevents.source.cluster.watcher import Watcher

    kube = cluster_of(flags, tail.terminal)
    scopes = scopes_of(tail.selection.namespaces, kube.identity.namespace, everywhere=tail.is_everywhere)
    watcher = Watcher(kube, Wish(scopes, since=tail.selection.since), Clock(clock.now))

    def say(signal: Signal) -> None:
        if sentence := told(signal):
            tail.terminal.warn(sentence.sentence)

    with stops(watcher.stop) as came:
        lots = watched(watcher.beats(_BEAT), scopes, kube.identity.label, say)
        tail.show((), lots, Live(tail.selection, tail.now, ratings_of(tail.terminal)))
    return bool(came)


def of_store(tail: Tail, folder: str | None) -> bool:
    """Tail what recorders write into a store; says whether it was asked to stop."""
    from kevents.store.journal.follower import Following
    from kevents.store.paths import locate
    from kevents.store.segments.dedup import ROW
    from kevents.store.store import Store

    place = Store.open(locate(folder, tail.terminal.env)).folder
    following = Following(place)  # before the snapshot: what comes between the two is seen twice, not never
    store = open_store(StoreFlags(folder), tail.terminal)
    engine = store.engine(tail.selection, tail.now)
    live = Live(tail.selection, tail.now, store.ratings)
    if store.fresh_rows:
        for batch in engine.batches(f"SELECT hash({ROW}) AS identity FROM stored.fresh"):
            live.remember(batch.column("identity").to_pylist())
    question = tail.question(tail.lines)
    before = engine.batches(question.sql) if tail.lines != 0 else ()

    def say(one: Appended) -> None:
        for gap in one.gaps:
            tail.terminal.warn(_gap(one.cluster, gap))
        if one.lost:
            tail.terminal.warn(f"{one.lost:,} lines of the journal of {one.cluster} are damaged, and left out")
        if one.missed:
            tail.terminal.warn("the recorder was faster: what lies between is in the store, see kevents list")

    stopping: list[bool] = []
    with stops(lambda: stopping.append(True)) as came:
        tail.show(before, appended(following, say, lambda: bool(stopping)), live)
    return bool(came)


def _gap(cluster: str, gap: Span) -> str:
    lasted = clock.age(gap.end - gap.start)
    return f"a gap of {lasted} in the recording of {cluster} since {gap.start:%Y-%m-%d %H:%M:%SZ}: {gap.cause}"
