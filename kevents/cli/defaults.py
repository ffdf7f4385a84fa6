"""The user's own defaults for flags, from KEVENTS_* in the environment and from config.toml.

A key of config.toml is the name of a flag without its dashes. Keys at the top of the file apply to all commands that
share the flag; keys in a table such as [list] or [store.prune] apply to one command. Precedence: flag on the command
line, environment, config.toml, built-in default.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from kevents import config
from kevents.cli.flags import FOR_ONE_RUN, SHARED
from kevents.cli.typer_internals import value_type
from kevents.errors import UsageError
from kevents.suggest import hint

if TYPE_CHECKING:
    from typer.core import TyperGroup, TyperOption

    from kevents.cli.program import Build

Value = str | int | bool | list[str]
Path = tuple[str, ...]  # of a command: ("store", "prune")

# Variables that are not the default of a flag; KEVENTS_STORE is read together with --store.
_NOT_FLAGS = {"KEVENTS_STORE", "KEVENTS_CONFIG_DIR", "KEVENTS_PAGER", "KEVENTS_HISTORY"}
SWITCH, NUMBER, STRING, STRINGS = "true or false", "a whole number", "a string", "a string or a list of strings"
_TYPES: Mapping[type, str] = {bool: SWITCH, int: NUMBER, str: STRING}
_SWITCH_VALUES = {
    "1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False,
}  # fmt: skip


@dataclass(frozen=True)
class SettingFlag:
    """A flag that can have a default in the environment or in config.toml.

    key: its name in config.toml. name: of its parameter. type: a phrase for messages. is_shared: one default can serve
    all commands.
    """

    key: str
    name: str
    type: str
    help: str
    is_shared: bool

    @classmethod
    def of(cls, option: TyperOption, shared: Mapping[str, str]) -> SettingFlag:
        """The flag of a typer option. shared: the help of the shared flags by parameter name."""
        key = max(option.opts, key=len).removeprefix("--")
        name = option.name or key
        type_ = STRINGS if option.multiple else _TYPES[value_type(option)]
        return cls(key, name, type_, option.help or "", shared.get(name) == option.help)

    def from_toml(self, value: Any) -> Value | None:
        """The value for typer, or None if the TOML value has the wrong type."""
        if self.type == STRINGS:
            values = [value] if isinstance(value, str) else value
            return values if isinstance(values, list) and all(isinstance(item, str) for item in values) else None
        return value if _TYPES.get(type(value)) == self.type else None

    def from_variable(self, text: str) -> Value | None:
        """The value for typer, or None if the text of the variable is not valid."""
        if self.type == SWITCH:
            return _SWITCH_VALUES.get(text.lower())
        if self.type == NUMBER:
            return int(text) if text.isdecimal() else None
        return text if self.type == STRING else [text]

    def variable(self, path: Path = ()) -> str:
        """The environment variable for the flag. path: of the command; () for all commands."""
        return "_".join(("KEVENTS", *path, self.key)).upper().replace("-", "_")


@dataclass(frozen=True)
class Setting:
    """A default that the user set. origin: the variable or the file that sets it."""

    value: Value
    origin: str


class Settings:
    """All defaults that the user set."""

    def __init__(self, env: Mapping[str, str], build: Build) -> None:
        self._env = env
        self._build = build

    @cached_property
    def commands(self) -> Mapping[Path, Mapping[str, SettingFlag]]:
        """The flags of each command by key."""
        import typer

        return dict(_flags_by_command(cast("TyperGroup", typer.main.get_command(self._build(self._env)))))

    @cached_property
    def is_empty(self) -> bool:
        """Whether the user set nothing. This does not build the app."""
        variables = {name for name in self._env if name.startswith("KEVENTS_")} - _NOT_FLAGS
        return not variables and not config.read_config(self._env)

    @cached_property
    def shared(self) -> Mapping[str, SettingFlag]:
        """The flags for which one default can serve all commands, by key."""
        return {flag.key: flag for flags in self.commands.values() for flag in flags.values() if flag.is_shared}

    def effective(self, path: Path, name: str) -> Setting | None:
        """The default of a command's flag. A setting for the command overrides one for all commands."""
        flag = next((flag for flag in self.commands.get(path, {}).values() if flag.name == name), None)
        if flag is None:
            return None
        paths = (path, ()) if flag.is_shared else (path,)
        settings = (*(self._from_env(flag, path) for path in paths), *(self._from_file(flag, path) for path in paths))
        return next((setting for setting in settings if setting), None)

    def at(self, path: Path, flag: SettingFlag) -> Setting | None:
        """The setting for one command, or with the path () for all commands."""
        return self._from_env(flag, path) or self._from_file(flag, path)

    @cached_property
    def _file(self) -> str:
        return str(config.config_directory(self._env) / config.FILE)

    def _from_env(self, flag: SettingFlag, path: Path) -> Setting | None:
        variable = flag.variable(path)
        if not (text := self._env.get(variable)):
            return None
        value = flag.from_variable(text)
        if value is None:
            raise UsageError(f'invalid value "{text}" for {variable}', f"It must be {flag.type}.")
        return Setting(value, variable)

    def _from_file(self, flag: SettingFlag, path: Path) -> Setting | None:
        value = self._file_values.get((*path, flag.key))
        return None if value is None else Setting(value, self._file)

    @cached_property
    def _file_values(self) -> Mapping[Path, Value]:
        """All values of the file. A mistake anywhere in it makes every command fail, because it may affect any."""
        return dict(self._checked(config.read_config(self._env), ()))

    def _checked(self, table: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, Value]]:
        flags = self.commands.get(path, {}) if path else self.shared
        inner = {command[len(path)] for command in self.commands if command[: len(path)] == path and command != path}
        for key, toml_value in table.items():
            if isinstance(toml_value, dict) and key in inner:
                yield from self._checked(toml_value, (*path, key))
            elif key not in flags:
                where = f" in [{'.'.join(path)}]" if path else ""
                raise UsageError(f'{self._file}: unknown key "{key}"{where}', hint(key, sorted({*flags, *inner})))
            else:
                value = flags[key].from_toml(toml_value)
                if value is None:
                    raise UsageError(f"{self._file}: {'.'.join((*path, key))} must be {flags[key].type}")
                yield (*path, key), value


class Defaults(dict[str, Any]):
    """The default map of a command for typer. The settings are read when typer looks up the first flag."""

    def __init__(self, settings: Settings, path: Path = ()) -> None:
        self._settings = settings
        self._path = path

    def of_subcommand(self, name: str) -> Defaults:
        """The default map of a command of this group."""
        return Defaults(self._settings, (*self._path, name))

    def get(self, name: str, default: Any = None) -> Any:
        """The default of a flag."""
        # First what needs no file: --help and --version must work with a broken config.toml.
        if not self._path or name.replace("_", "-") in FOR_ONE_RUN or self._settings.is_empty:
            return default
        setting = self._settings.effective(self._path, name)
        return setting.value if setting else default


def _flags_by_command(group: TyperGroup, path: Path = ()) -> Iterator[tuple[Path, Mapping[str, SettingFlag]]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _flags_by_command(cast("TyperGroup", command), (*path, name))
        flags = [
            SettingFlag.of(option, SHARED)
            for option in cast("list[TyperOption]", command.params)
            if option.param_type_name == "option"
        ]
        yield (*path, name), {flag.key: flag for flag in flags if flag.key not in FOR_ONE_RUN}
