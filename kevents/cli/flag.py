"""Declares flags with their names, help and choices, and passes groups of flags to commands.

A group is a dataclass of flags. A command takes it as one parameter (`selection: SelectionFlags`), while typer sees
each flag. The `panel` of a group is the heading of its flags in help.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Annotated, Any, cast, get_type_hints

import typer


class Flag:
    """The declaration of a flag, for help, completion and config.toml.

    names: `-n`, `--namespace`; if there are none, the name of the parameter. choices: the valid values. In the help
    text, `{choices}` is replaced by the choices.
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
        """The flag as a typer option. panel: the heading of its group, unless the flag has its own."""
        least, most = self._bounds
        return typer.Option(
            *self.names,
            help=self.help,
            metavar=self.metavar,
            min=least,
            max=most,
            autocompletion=complete_choices(self.choices) if self.choices else None,
            rich_help_panel=self._panel or panel,
        )

    def name(self, parameter: str) -> str:
        """The shortest name. parameter: the name of the flag's parameter."""
        return min(self.names, key=len, default=f"--{parameter.replace('_', '-')}")

    def usage(self, parameter: str) -> str:
        """The flag as in help: `-n, --namespace NAME`."""
        names = ", ".join(self.names) or self.name(parameter)
        return f"{names} {self.metavar}" if self.metavar else names


def complete_choices(choices: Iterable[str]) -> Callable[[str], list[str]]:
    """A completion function for a flag or argument with fixed choices."""
    all_choices = tuple(choices)
    return lambda incomplete: [choice for choice in all_choices if choice.startswith(incomplete)]


def takes_flags(
    command: Callable[..., None], without: Collection[str] = (), extra: Iterable[inspect.Parameter] = ()
) -> Callable[..., None]:
    """The command with a parameter for each flag of its groups, for typer.

    without: parameters that get no flag and keep their defaults. extra: flags for the command's `**` parameter.
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
        _drop_overridden_zone(values)
        for name, group in groups.items():
            values[name] = _take_group(group, values)
        command(**values)

    flags = [flag for group in groups.values() for flag in _parameters(group)]
    with_groups.__name__ = command.__name__
    with_groups.__doc__ = command.__doc__
    with_groups.__signature__ = inspect.Signature([*own, *extra, *flags])  # type: ignore[attr-defined]
    with_groups.__annotations__ = {}
    return with_groups


def keyword(name: str, type_: object, flag: Flag, default: object) -> inspect.Parameter:
    """A parameter of a flag, for the `**` parameter of a command."""
    return _parameter(name, Annotated[type_, flag], default)


def flags_of(group: Any) -> Iterator[tuple[str, Flag]]:
    """The flags of a group, each with the name of its parameter."""
    hints = get_type_hints(group, include_extras=True)
    for field in fields(group):
        if is_dataclass(hints[field.name]):
            yield from flags_of(hints[field.name])
        else:
            yield field.name, hints[field.name].__metadata__[0]


def usages(group: Any) -> tuple[tuple[str, str], ...]:
    """The flags of a group as in help, each with its help text."""
    return tuple((flag.usage(name), flag.help) for name, flag in flags_of(group))


def words_of(values: object, without: Collection[str] = ()) -> list[str]:
    """The command-line words for the flags of a group that are set, to suggest a command with the same flags."""
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
    """The flags of a group as function parameters, which typer reads."""
    hints = get_type_hints(group, include_extras=True)
    parameters: list[inspect.Parameter] = []
    for field in fields(group):
        if is_dataclass(hints[field.name]):
            parameters += _parameters(hints[field.name])
        else:
            parameters.append(_parameter(field.name, hints[field.name], field.default, panel=group.panel))
    return parameters


def _parameter(
    name: str,
    annotation: Any,
    default: object,
    kind: Any = inspect.Parameter.KEYWORD_ONLY,
    panel: str | None = None,
) -> inspect.Parameter:
    """A function parameter. A Flag in its annotation is replaced by a typer option."""
    flag = getattr(annotation, "__metadata__", (None,))[0]
    if isinstance(flag, Flag):
        annotation = Annotated[annotation.__origin__, flag.option(panel)]
    return inspect.Parameter(name, kind, default=default, annotation=annotation)


def _drop_overridden_zone(values: dict[str, object]) -> None:
    """Drop the user's default for --tz if the command line has --utc."""
    if values.get("utc") and values.get("tz"):
        source = cast("typer.Context", values["context"]).get_parameter_source("tz")
        if source and source.name == "DEFAULT_MAP":
            values["tz"] = None


def _take_group(group: Any, values: dict[str, object]) -> object:
    """Remove the values of a group's flags and return them as the group. Groups can contain groups."""
    hints = get_type_hints(group)
    return group(
        **{
            field.name: _take_group(hints[field.name], values)
            if is_dataclass(hints[field.name])
            else values.pop(field.name)
            for field in fields(group)
        }
    )
