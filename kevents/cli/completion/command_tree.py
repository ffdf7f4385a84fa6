"""The commands, flags and arguments of the app as plain data, cached in a file until the app changes.

Building the app takes 100 ms and more, reading the cache takes 3 ms.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kevents import __version__
from kevents.config import config_directory

if TYPE_CHECKING:
    import typer

    from kevents.cli.program import Build

_CODE = ("cli", "report", "event")  # packages that define the commands, flags and reports


@dataclass(frozen=True)
class ParameterNode:
    """A flag or an argument.

    names: of a flag; empty for an argument. takes: whether a value follows. many: whether it can be given several
    times. choices: the valid values.
    """

    name: str
    help: str
    metavar: str = ""
    names: tuple[str, ...] = ()
    takes: bool = True
    many: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class CommandNode:
    """A command, or a group of commands."""

    help: str
    flags: tuple[ParameterNode, ...] = ()
    arguments: tuple[ParameterNode, ...] = ()
    commands: Mapping[str, CommandNode] = field(default_factory=dict)
    hidden: bool = False

    def flag(self, name: str) -> ParameterNode | None:
        """The flag with that name, such as `--since`."""
        return next((flag for flag in self.flags if name in flag.names), None)


def read(cache: Path, env: Mapping[str, str], build: Build) -> CommandNode:
    """The command tree of the app, from the cache if that is up to date."""
    version = _version(env)
    path = cache / "commands.json"
    with suppress(OSError, ValueError, KeyError, TypeError):
        cached = json.loads(path.read_bytes())
        if cached["version"] == version:
            return _command_from_json(cached["command"])
    command = of_app(build(env))
    with suppress(OSError):
        _save(path, {"version": version, "command": asdict(command)})
    return command


def of_app(app: typer.Typer) -> CommandNode:
    """The command tree of the app."""
    from typer.main import get_command

    return _node(get_command(app))


def _node(command: Any) -> CommandNode:
    import typer

    context = typer.Context(command)
    visible = [_parameter(parameter, context) for parameter in command.params if not parameter.hidden]
    help_flag = ParameterNode("help", "Show help and exit.", names=("-h", "--help"), takes=False)
    return CommandNode(
        help=_first_paragraph(command.help or ""),
        flags=(*(parameter for parameter in visible if parameter.names), help_flag),
        arguments=tuple(parameter for parameter in visible if not parameter.names),
        commands={name: _node(subcommand) for name, subcommand in getattr(command, "commands", {}).items()},
        hidden=command.hidden,
    )


def _parameter(parameter: Any, context: Any) -> ParameterNode:
    many = getattr(parameter, "multiple", False) or parameter.nargs == -1
    is_flag = any(name.startswith("-") for name in parameter.opts)
    return ParameterNode(
        name=parameter.name,
        help=getattr(parameter, "help", None) or "",
        metavar=(parameter.metavar or "").strip("[]."),
        many=many,
        choices=_choices(parameter, context),
        names=(*parameter.opts, *parameter.secondary_opts) if is_flag else (),
        takes=not (is_flag and parameter.is_flag),
    )


def _choices(parameter: Any, context: Any) -> tuple[str, ...]:
    """The choices that a flag or argument declares."""
    return tuple(item.value for item in parameter.shell_complete(context, "") if item.type == "plain")


def _first_paragraph(help_text: str) -> str:
    """The first paragraph of a command's help, as one line."""
    return " ".join(help_text.strip().partition("\n\n")[0].split())


def _command_from_json(node: Mapping[str, Any]) -> CommandNode:
    return CommandNode(
        help=node["help"],
        flags=tuple(map(_parameter_from_json, node["flags"])),
        arguments=tuple(map(_parameter_from_json, node["arguments"])),
        commands={name: _command_from_json(subcommand) for name, subcommand in node["commands"].items()},
        hidden=node["hidden"],
    )


def _parameter_from_json(node: Mapping[str, Any]) -> ParameterNode:
    return ParameterNode(**{**node, "names": tuple(node["names"]), "choices": tuple(node["choices"])})


def _save(path: Path, value: object) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_suffix(f".{os.getpid()}")
    new.write_text(json.dumps(value), encoding="utf-8")
    new.replace(path)


def _version(env: Mapping[str, str]) -> str:
    """A text that changes with the app: the number of files that define it, and when the newest was modified."""
    package = Path(__file__).parents[2]
    directories = [str(package / name) for name in _CODE] + [str(config_directory(env))]
    files = sorted(entry for directory in directories for entry in _files(directory))
    newest = max((modified for _, modified in files), default=0)
    return f"{__version__} {package} {directories[-1]} {len(files)} {newest}"


def _files(directory: str) -> Iterator[tuple[str, int]]:
    with suppress(OSError), os.scandir(directory) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name != "__pycache__":
                    yield from _files(entry.path)
            elif entry.name.endswith((".py", ".sql", ".toml")):
                yield entry.path, entry.stat().st_mtime_ns
