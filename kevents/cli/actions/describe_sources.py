"""The sources of describe: the store and, if it is reachable, the cluster."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kevents import clock
from kevents.cli.cluster import cluster_of
from kevents.cli.output import output_of, zone_of
from kevents.cli.request import Request, selection_of
from kevents.config import config_directory
from kevents.errors import SourceError
from kevents.query.damage_policy import DamagePolicy
from kevents.query.kinds import CLUSTER_SCOPED, parse_kind
from kevents.query.open_store import OpenStore
from kevents.query.pattern import single_exact
from kevents.query.selection import Selection
from kevents.source.cluster.errors import ClusterError
from kevents.source.cluster.object_events import list_events
from kevents.source.cluster.updates import Cause, Scope
from kevents.store.journal.recorder_state import recorders
from kevents.store.paths import store_directory
from kevents.store.store import NoStoreError

if TYPE_CHECKING:
    from pathlib import Path

    from kevents.cli.flags import ConnectionFlags, ObjectFlags
    from kevents.cli.terminal import Terminal
    from kevents.query.engine import Engine
    from kevents.source.cluster.client import Kube

_CLUSTER_TIMEOUT = "5s"  # short, because the store can be used instead


@dataclass(frozen=True)
class ClusterSource:
    """A reachable cluster. label: its cluster label in the store."""

    kube: Kube
    label: str

    def events(self, namespace: str | None, **fields: str) -> bytes:
        """The cluster's events of objects with these fields, one document per line.

        namespace: None for all namespaces that the user may list.
        """
        try:
            return list_events(self.kube, Scope(namespace), clock.now(), **fields)
        except ClusterError as error:
            if namespace is not None or error.cause is not Cause.FORBIDDEN:
                raise
        return list_events(self.kube, Scope(self.kube.identity.namespace), clock.now(), **fields)


class Sources:
    """The store, and the cluster's current events of the object. Either may be missing."""

    def __init__(self, request: Request, cluster: ClusterSource | None, lines: bytes) -> None:
        """lines: the cluster's events of the object, one document per line."""
        self.request = request
        self.cluster = cluster
        self.lines = lines
        self._stores: dict[tuple[bytes, bool], OpenStore] = {}

    def engine(self, selection: Selection, *, alone: bool = False, lines: bytes | None = None) -> Engine:
        """An engine over both, or only over the cluster's events. lines: other events of the cluster to use."""
        store = self.request.store
        if self.cluster:
            lines = self.lines if lines is None else lines
            if (lines, alone) not in self._stores:
                base = store.without_rows() if alone else store
                self._stores[lines, alone] = base.with_list(self.cluster.label, lines)
            store = self._stores[lines, alone]
        return store.engine(selection, self.request.output.now)


def sources(terminal: Terminal, flags: ObjectFlags, kind: str, name: str, *, offline: bool) -> Sources:
    """The store, and the cluster's events of the object unless offline."""
    missing: NoStoreError | None = None
    try:
        request = Request.of(terminal, flags)
    except NoStoreError as error:
        if offline:
            raise
        missing = error
        request = _without_store(terminal, flags)
    if offline or flags.clock.as_of:
        return Sources(request, None, b"")
    try:
        cluster, lines = _listed(request, flags.connection, kind, name)
    except SourceError as error:
        if missing:
            raise SourceError(f"{missing}, and {error}", error.hint or missing.hint) from error
        terminal.warn(f"{error}; using the store")
        return Sources(request, None, b"")
    if not request.selection.has_cluster(cluster.label):
        return Sources(request, None, b"")
    return Sources(request, cluster, lines)


def narrowed(selection: Selection, kind: str, name: str) -> Selection:
    """One object in the clusters and namespaces of the selection."""
    namespaces = () if parse_kind(kind).kind in CLUSTER_SCOPED else selection.namespaces
    return Selection(clusters=selection.clusters, namespaces=namespaces, kinds=(kind,), names=(name,))


def _without_store(terminal: Terminal, flags: ObjectFlags) -> Request:
    zone, now = zone_of(flags.clock), clock.now()
    output = output_of(flags.output, terminal, now, zone)
    damage = DamagePolicy(terminal.warn, strict=flags.store.strict)
    directory = store_directory(flags.store.store, terminal.env)
    store = OpenStore.empty(directory, now, damage, config_directory(terminal.env))
    return Request(terminal, store, selection_of(flags.selection, now, zone), output, is_as_of=False)


def _listed(request: Request, flags: ConnectionFlags, kind: str, name: str) -> tuple[ClusterSource, bytes]:
    """The cluster and its events of the object, from the same request as that of kubectl describe."""
    kube = cluster_of(replace(flags, request_timeout=flags.request_timeout or _CLUSTER_TIMEOUT), request.terminal)
    parsed = parse_kind(kind)
    fields = {"name": name} | ({"kind": parsed.kind} if parsed.is_known else {})
    lines = ClusterSource(kube, "").events(_namespace(request.selection, parsed.kind), **fields)
    label = (
        _label_of_recorder(request.store.directory, kube)
        or _label_of_events(request, kind, name, lines)
        or kube.identity.label
    )
    return ClusterSource(kube, label), lines


def _namespace(selection: Selection, kind: str) -> str | None:
    """The one namespace of the selection, if it has one and the kind has namespaces."""
    return None if kind in CLUSTER_SCOPED else single_exact(selection.namespaces)


def _label_of_recorder(directory: Path, kube: Kube) -> str | None:
    """The label under which a recorder stores the events of this server."""
    server = str(kube.identity).rpartition(" at ")[2]
    labels = [
        cluster
        for cluster, state, _ in recorders(directory)
        if state and (state.identity or "").endswith(f" at {server}")
    ]
    return kube.identity.label if kube.identity.label in labels else next(iter(labels), None)


def _label_of_events(request: Request, kind: str, name: str, lines: bytes) -> str | None:
    """The label of the cluster in the store that has any of these events, if there is exactly one."""
    engine = request.engine(narrowed(request.selection, kind, name))
    sql = "SELECT DISTINCT cluster FROM stored.observations WHERE uid IN (SELECT unnest($uids::VARCHAR[]))"
    labels: Sequence[str] = [row["cluster"] for row in engine.rows(sql, {"uids": sorted(set(_uids(lines)))})]
    return labels[0] if len(labels) == 1 else None


def _uids(lines: bytes) -> Iterator[str]:
    for line in lines.splitlines():
        with suppress(ValueError, KeyError, TypeError):
            uid = json.loads(line)["metadata"]["uid"]
            if isinstance(uid, str):
                yield uid
