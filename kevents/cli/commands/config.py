"""`kevents config`: the settings, and where each comes from."""

from __future__ import annotations

import typer

from kevents.cli.flag import takes_flags
from kevents.cli.flags import OutputFlags, ZoneFlags
from kevents.cli.program import program_of
from kevents.cli.typer_help import App, help_text

HELP = """Show or create the configuration.

Precedence: flag, environment (KEVENTS_OUTPUT), config.toml, built-in default.

\b
    kevents config show
    kevents config init
"""


def register(app: typer.Typer) -> None:
    group = App(help=HELP, no_args_is_help=True)
    show_help = help_text(
        "Show each setting, its value and where it comes from.", "kevents config show", "kevents config show -o json"
    )
    init_help = help_text("Create a config.toml with all settings commented out.", "kevents config init")
    group.command("show", help=show_help)(takes_flags(show))
    group.command("init", help=init_help)(init)
    app.add_typer(group, name="config")


def show(context: typer.Context, *, output: OutputFlags, zone: ZoneFlags) -> None:
    from kevents.cli.actions.config import show_settings

    show_settings(program_of(context), output, zone)


def init(context: typer.Context) -> None:
    from kevents.cli.actions.config import create_file

    create_file(program_of(context))
