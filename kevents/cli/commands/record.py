"""`kevents record`: records a cluster's events into the store."""

from __future__ import annotations

from typing import Annotated

import typer

from kevents.cli.flag import Flag, takes_flags
from kevents.cli.flags import LOG_FORMATS, ConnectionFlags, PrintFlags, RetentionFlags, StoreFlags, Texts

HELP = """Record a cluster's events as they happen, until Ctrl-C.

Lists existing events, then watches. An event counts as recorded once it is fsynced, and other commands see it within
2 s. Namespaces work as in kubectl: the context's namespace by default, -n, or -A. Reconnects automatically. Events
missed meanwhile are fetched if the cluster still has them; otherwise `kevents coverage` shows the gap. Resumes where it
left off. Every ten minutes it compacts small files and prunes this cluster's data according to --older-than and
--max-size. Ctrl-C or SIGTERM stops it cleanly (exit 0); a second one stops it immediately.

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
        Texts, Flag("-n", "--namespace", metavar="NAME", help="Namespace to record; can be repeated.")
    ] = None,
    all_namespaces: Annotated[bool, Flag("-A", "--all-namespaces", help="Record all namespaces.")] = False,
    since: Annotated[
        str | None, Flag(metavar="TIME", help="Ignore existing events last seen before this time.")
    ] = None,
    duration: Annotated[str | None, Flag(metavar="DURATION", help="Stop after this long: 30m, 8h.")] = None,
    once: Annotated[bool, Flag("--once", help="Record existing events once and exit.")] = False,
    cluster: Annotated[
        str | None, Flag(metavar="NAME", help="Cluster label in the store (default: name of the context).")
    ] = None,
    connection: ConnectionFlags,
    store: StoreFlags,
    redact: Annotated[
        str | None,
        Flag(
            metavar="REGEX",
            help="Redact matching text (RE2) before storing, except in names, namespaces, kinds, UIDs, known reasons.",
        ),
    ] = None,
    log_format: Annotated[str, Flag(metavar="FORM", help="Log format: {choices}.", choices=LOG_FORMATS)] = "text",
    retention: RetentionFlags,
    prints: PrintFlags,
) -> None:
    from kevents.cli.actions.record import RecordFlags, record_cluster

    own = RecordFlags(namespace, all_namespaces, since, duration, once, cluster, redact, log_format)
    record_cluster(context, own, connection, store, retention, prints)
