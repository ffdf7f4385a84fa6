"""The typer app: its commands and its global flags."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, cast

import typer

from kevents import __version__
from kevents.cli.commands import COMMANDS, reports
from kevents.cli.typer_help import App, help_text

_HELP = help_text(
    "Record Kubernetes events to local Parquet files and query them.\n\nMore help: `kevents help topics`.",
    "kevents demo",
    "kubectl get events -A -o json | kevents import -",
    "kevents overview --since 1h",
)
_MAX_WIDTH = 100  # columns of help; longer lines are hard to read


class _App(App):
    """An app in which only one command has its flags, because building all flags takes longer than most queries.

    complete: the name of that command; None for all commands.
    """

    def __init__(self, complete: str | None, **options: Any) -> None:
        super().__init__(**options)
        self._complete = complete

    def command(self, name: str | None = None, **options: Any) -> Callable[..., Any]:
        def add(command: Callable[..., None]) -> Callable[..., None]:
            command_name = name or command.__name__
            is_complete = self._complete in {None, command_name}
            register = super(_App, self).command(command_name, **options)
            return cast("Callable[..., None]", register(command if is_complete else _stub))

        return add

    def add_typer(self, typer_instance: typer.Typer, **options: Any) -> None:
        if self._complete not in {None, options["name"]}:
            typer_instance = App(help=typer_instance.info.help)
            typer_instance.callback()(_stub)
        super().add_typer(typer_instance, **options)


def build(env: Mapping[str, str] | None = None, command: str | None = None) -> typer.Typer:
    """Build the app with all commands.

    env: if given, the user's own reports are added. command: the only command that needs its flags; None for all.
    """
    app = _App(
        command,
        name="kevents",
        help=_HELP,
        invoke_without_command=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": _MAX_WIDTH},
    )
    app.callback()(_main)
    for app.panel, modules in COMMANDS.items():
        for module in modules:
            module.register(app)
    if env is not None:
        app.panel = "Custom reports"
        reports.register_user_reports(app, env)
    return app


def _stub() -> None:
    """Stands in for a command that will not run."""


def _print_version(is_given: bool) -> None:
    if is_given:
        typer.echo(f"kevents {__version__}")
        raise typer.Exit


def _main(
    context: typer.Context,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
