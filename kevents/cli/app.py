"""The app: its commands, and the flags before a command."""

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
_WIDEST = 100  # cells of a line of help: longer ones are hard to read


class _App(App):
    """An app with one complete command, or all of them; the others have what the list of commands shows.

    Building the flags of all commands takes longer than most queries.
    """

    def __init__(self, whole: str | None, **options: Any) -> None:
        super().__init__(**options)
        self._whole = whole

    def command(self, name: str | None = None, **options: Any) -> Callable[..., Any]:
        def add(command: Callable[..., None]) -> Callable[..., None]:
            called = name or command.__name__
            is_whole = self._whole in {None, called}
            shown = super(_App, self).command(called, **options)
            return cast("Callable[..., None]", shown(command if is_whole else _outline))

        return add

    def add_typer(self, typer_instance: typer.Typer, **options: Any) -> None:
        if self._whole not in {None, options["name"]}:
            typer_instance = App(help=typer_instance.info.help)
            typer_instance.callback()(_outline)
        super().add_typer(typer_instance, **options)


def build(env: Mapping[str, str] | None = None, whole: str | None = None) -> typer.Typer:
    """The command line, with all commands.

    env: adds the user's own reports. whole: the one command that will run; the others are outlined.
    """
    app = _App(
        whole,
        name="kevents",
        help=_HELP,
        invoke_without_command=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": _WIDEST},
    )
    app.callback()(_before_command)
    for app.panel, modules in COMMANDS.items():
        for module in modules:
            module.register(app)
    if env is not None:
        app.panel = "Custom reports"
        reports.register_user_reports(app, env)
    return app


def _outline() -> None:
    """In the place of a command that will not run."""


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
