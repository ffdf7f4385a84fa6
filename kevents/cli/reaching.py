"""Where describe gets its events from: the cluster, if one answers, and the store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kevents import clock
from kevents.cli.asking import Asking, output_of, selection_of, zone_of
from kevents.cli.live import cluster_of
from kevents.errors import SourceError
from kevents.query.kinds import CLUSTER_SCOPED, parse_kind
from kevents.query.selection import Selection
from kevents.source.cluster.errors import ClusterError
from kevents.source.cluster.updates import Cause, Scope

if TYPE_CHECKING:
    from pathlib import Path

    from kevents.cli.console import Terminal
    from kevents.cli.flags import ConnectionFlags
    from kevents.cli.questions import ObjectFlags
    from kevents.query.engine import Engine
    from kevents.query.open_store import OpenStore
    from kevents.source.cluster.client import Kube

_PATIENCE = "5s"  # of a question that the store can answer too


@dataclass(frozen=True)
class Live:
    """A cluster that answers. label: what its events are labelled with in the store."""

    kube: Kube
    label: str

    def listed(self, namespace: str | None, **fields: str) -> bytes:
        """What it holds of objects with these fields, a document a line; None for all namespaces that may be seen."""
        from kevents.source.cluster.object_events import about

        try:
            return about(self.kube, Scope(namespace), clock.now(), **fields)
        except ClusterError as error:
            if namespace is not None or error.cause is not Cause.FORBIDDEN:
                raise
        return about(self.kube, Scope(self.kube.identity.namespace), clock.now(), **fields)


class Sources:
    """The store, and what the cluster lists of the object; either may be missing."""

    def __init__(self, asking: Asking, live: Live | None, lines: bytes) -> None:
        """lines: what the cluster lists of the object, a document each."""
        self.asking = asking
        self.live = live
        self.lines = lines
        self._stores: dict[tuple[bytes, bool], OpenStore] = {}

    def engine(self, selection: Selection, *, alone: bool = False, lines: bytes | None = None) -> Engine:
        """An engine over both, or over the list alone. lines: another list than that of the object."""
        store = self.asking.store
        if self.live:
            listed = self.lines if lines is None else lines
            if (listed, alone) not in self._stores:
                below = store.without_rows() if alone else store
                self._stores[listed, alone] = below.with_list(self.live.label, listed)
            store = self._stores[listed, alone]
        return store.engine(selection, self.asking.output.now)

    def stored(self, selection: Selection) -> Engine:
        """An engine over the store alone."""
        return self.asking.store.engine(selection, self.asking.output.now)


def sources(terminal: Terminal, flags: ObjectFlags, kind: str, name: str, *, offline: bool) -> Sources:
    """The store, and what the cluster says of the object unless it is not to be asked."""
    from kevents.store.paths import locate
    from kevents.store.store import NoStoreError

    missing: NoStoreError | None = None
    try:
        asking = Asking.of(terminal, flags)
    except NoStoreError as error:
        if offline:
            raise
        missing = error
        asking = _without_store(terminal, flags, locate(flags.store.store, terminal.env))
    if offline or flags.clock.as_of:
        return Sources(asking, None, b"")
    try:
        live, lines = _asked(asking, flags.connection, kind, name)
    except SourceError as error:
        if missing:
            raise SourceError(f"{missing}, and {error}", error.hint or missing.hint) from error
        terminal.warn(f"{error}: the store answers")
        return Sources(asking, None, b"")
    if not asking.selection.has_cluster(live.label):
        return Sources(asking, None, b"")
    return Sources(asking, live, lines)


def _without_store(terminal: Terminal, flags: ObjectFlags, folder: Path) -> Asking:
    from kevents.config import config_folder
    from kevents.query.damage_policy import Care
    from kevents.query.open_store import OpenStore

    zone = zone_of(flags.clock)
    now = clock.now()
    output = output_of(flags.output, now, zone)
    output.check(terminal)
    care = Care(terminal.warn, strict=flags.store.strict)
    store = OpenStore.empty(folder, now, care, config_folder(terminal.env))
    return Asking(terminal, store, selection_of(flags.selection, now, zone), output, is_as_of=False)


def _asked(asking: Asking, flags: ConnectionFlags, kind: str, name: str) -> tuple[Live, bytes]:
    """The cluster and what it lists of the object, asked as kubectl describe asks."""
    kube = cluster_of(replace(flags, request_timeout=flags.request_timeout or _PATIENCE), asking.terminal)
    meant = parse_kind(kind)
    fields = {"name": name} | ({"kind": meant.kind} if meant.is_known else {})
    lines = Live(kube, "").listed(namespace_of(asking.selection, meant.kind), **fields)
    label = _recorded(asking.store.folder, kube) or _held(asking, kind, name, lines) or kube.identity.label
    return Live(kube, label), lines


def narrowed(selection: Selection, kind: str, name: str) -> Selection:
    """The clusters and namespaces of the selection, and of them one object."""
    namespaces = () if parse_kind(kind).kind in CLUSTER_SCOPED else selection.namespaces
    return Selection(clusters=selection.clusters, namespaces=namespaces, kinds=(kind,), names=(name,))


def namespace_of(selection: Selection, kind: str) -> str | None:
    """The one namespace that the selection names, if it does and the kind has namespaces."""
    names = selection.namespaces
    if kind in CLUSTER_SCOPED or len(names) != 1 or names[0].startswith("!") or "*" in names[0]:
        return None
    return names[0]


def _recorded(folder: Path, kube: Kube) -> str | None:
    """The label under which a recorder keeps the events of this server."""
    from kevents.store.journal.recorder_state import recorders

    server = str(kube.identity).rpartition(" at ")[2]
    known = [c for c, told, _ in recorders(folder) if told and (told.identity or "").endswith(f" at {server}")]
    return kube.identity.label if kube.identity.label in known else next(iter(known), None)


def _held(asking: Asking, kind: str, name: str, lines: bytes) -> str | None:
    """The label of the one cluster of the store that holds an event of the list, as a dump of it does."""
    engine = asking.store.engine(narrowed(asking.selection, kind, name), asking.output.now)
    sql = "SELECT DISTINCT cluster FROM stored.sightings WHERE uid IN (SELECT unnest($uids::VARCHAR[]))"
    batches = engine.batches(sql, {"uids": sorted(set(_uids(lines)))})
    found = [label for batch in batches for label in batch.column("cluster").to_pylist()]
    return found[0] if len(found) == 1 else None


def _uids(lines: bytes) -> Iterator[str]:
    for line in lines.splitlines():
        with suppress(ValueError, KeyError, TypeError):
            uid = json.loads(line)["metadata"]["uid"]
            if isinstance(uid, str):
                yield uid
