"""A flag, declared once with its names, help and choices; and the decorator that gives groups of flags to a command.

A command takes a whole group as one parameter (`selection: SelectionFlags`); typer sees the group's flags one by one.
A group's `panel` is the heading that its flags have in help.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Annotated, Any, cast, get_type_hints

import typer


class Flag:
    """What help, completion and config.toml know about a flag. In the text of its help, `{choices}` lists the choices.

    names: as typed, `-n` and `--namespace`; without any, the name of the parameter. choices: the values it may have.
    """

    def __init__(
        self,
        *names: str,
        help: str,
        metavar: str | None = None,
        choices: Iterable[str] = (),
        least: int | None = None,
        most: int | None = None,
        panel: str | None = None,
    ) -> None:
        self.names = names
        self.choices = tuple(choices)
        self.help = help.replace("{choices}", ", ".join(self.choices))
        self.metavar = metavar
        self._bounds = least, most
        self._panel = panel

    def option(self, panel: str | None = None) -> Any:
        """The flag as typer declares it, below the heading of its group unless it has its own."""
        least, most = self._bounds
        return typer.Option(
            *self.names,
            help=self.help,
            metavar=self.metavar,
            min=least,
            max=most,
            autocompletion=offered(self.choices) if self.choices else None,
            rich_help_panel=self._panel or panel,
        )

    def name(self, parameter: str) -> str:
        """The shortest way to type it."""
        return min(self.names, key=len, default=f"--{parameter.replace('_', '-')}")

    def usage(self, parameter: str) -> str:
        """As help shows it: `-n, --namespace NAME`."""
        names = ", ".join(self.names) or self.name(parameter)
        return f"{names} {self.metavar}" if self.metavar else names


def offered(choices: Iterable[str]) -> Callable[[str], list[str]]:
    """The choices for a shell that completes the flag or argument."""
    known = tuple(choices)
    return lambda incomplete: [choice for choice in known if choice.startswith(incomplete)]


def takes_flags(
    command: Callable[..., None], without: Collection[str] = (), more: Iterable[inspect.Parameter] = ()
) -> Callable[..., None]:
    """Let typer see each flag of the groups that the command takes as parameters.

    without: parameters that this command leaves at their defaults. more: flags for its `**` parameter.
    """
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, Any] = {
        name: hint for name, hint in hints.items() if isinstance(hint, type) and is_dataclass(hint)
    }
    own = [
        _parameter(name, hints[name], parameter.default, parameter.kind)
        for name, parameter in inspect.signature(command).parameters.items()
        if name not in groups and name not in without and parameter.kind is not inspect.Parameter.VAR_KEYWORD
    ]

    def with_groups(**values: object) -> None:
        _drop_contradicted(values)
        for name, group in groups.items():
            values[name] = _collected(group, values)
        command(**values)

    flags = [flag for group in groups.values() for flag in _parameters(group)]
    with_groups.__name__ = command.__name__
    with_groups.__doc__ = command.__doc__
    with_groups.__signature__ = inspect.Signature([*own, *more, *flags])  # type: ignore[attr-defined]
    with_groups.__annotations__ = {}
    return with_groups


def keyword(name: str, type_: object, flag: Flag, default: object) -> inspect.Parameter:
    """A flag for the `**` parameter of a command."""
    return _parameter(name, Annotated[type_, flag], default)


def flags_of(group: Any) -> Iterator[tuple[str, Flag]]:
    """The flags of a group by the names of their parameters."""
    hints = get_type_hints(group, include_extras=True)
    for field in fields(group):
        if is_dataclass(hints[field.name]):
            yield from flags_of(hints[field.name])
        else:
            yield field.name, hints[field.name].__metadata__[0]


def usages(group: Any) -> tuple[tuple[str, str], ...]:
    """The flags of a group as help shows them, with their help."""
    return tuple((flag.usage(name), flag.help) for name, flag in flags_of(group))


def words_of(values: object, without: Collection[str] = ()) -> list[str]:
    """The words that give a group these values, for a command that is suggested as the next one."""
    defaults = {field.name: field.default for field in fields(values)}  # type: ignore[arg-type]
    words: list[str] = []
    for name, flag in flags_of(type(values)):
        value = getattr(values, name)
        if name in without or value == defaults[name]:
            continue
        if value is True:
            words.append(flag.name(name))
        else:
            for each in value if isinstance(value, list) else [value]:
                words += [flag.name(name), str(each)]
    return words


@cache
def _parameters(group: Any) -> list[inspect.Parameter]:
    """The flags of a group as typer reads a function's parameters."""
    hints = get_type_hints(group, include_extras=True)
    found: list[inspect.Parameter] = []
    for field in fields(group):
        if is_dataclass(hints[field.name]):
            found += _parameters(hints[field.name])
        else:
            found.append(_parameter(field.name, hints[field.name], field.default, panel=group.panel))
    return found


def _parameter(
    name: str,
    annotation: Any,
    default: object,
    kind: Any = inspect.Parameter.KEYWORD_ONLY,
    panel: str | None = None,
) -> inspect.Parameter:
    """A parameter whose Flag, if it has one, is an option of typer's."""
    declared = getattr(annotation, "__metadata__", (None,))[0]
    if isinstance(declared, Flag):
        annotation = Annotated[annotation.__origin__, declared.option(panel)]
    return inspect.Parameter(name, kind, default=default, annotation=annotation)


def _drop_contradicted(values: dict[str, object]) -> None:
    """Forget a default of the user's own that a flag at the command line contradicts: --utc overrides `tz = …`."""
    if values.get("utc") and values.get("tz"):
        source = cast("typer.Context", values["context"]).get_parameter_source("tz")
        if source and source.name == "DEFAULT_MAP":
            values["tz"] = None


def _collected(group: Any, values: dict[str, object]) -> object:
    """The group with its flags taken out of the values; groups of groups too."""
    hints = get_type_hints(group)
    return group(
        **{
            field.name: _collected(hints[field.name], values)
            if is_dataclass(hints[field.name])
            else values.pop(field.name)
            for field in fields(group)
        }
    )
