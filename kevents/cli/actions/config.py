"""Shows the settings, or creates a config.toml."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kevents import clock, config
from kevents.cli.defaults import NUMBER, SWITCH, Settings
from kevents.cli.output import output_of, write, zone_of
from kevents.result import Column, Result, Show

if TYPE_CHECKING:
    from kevents.cli.defaults import Setting, SettingFlag
    from kevents.cli.flags import OutputFlags, ZoneFlags
    from kevents.cli.program import Program

_COLUMNS = (Column("setting"), Column("value"), Column("from"), Column("meaning", show=Show.WIDE))
_FILE = """\
# Defaults for the flags of kevents, by their names without dashes. A flag on the command line overrides them, and so
# does a variable such as KEVENTS_OUTPUT. `kevents config show` shows which value is in effect and why.

{lines}
# For one command only:
# [list]
# limit = 200
#
# [record]
# since = "1h"
"""
_EXAMPLES = {"store": '"~/events"', "output": '"wide"', "time": '"absolute"', "tz": '"UTC"', "color": '"never"'}


def show_settings(program: Program, output: OutputFlags, zone: ZoneFlags) -> None:
    """Write each setting, its value and where that comes from."""
    terminal = program.terminal
    settings = Settings(terminal.env, program.build)
    file = config.config_directory(terminal.env) / config.FILE
    missing = "" if file.is_file() else " does not exist; create it with kevents config init"
    result = Result.of_rows(_COLUMNS, _rows(settings), heading=(f"{file}{missing}",))
    write(result, output_of(output, terminal, clock.now(), zone_of(zone)), terminal)


def create_file(program: Program) -> None:
    """Create config.toml with every setting as a comment."""
    terminal = program.terminal
    settings = Settings(terminal.env, program.build)
    path = config.config_directory(terminal.env) / config.FILE
    lines = "".join(f"# {flag.help}\n# {key} = {_example(flag)}\n\n" for key, flag in sorted(settings.shared.items()))
    config.create_file(path, _FILE.format(lines=lines), "kevents config show shows its settings.")
    terminal.note(f"Created {path}. All settings are commented out; uncomment what you need.")


def _rows(settings: Settings) -> Iterator[dict[str, object]]:
    """All shared settings, then those that are set for single commands."""
    for key, flag in sorted(settings.shared.items()):
        yield _row(key, flag, settings.at((), flag))
    for path, flags in sorted(settings.commands.items()):
        for key, flag in sorted(flags.items()):
            if setting := settings.at(path, flag):
                yield _row(".".join((*path, key)), flag, setting)


def _row(key: str, flag: SettingFlag, setting: Setting | None) -> dict[str, object]:
    value = setting.value if setting else None
    text = ", ".join(value) if isinstance(value, list) else str(value).lower() if isinstance(value, bool) else value
    return {
        "setting": key,
        "value": None if text is None else str(text),
        "from": setting.origin if setting else "default",
        "meaning": flag.help,
    }


def _example(flag: SettingFlag) -> str:
    return _EXAMPLES.get(flag.key) or {SWITCH: "true", NUMBER: "100"}.get(flag.type, '"…"')
