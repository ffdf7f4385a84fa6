"""Defaults of the user's own for flags: KEVENTS_* in the environment, else config.toml.

A key is a flag without its dashes: at the top of the file for every command that shares it, in a table such as [list]
or [store.prune] for one command. A value typed at the command line goes before all of them.
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

# KEVENTS_STORE is read where the store is located.
_NOT_FLAGS = {"KEVENTS_STORE", "KEVENTS_CONFIG_DIR", "KEVENTS_PAGER", "KEVENTS_HISTORY"}
_TYPES: Mapping[object, str] = {bool: "true or false", int: "a whole number"}
_SWITCHED = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


@dataclass(frozen=True)
class SettingFlag:
    """A flag that can have a default. key: without dashes. name: what the command calls it. is_shared: by commands."""

    key: str
    name: str
    type: str
    help: str
    is_shared: bool

    @classmethod
    def of(cls, option: TyperOption, shared: Mapping[str, str]) -> SettingFlag:
        """The flag that typer knows as this option."""
        key = max(option.opts, key=len).removeprefix("--")
        type_ = _TYPES.get(value_type(option), "text")
        written = "text or a list of texts" if option.multiple else type_
        return cls(key, option.name or key, written, option.help or "", shared.get(option.name or key) == option.help)

    def taken(self, value: Any) -> Value | None:
        """The value of the file as typer takes it; None if it is of another type."""
        match self.type, value:
            case ("true or false", bool()) | ("text", str()):
                return value  # type: ignore[no-any-return]
            case "a whole number", int() if not isinstance(value, bool):
                return value
            case "text or a list of texts", str():
                return [value]
            case "text or a list of texts", list() if all(isinstance(one, str) for one in value):
                return value
        return None

    def typed(self, text: str) -> Value | None:
        """What a variable's text means; None if it means nothing here."""
        match self.type:
            case "true or false":
                return _SWITCHED.get(text.lower())
            case "a whole number":
                return int(text) if text.isdecimal() else None
            case "text":
                return text
        return [text]

    def variable(self, path: Path = ()) -> str:
        """The name of the variable that sets it, for every command or for one."""
        return "_".join(("KEVENTS", *path, self.key)).upper().replace("-", "_")


@dataclass(frozen=True)
class Setting:
    """A default, and the variable or the file that it comes from."""

    value: Value
    origin: str


class Settings:
    """Every default that the user set."""

    def __init__(self, env: Mapping[str, str], build: Build) -> None:
        self._env = env
        self._build = build

    @cached_property
    def commands(self) -> Mapping[Path, Mapping[str, SettingFlag]]:
        """The flags of each command by their keys."""
        import typer

        return dict(_leaves(cast("TyperGroup", typer.main.get_command(self._build(self._env)))))

    @cached_property
    def is_empty(self) -> bool:
        """Whether nothing can be set at all, which is known without building the app."""
        variables = {name for name in self._env if name.startswith("KEVENTS_")} - _NOT_FLAGS
        return not variables and not config.read_config(self._env)

    @cached_property
    def shared(self) -> Mapping[str, SettingFlag]:
        """The flags that one default serves, by their keys."""
        return {flag.key: flag for flags in self.commands.values() for flag in flags.values() if flag.is_shared}

    @cached_property
    def _file(self) -> str:
        return str(config.config_directory(self._env) / config.FILE)

    def of(self, path: Path, name: str) -> Setting | None:
        """The default of a command's flag: the environment before the file, the command's own before everyone's."""
        flag = next((flag for flag in self.commands.get(path, {}).values() if flag.name == name), None)
        if flag is None:
            return None
        places = (path, ()) if flag.is_shared else (path,)
        found = (*(self._in_env(flag, place) for place in places), *(self._in_file(flag, place) for place in places))
        return next((setting for setting in found if setting), None)

    def at(self, path: Path, flag: SettingFlag) -> Setting | None:
        """What is set in one place: () for every command, else one command's own."""
        return self._in_env(flag, path) or self._in_file(flag, path)

    def _in_env(self, flag: SettingFlag, path: Path) -> Setting | None:
        variable = flag.variable(path)
        if not (text := self._env.get(variable)):
            return None
        value = flag.typed(text)
        if value is None:
            raise UsageError(f'{variable} cannot be "{text}"', f"It must be {flag.type}.")
        return Setting(value, variable)

    def _in_file(self, flag: SettingFlag, path: Path) -> Setting | None:
        value = self._written.get((*path, flag.key))
        return None if value is None else Setting(value, self._file)

    @cached_property
    def _written(self) -> Mapping[Path, Value]:
        """All that the file sets; a mistake anywhere in it is told by every command, for it means something else."""
        return dict(self._checked(config.read_config(self._env), ()))

    def _checked(self, table: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, Value]]:
        flags = self.commands.get(path, {}) if path else self.shared
        inner = {command[len(path)] for command in self.commands if command[: len(path)] == path and command != path}
        for key, value in table.items():
            if isinstance(value, dict) and key in inner:
                yield from self._checked(value, (*path, key))
            elif key not in flags:
                where = f" in [{'.'.join(path)}]" if path else ""
                raise UsageError(f'{self._file}: there is no "{key}"{where}', hint(key, sorted({*flags, *inner})))
            else:
                taken = flags[key].taken(value)
                if taken is None:
                    raise UsageError(f"{self._file}: {'.'.join((*path, key))} must be {flags[key].type}")
                yield (*path, key), taken


class Defaults(dict[str, Any]):
    """The defaults of a command's flags, as typer looks them up; the file is read when the first one is looked up."""

    def __init__(self, settings: Settings, path: Path = ()) -> None:
        self._settings = settings
        self._path = path

    def of_subcommand(self, name: str) -> Defaults:
        """The defaults of a command of this group."""
        return Defaults(self._settings, (*self._path, name))

    def get(self, name: str, default: Any = None) -> Any:
        """The default of a flag."""
        if self._settings.is_empty or name in FOR_ONE_RUN:
            return default
        setting = self._settings.of(self._path, name)
        return setting.value if setting else default


def _leaves(group: TyperGroup, path: Path = ()) -> Iterator[tuple[Path, Mapping[str, SettingFlag]]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _leaves(cast("TyperGroup", command), (*path, name))
        flags = [
            SettingFlag.of(option, SHARED)
            for option in cast("list[TyperOption]", command.params)
            if option.param_type_name == "option"
        ]
        yield (*path, name), {flag.key: flag for flag in flags if flag.key not in FOR_ONE_RUN}
