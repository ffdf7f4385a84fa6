"""The app: its commands and the flags that stand before a command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from kevents import __version__
from kevents.cli.commands import COMMANDS, reports


class _App(typer.Typer):
    """An app of which one command, or all, are whole; of the others it has what help tells of them.

    To build the flags of all commands takes longer than most questions.
    """

    def __init__(self, whole: str | None, **told: Any) -> None:
        super().__init__(**told)
        self._whole = whole

    def command(self, name: str | None = None, **told: Any) -> Callable[..., Any]:
        def add(command: Callable[..., None]) -> Callable[..., None]:
            called = name or command.__name__
            is_whole = self._whole in {None, called}
            return super(_App, self).command(called, **told)(command if is_whole else _outline)

        return add

    def add_typer(self, typer_instance: typer.Typer, **told: Any) -> None:
        if self._whole not in {None, told["name"]}:
            typer_instance = typer.Typer(help=typer_instance.info.help, rich_markup_mode=None)
            typer_instance.callback()(_outline)
        super().add_typer(typer_instance, **told)


def build(env: Mapping[str, str] | None = None, whole: str | None = None) -> typer.Typer:
    """The command line, with every command of the list.

    env: brings the user's own reports. whole: the one command that will be run; its neighbours are outlined.
    """
    app = _App(
        whole,
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


def _outline() -> None:
    """A command that is not run."""


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
