"""The shape of the command line as plain data, taken from the app, and kept in a file until the app changes.

To build the app takes 100 ms and more, with each command that is added; to read its shape takes 3.
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

_CODE = ("cli", "report", "event")  # rooms of the package that say which commands, flags and reports there are


@dataclass(frozen=True)
class ParameterNode:
    """A flag or an argument. names: of the flag; takes: whether a value follows; choices: all that is allowed."""

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
        """The flag of that name."""
        return next((flag for flag in self.flags if name in flag.names), None)


def read(cache: Path, env: Mapping[str, str], build: Build) -> CommandNode:
    """The shape of the app as it is now: from the cache if that is as new as the code, else from the app itself."""
    version = _version(env)
    path = cache / "commands.json"
    with suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads(path.read_bytes())
        if kept["version"] == version:
            return _command(kept["command"])
    command = of_app(build(env))
    with suppress(OSError):
        _keep(path, {"version": version, "command": asdict(command)})
    return command


def of_app(app: typer.Typer) -> CommandNode:
    """The shape of the app."""
    from typer.main import get_command

    return _node(get_command(app))


def _node(command: Any) -> CommandNode:
    import typer

    context = typer.Context(command)
    shown = [_parameter(parameter, context) for parameter in command.params if not parameter.hidden]
    help_flag = ParameterNode("help", "Show help for the command.", names=("-h", "--help"), takes=False)
    return CommandNode(
        help=_sentence(command.help or ""),
        flags=(*(parameter for parameter in shown if parameter.names), help_flag),
        arguments=tuple(parameter for parameter in shown if not parameter.names),
        commands={name: _node(inner) for name, inner in getattr(command, "commands", {}).items()},
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


def _sentence(help_text: str) -> str:
    """The first paragraph of a command's help, on one line."""
    return " ".join(help_text.strip().partition("\n\n")[0].split())


def _command(kept: Mapping[str, Any]) -> CommandNode:
    return CommandNode(
        help=kept["help"],
        flags=tuple(map(_kept_parameter, kept["flags"])),
        arguments=tuple(map(_kept_parameter, kept["arguments"])),
        commands={name: _command(inner) for name, inner in kept["commands"].items()},
        hidden=kept["hidden"],
    )


def _kept_parameter(kept: Mapping[str, Any]) -> ParameterNode:
    return ParameterNode(**{**kept, "names": tuple(kept["names"]), "choices": tuple(kept["choices"])})


def _keep(path: Path, value: object) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.write_text(json.dumps(value), encoding="utf-8")
    fresh.replace(path)


def _version(env: Mapping[str, str]) -> str:
    """What changes whenever the app may have: of every file that defines it the place and the newest moment."""
    package = Path(__file__).parents[2]
    directories = [str(package / room) for room in _CODE] + [str(config_directory(env))]
    found = sorted(entry for directory in directories for entry in _files(directory))
    newest = max((moment for _, moment in found), default=0)
    return f"{__version__} {package} {directories[-1]} {len(found)} {newest}"


def _files(directory: str) -> Iterator[tuple[str, int]]:
    with suppress(OSError), os.scandir(directory) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name != "__pycache__":
                    yield from _files(entry.path)
            elif entry.name.endswith((".py", ".sql", ".toml")):
                yield entry.path, entry.stat().st_mtime_ns
