"""`kevents record`: a cluster's events into the store, as they happen."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from kevents.cli.flags import ConnectionFlags, PrintFlags, StoreFlags, Texts, takes_flags
from kevents.cli.program import terminal_of
from kevents.cli.retention import RetentionFlags
from kevents.errors import UsageError
from kevents.suggest import hint

if TYPE_CHECKING:
    pass

_FORMATS = ("text", "json")

HELP = """Record a cluster's events as they happen, until Ctrl-C.

It lists what the cluster holds, then watches; every event is on disk before it counts as taken, and within 2 s every
other command sees it. Namespaces are as in kubectl: the context's, those of -n, or all with -A. Connections that
break are made again; what was missed meanwhile is taken, or told by `kevents coverage`. Started again, it goes on
where it stopped. Every ten minutes small files become large ones, and what --older-than or --max-size do not keep is
deleted as `kevents store prune` does, of this cluster alone. Ctrl-C and SIGTERM end it cleanly, with exit status 0; a
second one ends it at once.

\b
    kevents record -A
    kevents record -n shop -n payments --duration 8h
    kevents record -A --once --since 1h
    kevents record -A --print-unit > kevents-record.service
    kevents record -A --print-manifest --image me/kevents | kubectl apply -f -
"""


def register(app: typer.Typer) -> None:
    app.command("record", help=HELP)(takes_flags(record))


def record(
    context: typer.Context,
    *,
    namespace: Annotated[
        Texts, typer.Option("-n", "--namespace", metavar="NAME", help="This namespace; may be given several times.")
    ] = None,
    all_namespaces: Annotated[bool, typer.Option("-A", "--all-namespaces", help="All namespaces.")] = False,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Of what the cluster holds, only events seen since: 1h, 10:30.")
    ] = None,
    duration: Annotated[str | None, typer.Option(metavar="TIME", help="End after so long: 30m, 8h.")] = None,
    once: Annotated[bool, typer.Option("--once", help="Take what the cluster holds, and end.")] = False,
    cluster: Annotated[
        str | None, typer.Option(metavar="NAME", help="The cluster's label in the store; else the context's name.")
    ] = None,
    connection: ConnectionFlags,
    store: StoreFlags,
    redact: Annotated[
        str | None,
        typer.Option(metavar="REGEX", help="Replace what matches in messages and in other free text, before storing."),
    ] = None,
    log_format: Annotated[str, typer.Option(metavar="FORM", help="Log lines as text or json.")] = "text",
    retention: RetentionFlags,
    prints: PrintFlags,
) -> None:
    from kevents import clock
    from kevents.cli.console import Line
    from kevents.cli.installing import Installing
    from kevents.cli.keeping import Keeping, upkept
    from kevents.cli.live import cluster_of, scopes_of, stops
    from kevents.cli.log import Log
    from kevents.cli.recording import Recording, checkpoints, opened
    from kevents.event.redaction import Redaction
    from kevents.record.recorder import Ears, How, Recorder, scope_name
    from kevents.source.cluster.backoff import Clock
    from kevents.source.cluster.reflector import Wish
    from kevents.source.cluster.watcher import Watcher
    from kevents.store.paths import cluster_folder, locate

    terminal = terminal_of(context)
    if log_format not in _FORMATS:
        raise UsageError(f'--log-format cannot be "{log_format}"', hint(log_format, _FORMATS))
    if once and duration:
        raise UsageError("--once and --duration are two ways to end", "Give one of them.")
    names = _namespaces(namespace)
    zone, now = clock.zone_named("local"), clock.now()
    oldest = clock.parse_time(since, now, zone) if since else None
    until = now + clock.parse_duration(duration) if duration else None
    keeping = Keeping.of(retention)
    folder = locate(store.store, terminal.env)
    if printed := Installing(context, connection, names, folder).printed(prints):
        terminal.stdout.write(printed)
        return
    kube = cluster_of(connection, terminal)
    label = cluster or kube.identity.label
    cluster_folder(label)  # a label that cannot be a folder's name is refused before anything is asked
    scopes = scopes_of(names, kube.identity.namespace, everywhere=all_namespaces)
    log = Log(terminal, clock.now, is_json=log_format == "json")
    with (
        upkept(folder, label, keeping, log, clock.now, at_end=once) as beside,
        opened(folder, label, clock.now, log) as journal,
    ):
        known = {} if once else checkpoints(journal, scopes)
        wish = Wish(scopes, known, oldest, follow=not once)
        watcher = Watcher(kube, wish, Clock(clock.now))
        line = Line(terminal)
        server, recorded = str(kube.identity), tuple(map(scope_name, scopes))
        told = Recording(journal, label, server, recorded, os.getpid(), now, clock.now, log, line, keeping)
        how = How(Redaction(redact).document if redact else None, until, beside)
        recorder = Recorder(watcher, journal, Clock(clock.now), Ears(log.say, told.show), how)
        where = " and ".join(map(str, scopes))
        log.usual("start", f"recording {where} of cluster {label} as {kube.identity} into {folder}")
        try:
            with stops(recorder.stop):
                recorder.run()
        finally:
            line.close()
    told.end(recorder.figures)
    log.usual("end", f"recorded {recorder.figures.events:,} events; everything is stored")


def _namespaces(flag: Texts) -> tuple[str, ...]:
    from kevents.query.selection import values_of

    names = values_of(flag)
    if any(name.startswith("!") or "*" in name for name in names):
        raise UsageError("-n takes whole names here", "Record all namespaces with -A, and choose when asking.")
    return names
