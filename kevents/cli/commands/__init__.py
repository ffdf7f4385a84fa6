"""The commands in the order of help; each module adds its own to the app."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import typer

from kevents.cli.commands import (
    completion,
    config,
    correlate,
    coverage,
    demo,
    describe,
    diff,
    doctor,
    help,
    histogram,
    import_,
    patterns,
    query,
    record,
    report,
    reports,
    status,
    store,
    tail,
    timeline,
)


class CommandModule(Protocol):
    def register(self, app: typer.Typer) -> None: ...


COMMANDS: Mapping[str, tuple[CommandModule, ...]] = {
    "Capture": (import_, record, tail),
    "Query": (report, describe, histogram, timeline, correlate, patterns, diff, query),
    "Status and storage": (coverage, status, store, doctor),
    "Customize": (reports, config, completion),
    "Learn": (help, demo),
}
