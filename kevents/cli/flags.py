"""The flags that commands share, declared once, and the decorator that gives them to a command.

A command takes a whole group as one parameter (`selection: SelectionFlags`); typer sees the group's flags one by one.
panel: under which heading a group's flags stand in help.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Annotated, Any, ClassVar, cast, get_type_hints

import typer

Texts = list[str] | None


@dataclass(frozen=True)
class SelectionFlags:
    """Which events: every question can be narrowed by these."""

    panel: ClassVar[str] = "Which events"

    namespace: Annotated[
        Texts, typer.Option("-n", "--namespace", metavar="NAME", help="Only this namespace; `!NAME` for all others.")
    ] = None
    all_namespaces: Annotated[bool, typer.Option("-A", "--all-namespaces", help="All namespaces, which is usual.")] = (
        False
    )
    cluster: Annotated[Texts, typer.Option(metavar="NAME", help="Only this cluster.")] = None
    kind: Annotated[Texts, typer.Option(metavar="KIND", help="Only objects of this kind: pod, po, Deployment, …")] = (
        None
    )
    name: Annotated[Texts, typer.Option(metavar="NAME", help="Only objects of this name; `web-*` for a pattern.")] = (
        None
    )
    for_: Annotated[Texts, typer.Option("--for", metavar="TYPE/NAME", help="Only this object, such as pod/web-1.")] = (
        None
    )
    reason: Annotated[Texts, typer.Option(metavar="REASON", help="Only this reason, such as BackOff.")] = None
    type: Annotated[
        Texts, typer.Option("--type", "--types", metavar="TYPE", help="Only this type: Normal, Warning.")
    ] = None
    node: Annotated[Texts, typer.Option(metavar="NAME", help="Only events about or from this node.")] = None
    component: Annotated[Texts, typer.Option(metavar="NAME", help="Only from this component, such as kubelet.")] = None
    severity: Annotated[
        Texts, typer.Option(metavar="LEVEL", help="Only this or worse: critical, error, …; `=LEVEL` for it alone.")
    ] = None
    category: Annotated[Texts, typer.Option(metavar="NAME", help="Only what is about this: image, probe, node, …")] = (
        None
    )
    grep: Annotated[Texts, typer.Option(metavar="REGEX", help="Only messages that match; `!REGEX` for the others.")] = (
        None
    )
    since: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="From here on: 1h, 2d, yesterday, 2026-11-20T10:00.", rich_help_panel="Time"),
    ] = None
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Up to here, this moment left out.", rich_help_panel="Time")
    ] = None
    min_count: Annotated[int | None, typer.Option(metavar="N", min=1, help="Only events counted N times or more.")] = (
        None
    )


@dataclass(frozen=True)
class ZoneFlags:
    """In which zone times are read and written."""

    panel: ClassVar[str] = "Time"

    utc: Annotated[bool, typer.Option("--utc", help="Read and write times in UTC.")] = False
    tz: Annotated[str | None, typer.Option(metavar="ZONE", help="Read and write times in this zone: Europe/Paris.")] = (
        None
    )


@dataclass(frozen=True)
class ClockFlags(ZoneFlags):
    """What the time is, and in which zone."""

    as_of: Annotated[
        str | None, typer.Option(metavar="TIME|last", help="Take this as now; `last` is the newest event of the store.")
    ] = None


@dataclass(frozen=True)
class OutputFlags:
    """How the answer is written."""

    panel: ClassVar[str] = "Output"

    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FORMAT",
            help="Format: table, wide, json, jsonl, yaml, csv, tsv, markdown, parquet.",
        ),
    ] = None
    no_headers: Annotated[bool, typer.Option("--no-headers", help="Leave the header line out.")] = False
    time: Annotated[str | None, typer.Option(metavar="FORM", help="Times as age, absolute, both or clock.")] = None
    color: Annotated[str | None, typer.Option(metavar="WHEN", help="Colours: auto, always, never.")] = None
    no_csv_guard: Annotated[
        bool, typer.Option("--no-csv-guard", help="Leave csv cells that a spreadsheet takes for formulas as they are.")
    ] = False
    full: Annotated[bool, typer.Option("--full", help="Show long texts to their end on a terminal, too.")] = False
    no_pager: Annotated[bool, typer.Option("--no-pager", help="Let what is longer than the screen run through.")] = (
        False
    )


@dataclass(frozen=True)
class RowFlags:
    """Which rows of the answer, and in which order."""

    panel: ClassVar[str] = "Output"

    sort_by: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Sort by this column; `-COLUMN` turns it round.")
    ] = None
    limit: Annotated[int | None, typer.Option(metavar="N", min=0, help="At most N rows; 0 for all.")] = None


@dataclass(frozen=True)
class StoreFlags:
    """Where the events rest."""

    panel: ClassVar[str] = "Store"

    store: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="The store; else KEVENTS_STORE, else the user's data folder.")
    ] = None


@dataclass(frozen=True)
class ReadFlags(StoreFlags):
    """Where the events rest that a question is about."""

    strict: Annotated[
        bool, typer.Option("--strict", help="Fail where a file is damaged; else it is left out with a warning.")
    ] = False


@dataclass(frozen=True)
class ConnectionFlags:
    """Which cluster to talk to and as whom, as kubectl has it. kubectl's --cluster is --kube-cluster here."""

    panel: ClassVar[str] = "Cluster"

    kube_context: Annotated[str | None, typer.Option("--context", metavar="NAME", help="The kubeconfig's context.")] = (
        None
    )
    kubeconfig: Annotated[
        str | None, typer.Option(metavar="FILE", help="The kubeconfig; else KUBECONFIG, else ~/.kube/config.")
    ] = None
    kube_cluster: Annotated[
        str | None, typer.Option(metavar="NAME", help="The kubeconfig's cluster entry (kubectl's --cluster).")
    ] = None
    user: Annotated[str | None, typer.Option(metavar="NAME", help="The kubeconfig's user.")] = None
    as_: Annotated[str | None, typer.Option("--as", metavar="USER", help="Act as this user.")] = None
    as_group: Annotated[Texts, typer.Option(metavar="GROUP", help="Act as a member of this group.")] = None
    request_timeout: Annotated[
        str | None, typer.Option(metavar="TIME", help="How long a list or a connection may take: 30s, 1m; 0 for ever.")
    ] = None


@dataclass(frozen=True)
class PrintFlags:
    """What recording needs elsewhere, to be printed instead of recording."""

    panel: ClassVar[str] = "Printing"

    print_rbac: Annotated[
        bool, typer.Option("--print-rbac", help="Print the ClusterRole that recording needs, and end.")
    ] = False
    print_unit: Annotated[
        bool, typer.Option("--print-unit", help="Print a systemd user unit for this command line, and end.")
    ] = False
    print_manifest: Annotated[
        bool, typer.Option("--print-manifest", help="Print a Deployment with all it needs in the cluster, and end.")
    ] = False
    image: Annotated[
        str | None, typer.Option(metavar="NAME", help="The image for --print-manifest; none is published.")
    ] = None


def takes_flags(
    command: Callable[..., None], without: Collection[str] = (), more: Iterable[inspect.Parameter] = ()
) -> Callable[..., None]:
    """Let typer see each flag of the groups that the command takes as parameters.

    without: parameters that this command leaves at their defaults. more: flags for its `**` parameter.
    """
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, Any] = {
        name: hint for name, hint in hints.items() if isinstance(hint, type) and is_dataclass(hint)
    }
    own = [
        p.replace(annotation=hints[name])
        for name, p in inspect.signature(command).parameters.items()
        if name not in groups and name not in without and p.kind is not inspect.Parameter.VAR_KEYWORD
    ]

    def with_groups(**values: object) -> None:
        _drop_contradicted(values)
        for name, group in groups.items():
            values[name] = _taken(group, values)
        command(**values)

    flags = [flag for group in groups.values() for flag in _flags_of(group)]
    with_groups.__name__ = command.__name__
    with_groups.__doc__ = command.__doc__
    with_groups.__signature__ = inspect.Signature([*own, *more, *flags])  # type: ignore[attr-defined]
    with_groups.__annotations__ = {}
    return with_groups


def shown(group: Any) -> tuple[tuple[str, str], ...]:
    """The flags of a group as help shows them, with what they mean: `-n, --namespace NAME`."""
    return tuple((_as_shown(flag), flag.annotation.__metadata__[0].help) for flag in _flags_of(group))


def _as_shown(flag: inspect.Parameter) -> str:
    option = flag.annotation.__metadata__[0]
    # typer keeps the first word as the default, since Annotated leaves that to the field
    words = [word for word in (option.default, *(option.param_decls or ())) if isinstance(word, str)]
    names = ", ".join(words) or f"--{flag.name.replace('_', '-')}"
    return f"{names} {option.metavar}" if option.metavar else names


def _drop_contradicted(values: dict[str, object]) -> None:
    """Forget a default of the user's own that a flag at the command line contradicts: --utc goes before `tz = …`."""
    if values.get("utc") and values.get("tz"):
        source = cast("typer.Context", values["context"]).get_parameter_source("tz")
        if source and source.name == "DEFAULT_MAP":
            values["tz"] = None


def _taken(group: Any, values: dict[str, object]) -> object:
    """The group with its flags taken from the values; groups of groups too."""
    hints = get_type_hints(group)
    return group(
        **{
            one.name: _taken(hints[one.name], values) if is_dataclass(hints[one.name]) else values.pop(one.name)
            for one in fields(group)
        }
    )


@cache
def _flags_of(group: Any) -> list[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    found: list[inspect.Parameter] = []
    for one in fields(group):
        if is_dataclass(hints[one.name]):
            found += _flags_of(hints[one.name])
            continue
        option = hints[one.name].__metadata__[0]
        option.rich_help_panel = option.rich_help_panel or group.panel
        keyword = inspect.Parameter.KEYWORD_ONLY
        found.append(inspect.Parameter(one.name, keyword, default=one.default, annotation=hints[one.name]))
    return found


def _shared() -> Iterator[tuple[str, str]]:
    for group in (StoreFlags, OutputFlags, ZoneFlags, ConnectionFlags):
        for flag in _flags_of(group):
            if flag.name in _FOR_ALL:
                yield flag.name, flag.annotation.__metadata__[0].help


_FOR_ALL = {
    "store", "output", "no_headers", "time", "color", "no_csv_guard", "full", "no_pager", "tz", "kube_context",
    "kubeconfig", "request_timeout",
}  # fmt: skip

SHARED = dict(_shared())
"""The flags that can have one default for all commands: what the command calls them, and their help."""
