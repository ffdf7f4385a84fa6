"""Help in sections that are the same for all commands, and errors of the command line in our own words."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from kevents.cli.typer_internals import use_own_converters
from kevents.errors import UsageError
from kevents.suggest import did_you_mean, nearest

OWN = "Options"
_SECTIONS = (OWN, "Which events", "Time", "Output", "Store", "Cluster", "Retention", "Printing")
_ARGUMENTS = "Arguments"
_WIDEST_FLAG = 26  # cells; the help of a longer one starts on the next line
_LEAST = re.compile(r" +\[x>=\d\]$")  # nobody expects a count below this
_EXAMPLES = "\n\n\b\n"  # the last paragraph with fixed lines holds the examples

_NO_LABELS = "Events don't carry the labels of their objects. Use --name 'web-*' to filter by name."
_FOLLOW = "Use kevents tail to follow events."
# flags of kubectl that have another form here
_ELSEWHERE = {
    "-w": _FOLLOW,
    "--watch": _FOLLOW,
    "--follow": _FOLLOW,
    "--field-selector": "Use --for, --kind, --name, --reason and --type to filter events.",
    "-l": _NO_LABELS,
    "--selector": _NO_LABELS,
    "--context": "Clusters in a store have labels: filter with --cluster NAME.",
}
# what other tools call it
_ALSO = {"event": "list", "events": "list", "logs": "tail", "watch": "tail", "top": "overview", "sql": "query"}


class App(typer.Typer):
    """A group of commands with help in sections. panel: the heading for the commands that are added next."""

    panel: str | None = None

    def __init__(self, **options: Any) -> None:
        super().__init__(cls=Group, rich_markup_mode=None, **options)  # help through Rich takes twice the time

    def command(self, name: str | None = None, **options: Any) -> Callable[..., Any]:
        """Add a command under the current heading."""
        return super().command(name, **{"cls": Command, "rich_help_panel": self.panel, **options})

    def add_typer(self, typer_instance: typer.Typer, **options: Any) -> None:
        """Add a group under the current heading."""
        super().add_typer(typer_instance, **{"rich_help_panel": self.panel, **options})


class _Defaulting:
    """A command or group whose context has the user's own defaults, but for its help."""

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        if parent is not None and parent.default_map is not None:
            extra["default_map"] = parent.default_map.of_subcommand(info_name)
        return super().make_context(info_name, args, parent, **extra)  # type: ignore[misc]

    def get_help(self, ctx: Any) -> str:
        ctx.default_map = None  # help shows the built-in defaults, and works with a broken config.toml
        return _encodable(super().get_help(ctx), ctx)  # type: ignore[misc]


class Command(_Defaulting, TyperCommand):
    """A command."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        use_own_converters(self.get_params(ctx))
        allows_more, ctx.allow_extra_args = ctx.allow_extra_args, True
        rest = super().parse_args(ctx, args)
        if rest and not allows_more:
            raise _unexpected(rest, ctx)
        return rest

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        arguments = [one for one in self.get_params(ctx) if one.param_type_name == "argument"]
        return ["[OPTIONS]", *map(_usage_of, arguments)]

    def format_help_text(self, _: Any, formatter: Any) -> None:
        _write_text(self.help or "", formatter)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        _write_flags(self, ctx, formatter)


class Group(_Defaulting, TyperGroup):
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

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args and self.no_args_is_help and not ctx.resilient_parsing:
            typer.echo(self.get_help(ctx))
            ctx.exit()
        use_own_converters(self.get_params(ctx))
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name = args[0]
        if name not in self.commands and not name.startswith("-"):
            shown = [known for known, command in self.commands.items() if not command.hidden]
            also = {alias: one for alias, one in _ALSO.items() if one in shown}
            advice = f"{ctx.command_path} --help lists them."
            raise UsageError(f'unknown command "{name}"', did_you_mean(also.get(name, name), shown, advice))
        return super().resolve_command(ctx, args)


def usage_error(error: typer.TyperException) -> UsageError:
    """The error of a command line that typer found. Its errors are told apart by what they hold."""
    context = getattr(error, "ctx", None)
    if context is None:
        return UsageError("invalid command line", "See kevents --help.")
    see = f"See {context.command_path} --help."
    flag = getattr(error, "option_name", None)
    if hasattr(error, "possibilities"):
        return _unknown_flag(flag or "", context, see)
    if flag is not None:
        takes_value = any(flag in option.opts and not option.is_flag for option in context.command.params)
        return UsageError(f"{flag} needs a value" if takes_value else f"{flag} takes no value", see)
    if (parameter := getattr(error, "param", None)) is not None:
        name = parameter.metavar if parameter.param_type_name == "argument" else max(parameter.opts, key=len)
        return UsageError(f"missing {name.removesuffix('...')}", see)
    return UsageError("invalid command line", see)


def help_text(text: str, *examples: str) -> str:
    """A help text with command lines as examples."""
    return text + _EXAMPLES + "\n".join(f"    {line}" for line in examples) if examples else text


def examples(help_text: str) -> list[str]:
    """The examples of a help text."""
    return [line.strip() for line in _divided(help_text)[1]]


def _unexpected(words: list[str], context: Any) -> UsageError:
    """The error for arguments that the command does not take."""
    see = f"See {context.command_path} --help."
    if "--for" in _flags(context):
        see = f"Use --for TYPE/NAME or --name NAME to select objects. {see}"
    return UsageError(f'unexpected argument "{words[0]}"', see)


def _unknown_flag(flag: str, context: Any, see: str) -> UsageError:
    if elsewhere := _ELSEWHERE.get(flag):
        return UsageError(f"unknown flag {flag}", elsewhere)
    names = {name.lstrip("-"): name for name in _flags(context)}
    near = nearest(flag[2:], names)  # with dashes all would be similar; a single letter is similar to none
    return UsageError(f"unknown flag {flag}", f"Did you mean {names[near]}? {see}" if near else see)


def _flags(context: Any) -> list[str]:
    shown = (one for one in context.command.get_params(context) if not getattr(one, "hidden", False))
    return [name for one in shown for name in (*one.opts, *one.secondary_opts) if name.startswith("-")]


def _divided(help_text: str) -> tuple[str, list[str]]:
    """The text of a help, and its examples."""
    text = inspect.cleandoc(help_text)
    body, mark, shown = text.rpartition(_EXAMPLES)
    return (body, shown.splitlines()) if mark else (text, [])


def _write_text(help_text: str, formatter: Any) -> None:
    body, shown = _divided(help_text)
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text(body)
    if shown:
        with formatter.section("Examples"):
            formatter.write("".join(f"  {line.strip()}\n" for line in shown))


def _write_flags(command: Any, context: Any, formatter: Any) -> None:
    """The arguments and flags in their sections, all helps in one column."""
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
    from kevents.cli.terminal import encodable

    program = context.find_root().obj
    return encodable(text, program.terminal.stdout) if program else text
