"""The app: its commands and the flags that stand before a command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer

from kevents import __version__
from kevents.cli.commands import COMMANDS, reports


def build(env: Mapping[str, str] | None = None) -> typer.Typer:
    """The whole command line, with every command of the list; with an environment, the user's own reports too."""
    app = typer.Typer(
        name="kevents",
        help="Capture Kubernetes events into local Parquet files and ask them questions.",
        invoke_without_command=True,
        add_completion=False,
        rich_markup_mode=None,  # help through Rich doubles the time of `kevents --help`
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_before_command)
    for module in COMMANDS:
        module.register(app)
    if env is not None:
        reports.register_own(app, env)
    return app


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"kevents {__version__}")
        raise typer.Exit


def _before_command(
    context: typer.Context,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
