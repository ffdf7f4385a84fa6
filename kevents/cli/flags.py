"""The groups of flags that commands share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Protocol

from kevents.cli.flag import Flag, flags_of
from kevents.clock import TIME_FORMATS
from kevents.event.severity import CATEGORIES, SEVERITIES
from kevents.render import formats

Texts = list[str] | None

COLORS = ("auto", "always", "never")
TYPES = ("Normal", "Warning")
LOG_FORMATS = ("text", "json")


@dataclass(frozen=True)
class SelectionFlags:
    """Select the events."""

    panel: ClassVar[str] = "Filters"

    namespace: Annotated[
        Texts, Flag("-n", "--namespace", metavar="NAME", help="Filter by namespace; `!NAME` excludes.")
    ] = None
    all_namespaces: Annotated[bool, Flag("-A", "--all-namespaces", help="All namespaces (default).")] = False
    cluster: Annotated[Texts, Flag(metavar="NAME", help="Filter by cluster label.")] = None
    kind: Annotated[Texts, Flag(metavar="KIND", help="Filter by kind of object: pod, po, Deployment, …")] = None
    name: Annotated[Texts, Flag(metavar="NAME", help="Filter by object name; `*` is a wildcard (`web-*`).")] = None
    for_: Annotated[Texts, Flag("--for", metavar="TYPE/NAME", help="Filter by object, e.g. pod/web-1.")] = None
    reason: Annotated[Texts, Flag(metavar="REASON", help="Filter by reason, e.g. BackOff.")] = None
    type: Annotated[
        Texts, Flag("--type", "--types", metavar="TYPE", help="Filter by type: {choices}.", choices=TYPES)
    ] = None
    node: Annotated[Texts, Flag(metavar="NAME", help="Only events about or from this node.")] = None
    component: Annotated[Texts, Flag(metavar="NAME", help="Filter by source component, e.g. kubelet.")] = None
    severity: Annotated[
        Texts,
        Flag(metavar="LEVEL", help="Minimum severity: {choices}; `=LEVEL` matches exactly.", choices=SEVERITIES),
    ] = None
    category: Annotated[
        Texts,
        Flag(metavar="NAME", help="Filter by category: image, probe, node, … (kevents help severities).",
             choices=CATEGORIES),
    ] = None  # fmt: skip
    grep: Annotated[
        Texts, Flag(metavar="REGEX", help="Filter messages by regex (RE2, case-sensitive); `!REGEX` excludes.")
    ] = None
    since: Annotated[
        str | None,
        Flag(metavar="TIME", help="Start time: 1h (ago), 10:30, yesterday, 2026-11-20T10:00.", panel="Time"),
    ] = None
    until: Annotated[str | None, Flag(metavar="TIME", help="End time (exclusive).", panel="Time")] = None
    min_count: Annotated[int | None, Flag(metavar="N", least=1, help="Only events with a count of at least N.")] = None


@dataclass(frozen=True)
class LiveSelectionFlags(SelectionFlags):
    """Select events to follow. Without -A or -n, the namespace is that of the kubeconfig's context."""

    all_namespaces: Annotated[bool, Flag("-A", "--all-namespaces", help="All namespaces.")] = False


@dataclass(frozen=True)
class ZoneFlags:
    """The time zone."""

    panel: ClassVar[str] = "Time"

    utc: Annotated[bool, Flag("--utc", help="Interpret and display times in UTC.")] = False
    tz: Annotated[
        str | None, Flag(metavar="ZONE", help="Interpret and display times in this zone, e.g. Europe/Paris.")
    ] = None


@dataclass(frozen=True)
class ClockFlags(ZoneFlags):
    """The time zone and the current time."""

    as_of: Annotated[
        str | None, Flag(metavar="TIME|last", help='Use this time as "now"; `last` = newest event in the store.')
    ] = None


@dataclass(frozen=True)
class OutputFlags:
    """How the result is written."""

    panel: ClassVar[str] = "Output"

    output: Annotated[
        str | None, Flag("-o", "--output", metavar="FORMAT", help="Format: {choices}.", choices=formats.NAMES)
    ] = None
    no_headers: Annotated[bool, Flag("--no-headers", help="Don't print the header line.")] = False
    time: Annotated[str | None, Flag(metavar="FORM", help="Time format: {choices}.", choices=TIME_FORMATS)] = None
    color: Annotated[str | None, Flag(metavar="WHEN", help="Colors: {choices}.", choices=COLORS)] = None
    no_csv_guard: Annotated[
        bool, Flag("--no-csv-guard", help="Don't escape CSV cells that look like spreadsheet formulas.")
    ] = False
    full: Annotated[bool, Flag("--full", help="Don't truncate long text on a terminal.")] = False
    no_pager: Annotated[bool, Flag("--no-pager", help="Don't use a pager.")] = False


@dataclass(frozen=True)
class RowFlags:
    """Which rows are written, and in which order."""

    panel: ClassVar[str] = "Output"

    sort_by: Annotated[str | None, Flag(metavar="COLUMN", help="Sort by column; `-COLUMN` for descending.")] = None
    limit: Annotated[int | None, Flag(metavar="N", least=0, help="Show at most N rows (0 = no limit).")] = None


@dataclass(frozen=True)
class StoreFlags:
    """The store."""

    panel: ClassVar[str] = "Store"

    store: Annotated[
        str | None,
        Flag(metavar="DIR", help="Store directory [env: KEVENTS_STORE] [default: per-user data directory]."),
    ] = None


@dataclass(frozen=True)
class ReadFlags(StoreFlags):
    """The store, for a command that reads its events."""

    strict: Annotated[
        bool, Flag("--strict", help="Fail if a store file is damaged (default: skip it with a warning).")
    ] = False


@dataclass(frozen=True)
class ConnectionFlags:
    """The connection to a cluster, as in kubectl. kubectl's --cluster is --kube-cluster here."""

    panel: ClassVar[str] = "Cluster"

    kube_context: Annotated[str | None, Flag("--context", metavar="NAME", help="Kubeconfig context.")] = None
    kubeconfig: Annotated[str | None, Flag(metavar="FILE", help="Path to the kubeconfig [env: KUBECONFIG].")] = None
    kube_cluster: Annotated[
        str | None, Flag(metavar="NAME", help="Kubeconfig cluster entry (kubectl's --cluster).")
    ] = None
    user: Annotated[str | None, Flag(metavar="NAME", help="Kubeconfig user.")] = None
    as_: Annotated[str | None, Flag("--as", metavar="USER", help="Impersonate this user.")] = None
    as_group: Annotated[Texts, Flag(metavar="GROUP", help="Impersonate this group.")] = None
    request_timeout: Annotated[
        str | None,
        Flag(metavar="DURATION", help="Timeout for list requests and connections, e.g. 30s; 0 = no timeout."),
    ] = None


@dataclass(frozen=True)
class RetentionFlags:
    """Which data is deleted because of its age or the size of the store."""

    panel: ClassVar[str] = "Retention"

    older_than: Annotated[str | None, Flag(metavar="DURATION", help="Delete days older than this: 120d, 8w.")] = None
    max_size: Annotated[
        str | None, Flag(metavar="SIZE", help="Delete the oldest days until the store is at most this size: 20GB.")
    ] = None
    keep_severity: Annotated[
        Texts,
        Flag(
            metavar="LEVEL=DURATION",
            help="With --older-than: keep events of at least this severity longer, e.g. warning=365d.",
        ),
    ] = None


@dataclass(frozen=True)
class PrintFlags:
    """Print a file for running a recorder, instead of recording."""

    panel: ClassVar[str] = "Printing"

    print_rbac: Annotated[
        bool, Flag("--print-rbac", help="Print the ClusterRole that a recorder needs (with -n: Roles) and exit.")
    ] = False
    print_unit: Annotated[
        bool, Flag("--print-unit", help="Print a systemd user unit for this command line and exit.")
    ] = False
    print_manifest: Annotated[
        bool, Flag("--print-manifest", help="Print Kubernetes manifests for an in-cluster recorder and exit.")
    ] = False
    image: Annotated[
        str | None,
        Flag(metavar="NAME", help="Container image for --print-manifest (build your own; none is published)."),
    ] = None


class RequestFlags(Protocol):
    """The flags of a command that queries the store."""

    @property
    def selection(self) -> SelectionFlags: ...
    @property
    def output(self) -> OutputFlags: ...
    @property
    def clock(self) -> ClockFlags: ...
    @property
    def store(self) -> ReadFlags: ...


@dataclass(frozen=True)
class QueryFlags:
    """The flags of a command that queries events and writes rows."""

    selection: SelectionFlags
    rows: RowFlags
    output: OutputFlags
    clock: ClockFlags
    store: ReadFlags


@dataclass(frozen=True)
class FixedOrderFlags:
    """The flags of a command that queries events and writes rows in a fixed order."""

    selection: SelectionFlags
    output: OutputFlags
    clock: ClockFlags
    store: ReadFlags


@dataclass(frozen=True)
class ObjectFlags(FixedOrderFlags):
    """The flags of a command that shows one object, from the store and from a cluster."""

    connection: ConnectionFlags


ShowSql = Annotated[bool, Flag("--show-sql", help="Print the SQL instead of running it.")]

_SHARED_NAMES = {
    "store", "output", "no_headers", "time", "color", "no_csv_guard", "full", "no_pager", "tz", "kube_context",
    "kubeconfig", "request_timeout",
}  # fmt: skip
SHARED = {
    name: flag.help
    for group in (StoreFlags, OutputFlags, ZoneFlags, ConnectionFlags)
    for name, flag in flags_of(group)
    if name in _SHARED_NAMES
}
"""The help of each flag that can have one default for all commands, by the name of its parameter."""
FOR_ONE_RUN = {name.replace("_", "-") for name, _ in flags_of(PrintFlags)} | {
    "help", "version", "force", "dry-run", "show-sql", "schema",
}  # fmt: skip
"""The keys of flags that can't have a default, because it would be harmful or useless."""
