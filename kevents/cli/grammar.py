"""How commands are spoken to: help in sections that are the same for all, and the nearest name for a mistyped one."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from kevents.cli.coercion import spare
from kevents.errors import UsageError
from kevents.suggest import meant, nearest

OWN = "Options"
_SECTIONS = (OWN, "Which events", "Time", "Output", "Store", "Cluster", "Retention", "Printing")
_ARGUMENTS = "Arguments"
_WIDEST_FLAG = 26  # cells; the help of a longer one begins on the next line
_LEAST = re.compile(r" +\[x>=\d\]$")  # of what is counted nobody expects less
_EXAMPLES = "\n\n\b\n"  # the last paragraph with fixed lines holds the examples

_NO_LABELS = "Events do not carry the labels of their objects: --name 'web-*' chooses by name."
# kubectl's flags that are something else here
_ELSEWHERE = {
    "-w": "kevents tail goes on with what happens.",
    "--watch": "kevents tail goes on with what happens.",
    "--follow": "kevents tail goes on with what happens.",
    "--field-selector": "--for, --kind, --name, --reason and --type choose events.",
    "-l": _NO_LABELS,
    "--selector": _NO_LABELS,
    "--context": "A store holds clusters by their labels: --cluster NAME chooses one.",
}
# what other tools call it
_ALSO = {"event": "list", "events": "list", "logs": "tail", "watch": "tail", "top": "overview", "sql": "query"}


class App(typer.Typer):
    """A group of commands with help in sections. panel: under which heading the commands added next are listed."""

    panel: str | None = None

    def __init__(self, **told: Any) -> None:
        super().__init__(cls=Group, rich_markup_mode=None, **told)  # help through Rich takes twice the time

    def command(self, name: str | None = None, **told: Any) -> Callable[..., Any]:
        """Add a command under the heading of the moment."""
        return super().command(name, **{"cls": Command, "rich_help_panel": self.panel, **told})

    def add_typer(self, typer_instance: typer.Typer, **told: Any) -> None:
        """Add a group under the heading of the moment."""
        super().add_typer(typer_instance, **{"rich_help_panel": self.panel, **told})


class Command(TyperCommand):
    """A command."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        spare(self.get_params(ctx))
        return super().parse_args(ctx, args)

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        arguments = [one for one in self.get_params(ctx) if one.param_type_name == "argument"]
        return ["[OPTIONS]", *map(_usage_of, arguments)]

    def format_help_text(self, _: Any, formatter: Any) -> None:
        _write_text(self.help or "", formatter)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        _write_flags(self, ctx, formatter)

    def get_help(self, ctx: Any) -> str:
        return _encodable(super().get_help(ctx), ctx)


class Group(TyperGroup):
    """A group of commands; called without one, it shows its help."""

    def format_help_text(self, _: Any, formatter: Any) -> None:
        _write_text(self.help or "", formatter)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        self.format_commands(ctx, formatter)
        _write_flags(self, ctx, formatter)

    def format_commands(self, _: Any, formatter: Any) -> None:
        shown = [(name, one) for name, one in self.commands.items() if not one.hidden]
        longest = max((len(name) for name, _ in shown), default=0)
        for title in dict.fromkeys(_panel(one, "Commands") for _, one in shown):
            rows = [
                (name.ljust(longest), one.get_short_help_str(formatter.width))
                for name, one in shown
                if _panel(one, "Commands") == title
            ]
            with formatter.section(title):
                formatter.write_dl(rows)

    def get_help(self, ctx: Any) -> str:
        return _encodable(super().get_help(ctx), ctx)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args and self.no_args_is_help and not ctx.resilient_parsing:
            typer.echo(self.get_help(ctx))
            ctx.exit()
        spare(self.get_params(ctx))
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name = args[0]
        if name not in self.commands and not name.startswith("-"):
            shown = [known for known, command in self.commands.items() if not command.hidden]
            also = {alias: one for alias, one in _ALSO.items() if one in shown}
            advice = f"{ctx.command_path} --help lists them."
            raise UsageError(f'there is no command "{name}"', meant(also.get(name, name), shown, advice))
        return super().resolve_command(ctx, args)


def mistake(error: typer.TyperException) -> UsageError:
    """What typer has to say of a command line, with what was meant; its errors are known by what they hold."""
    context = getattr(error, "ctx", None)
    if context is None:
        return UsageError(error.format_message().rstrip("."), "See kevents --help.")
    see = f"See {context.command_path} --help."
    if hasattr(error, "possibilities"):
        return _unknown_flag(getattr(error, "option_name", ""), context, see)
    if "unexpected extra argument" in error.format_message() and "--for" in _flags(context):
        see = f"--for TYPE/NAME chooses an object, --name NAME those of a name. {see}"
    return UsageError(error.format_message().rstrip("."), see)


def help_text(said: str, *shown: str) -> str:
    """The help that says so and shows these command lines."""
    return said + _EXAMPLES + "\n".join(f"    {line}" for line in shown) if shown else said


def examples(help_text: str) -> list[str]:
    """The command lines that a help shows."""
    return [line.strip() for line in _divided(help_text)[1]]


def _unknown_flag(flag: str, context: Any, see: str) -> UsageError:
    if elsewhere := _ELSEWHERE.get(flag):
        return UsageError(f"there is no flag {flag}", elsewhere)
    names = {name.lstrip("-"): name for name in _flags(context)}
    near = nearest(flag[2:], names)  # dashes make all of them alike, and one letter is like none
    return UsageError(f"there is no flag {flag}", f"Did you mean {names[near]}? {see}" if near else see)


def _flags(context: Any) -> list[str]:
    shown = (one for one in context.command.get_params(context) if not getattr(one, "hidden", False))
    return [name for one in shown for name in (*one.opts, *one.secondary_opts) if name.startswith("-")]


def _divided(help_text: str) -> tuple[str, list[str]]:
    """What a help says, and its examples."""
    text = inspect.cleandoc(help_text)
    said, mark, shown = text.rpartition(_EXAMPLES)
    return (said, shown.splitlines()) if mark else (text, [])


def _write_text(help_text: str, formatter: Any) -> None:
    said, shown = _divided(help_text)
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text(said)
    if shown:
        with formatter.section("Examples"):
            formatter.write("".join(f"  {line.strip()}\n" for line in shown))


def _write_flags(command: Any, context: Any, formatter: Any) -> None:
    """The arguments and flags in their sections, their helps below each other throughout."""
    sections: dict[str, list[tuple[str, str]]] = {title: [] for title in (_ARGUMENTS, *_SECTIONS)}
    for title, record in _records(command, context):
        sections.setdefault(title, []).append(record)
    flags = [name for rows in sections.values() for name, _ in rows]
    width = max((len(name) for name in flags if len(name) <= _WIDEST_FLAG), default=0)
    for title, rows in sections.items():
        if rows:
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), means) for name, means in rows], col_max=width)


def _records(command: Any, context: Any) -> Iterator[tuple[str, tuple[str, str]]]:
    parameters: Iterable[Any] = command.get_params(context)
    for one in parameters:
        if (record := one.get_help_record(context)) is not None:
            name, means = record[0], _LEAST.sub("", record[1])
            is_argument = one.param_type_name == "argument"
            yield (_ARGUMENTS, (name.partition(" <")[0], means)) if is_argument else (_panel(one, OWN), (name, means))


def _usage_of(argument: Any) -> str:
    """`TYPE/NAME`, `[SQL]`, `PATH...`."""
    name = argument.metavar.removesuffix("...") + ("..." if argument.nargs != 1 else "")
    return name if argument.required else f"[{name}]"


def _panel(of: Any, usual: str) -> str:
    return of.rich_help_panel or usual


def _encodable(text: str, context: Any) -> str:
    """Help as standard output can write it."""
    from kevents.cli.console import encodable

    program = context.find_root().obj
    return encodable(text, program.terminal.stdout) if program else text
