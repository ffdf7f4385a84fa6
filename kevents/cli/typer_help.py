"""Help with the same sections for all commands, and the wording of command-line errors."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from kevents.cli.typer_internals import use_own_converters
from kevents.errors import UsageError
from kevents.suggest import did_you_mean, nearest

_OPTIONS = "Options"
_SECTIONS = (_OPTIONS, "Filters", "Time", "Output", "Store", "Cluster", "Retention", "Printing")
_ARGUMENTS = "Arguments"
_MAX_FLAG_WIDTH = 26  # columns; the help of a longer flag starts on the next line
_LOWER_BOUND = re.compile(r" +\[x>=\d\]$")  # obvious for a count, so it is not shown
_EXAMPLES = "\n\n\b\n"  # the last paragraph with fixed lines holds the examples

_NO_LABELS = "Events don't carry the labels of their objects. Use --name 'web-*' to filter by name."
_FOLLOW = "Use kevents tail to follow events."
# flags of kubectl that kevents has under another name
_KUBECTL_FLAGS = {
    "-w": _FOLLOW,
    "--watch": _FOLLOW,
    "--follow": _FOLLOW,
    "--field-selector": "Use --for, --kind, --name, --reason and --type to filter events.",
    "-l": _NO_LABELS,
    "--selector": _NO_LABELS,
    "--context": "Clusters in a store have labels: filter with --cluster NAME.",
}
# names of similar commands in other tools
_ALIASES = {"event": "list", "events": "list", "logs": "tail", "watch": "tail", "top": "overview", "sql": "query"}


class App(typer.Typer):
    """A group of commands with help in sections. panel: the heading for the commands that are added next."""

    panel: str | None = None

    def __init__(self, **options: Any) -> None:
        super().__init__(cls=Group, rich_markup_mode=None, **options)  # help takes twice as long with Rich

    def command(self, name: str | None = None, **options: Any) -> Callable[..., Any]:
        """Add a command under the current heading."""
        return super().command(name, **{"cls": Command, "rich_help_panel": self.panel, **options})

    def add_typer(self, typer_instance: typer.Typer, **options: Any) -> None:
        """Add a group under the current heading."""
        super().add_typer(typer_instance, **{"rich_help_panel": self.panel, **options})


class _WithDefaults:
    """A command or group with the user's defaults; its help shows the built-in ones."""

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        if parent is not None and parent.default_map is not None:
            extra["default_map"] = parent.default_map.of_subcommand(info_name)
        return super().make_context(info_name, args, parent, **extra)  # type: ignore[misc]

    def get_help(self, ctx: Any) -> str:
        ctx.default_map = None  # help must work with a broken config.toml
        return _encodable(super().get_help(ctx), ctx)  # type: ignore[misc]

    def get_help_option(self, ctx: Any) -> Any:
        option = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.help = "Show help and exit."
        return option


class Command(_WithDefaults, TyperCommand):
    """A command."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        use_own_converters(self.get_params(ctx))
        takes_any, ctx.allow_extra_args = ctx.allow_extra_args, True
        with _own_errors(ctx):
            rest = super().parse_args(ctx, args)
        if rest and not takes_any:
            raise _unexpected_argument(rest[0], ctx)
        return rest

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        arguments = [parameter for parameter in self.get_params(ctx) if parameter.param_type_name == "argument"]
        return ["[OPTIONS]", *map(_usage, arguments)]

    def format_help_text(self, _: Any, formatter: Any) -> None:
        _write_text(self.help or "", formatter)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        _write_flags(self, ctx, formatter)


class Group(_WithDefaults, TyperGroup):
    """A group of commands; without a command it shows its help."""

    def format_help_text(self, _: Any, formatter: Any) -> None:
        _write_text(self.help or "", formatter)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        self.format_commands(ctx, formatter)
        _write_flags(self, ctx, formatter)

    def format_commands(self, _: Any, formatter: Any) -> None:
        visible = {name: command for name, command in self.commands.items() if not command.hidden}
        width = max(map(len, visible), default=0)
        for title in dict.fromkeys(_panel(command, "Commands") for command in visible.values()):
            rows = [
                (name.ljust(width), command.get_short_help_str(formatter.width))
                for name, command in visible.items()
                if _panel(command, "Commands") == title
            ]
            with formatter.section(title):
                formatter.write_dl(rows)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args and self.no_args_is_help and not ctx.resilient_parsing:
            typer.echo(self.get_help(ctx))
            ctx.exit()
        use_own_converters(self.get_params(ctx))
        with _own_errors(ctx):
            return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name = args[0]
        if name not in self.commands:
            visible = [known for known, command in self.commands.items() if not command.hidden]
            alias = _ALIASES.get(name)
            advice = f"{ctx.command_path} --help lists the commands."
            typed = alias if alias in visible else name
            raise UsageError(f'unknown command "{name}"', did_you_mean(typed, visible, advice))
        return super().resolve_command(ctx, args)


def help_text(text: str, *examples: str) -> str:
    """The text of a command's help, with examples at its end."""
    return text + _EXAMPLES + "\n".join(f"    {line}" for line in examples) if examples else text


def examples(help_text: str) -> list[str]:
    """The examples at the end of a command's help."""
    return [line.strip() for line in _split_examples(help_text)[1]]


@contextmanager
def _own_errors(context: Any) -> Iterator[None]:
    """Raise a UsageError for what typer finds wrong with the command line of the context."""
    try:
        yield
    except typer.TyperException as error:
        raise _usage_error(error, context) from error


def _usage_error(error: typer.TyperException, context: Any) -> UsageError:
    """typer's error classes are private, so the attributes of the error show what it is."""
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


def _unexpected_argument(word: str, context: Any) -> UsageError:
    see = f"See {context.command_path} --help."
    if "--for" in _flags(context):
        see = f"Use --for TYPE/NAME or --name NAME to select objects. {see}"
    return UsageError(f'unexpected argument "{word}"', see)


def _unknown_flag(flag: str, context: Any, see: str) -> UsageError:
    if advice := _KUBECTL_FLAGS.get(flag):
        return UsageError(f"unknown flag {flag}", advice)
    names = {name.lstrip("-"): name for name in _flags(context)}
    similar = nearest(flag[2:], names)  # compared without dashes, which would make all flags similar
    return UsageError(f"unknown flag {flag}", f"Did you mean {names[similar]}? {see}" if similar else see)


def _flags(context: Any) -> list[str]:
    parameters = (each for each in context.command.get_params(context) if not getattr(each, "hidden", False))
    return [name for each in parameters for name in (*each.opts, *each.secondary_opts) if name.startswith("-")]


def _split_examples(help_text: str) -> tuple[str, list[str]]:
    """The text of a command's help, and the lines of its examples."""
    text = inspect.cleandoc(help_text)
    body, mark, lines = text.rpartition(_EXAMPLES)
    return (body, lines.splitlines()) if mark else (text, [])


def _write_text(help_text: str, formatter: Any) -> None:
    body, lines = _split_examples(help_text)
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text(body)
    if lines:
        with formatter.section("Examples"):
            formatter.write("".join(f"  {line.strip()}\n" for line in lines))


def _write_flags(command: Any, context: Any, formatter: Any) -> None:
    """Write the arguments and flags in their sections, with all help texts in one column."""
    sections: dict[str, list[tuple[str, str]]] = {title: [] for title in (_ARGUMENTS, *_SECTIONS)}
    for title, record in _records(command, context):
        sections.setdefault(title, []).append(record)
    flags = [name for rows in sections.values() for name, _ in rows]
    width = max((len(name) for name in flags if len(name) <= _MAX_FLAG_WIDTH), default=0)
    for title, rows in sections.items():
        if rows:
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), help_) for name, help_ in rows], col_max=width)


def _records(command: Any, context: Any) -> Iterator[tuple[str, tuple[str, str]]]:
    """The section, the name and the help of each parameter."""
    parameters: Iterable[Any] = command.get_params(context)
    for parameter in parameters:
        if (record := parameter.get_help_record(context)) is not None:
            name, help_ = record[0], _LOWER_BOUND.sub("", record[1])
            if parameter.param_type_name == "argument":
                yield _ARGUMENTS, (name.partition(" <")[0], help_)
            else:
                yield _panel(parameter, _OPTIONS), (name, help_)


def _usage(argument: Any) -> str:
    """The argument in the usage line: `TYPE/NAME`, `[SQL]`, `PATH...`."""
    name = argument.metavar.removesuffix("...") + ("..." if argument.nargs != 1 else "")
    return name if argument.required else f"[{name}]"


def _panel(item: Any, default: str) -> str:
    return item.rich_help_panel or default


def _encodable(text: str, context: Any) -> str:
    """The text with escapes for characters that standard output can't encode."""
    from kevents.cli.terminal import encodable

    program = context.find_root().obj
    return encodable(text, program.terminal.stdout) if program else text
