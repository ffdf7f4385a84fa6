"""The commands, in the order in which help shows them: each module adds its own to the app."""

from __future__ import annotations

from typing import Protocol

import typer

from kevents.cli.commands import (
    completion,
    config,
    correlate,
    coverage,
    demo,
    describe,
    doctor,
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


COMMANDS: tuple[CommandModule, ...] = (
    import_,
    record,
    tail,
    report,
    describe,
    histogram,
    timeline,
    correlate,
    patterns,
    query,
    coverage,
    status,
    store,
    reports,
    config,
    doctor,
    completion,
    demo,
)
