"""`kevents config`: the user's own defaults, and where each comes from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from kevents.cli.flags import OutputFlags, ZoneFlags, takes_flags
from kevents.cli.grammar import App, help_text
from kevents.cli.program import program_of, terminal_of

if TYPE_CHECKING:
    from kevents.cli.settings import Flag, Setting, Settings

HELP = """Show the defaults that can be set, and where each is from.

A flag goes before the environment (KEVENTS_OUTPUT), the environment before config.toml, and that before what is usual.

\b
    kevents config show
    kevents config init
"""

_SHOWN = ("kevents config show", "kevents config show -o json")
_BEGUN_BY = "kevents config init"

_BEGUN = """\
# Defaults for the flags of kevents, by their names without dashes. A flag that is typed goes before them, and so does a
# variable such as KEVENTS_OUTPUT. `kevents config show` tells what is in force and why.

{lines}
# For one command only:
# [list]
# limit = 200
#
# [record]
# since = "1h"
"""
_EXAMPLES = {"store": '"~/events"', "output": '"wide"', "time": '"absolute"', "tz": '"UTC"', "color": '"never"'}


def register(app: typer.Typer) -> None:
    group = App(help=HELP, no_args_is_help=True)
    group.command("show", help=help_text("Show each default, its value and where it comes from.", *_SHOWN))(
        takes_flags(show)
    )
    group.command("init", help=help_text("Begin a config.toml, with every default explained in it.", _BEGUN_BY))(init)
    app.add_typer(group, name="config")


def show(context: typer.Context, *, output: OutputFlags, zone: ZoneFlags) -> None:
    import pyarrow as pa

    from kevents import clock, config
    from kevents.cli.asking import output_of, zone_of
    from kevents.cli.output import write
    from kevents.cli.settings import Settings
    from kevents.result import Column, Result, Show

    terminal = terminal_of(context)
    settings = Settings(terminal.env, program_of(context).build)
    file = config.config_folder(terminal.env) / config.FILE
    columns = (Column("setting"), Column("value"), Column("from"), Column("meaning", show=Show.WIDE))
    schema = pa.schema([(column.name, pa.string()) for column in columns])
    rows = pa.RecordBatch.from_pylist(list(_rows(settings)), schema)
    heading = (f"{file}{'' if file.is_file() else ' is not there yet: kevents config init begins it'}",)
    write(Result(columns, [rows], heading=heading), output_of(output, clock.now(), zone_of(zone)), terminal)


def init(context: typer.Context) -> None:
    from kevents import config
    from kevents.cli.settings import Settings

    terminal = terminal_of(context)
    settings = Settings(terminal.env, program_of(context).build)
    path = config.config_folder(terminal.env) / config.FILE
    lines = "".join(f"# {flag.help}\n# {key} = {_example(flag)}\n\n" for key, flag in sorted(settings.shared.items()))
    config.begin(path, _BEGUN.format(lines=lines), "kevents config show tells what it says.")
    terminal.note(f"{path} is there now, with every line a comment: take the # away from what you want.")


def _rows(settings: Settings) -> Iterator[dict[str, str | None]]:
    """Every shared default, set or not, then what is set for single commands."""
    for key, flag in sorted(settings.shared.items()):
        yield _row(key, flag, settings.at((), flag))
    for path, flags in sorted(settings.commands.items()):
        for key, flag in sorted(flags.items()):
            if setting := settings.at(path, flag):
                yield _row(".".join((*path, key)), flag, setting)


def _row(key: str, flag: Flag, setting: Setting | None) -> dict[str, str | None]:
    value = setting.value if setting else None
    written = ", ".join(value) if isinstance(value, list) else str(value).lower() if isinstance(value, bool) else value
    return {
        "setting": key,
        "value": None if written is None else str(written),
        "from": setting.origin if setting else "default",
        "meaning": flag.help,
    }


def _example(flag: Flag) -> str:
    return _EXAMPLES.get(flag.key) or {"true or false": "true", "a whole number": "100"}.get(flag.type, '"…"')
