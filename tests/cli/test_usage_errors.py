"""kevents words all errors of command lines itself: no text of typer or pydantic reaches the user."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import typer

from kevents.cli.app import build
from kevents.cli.typer_internals import value_type
from tests.screen import run

USAGE = 2
TYPERS_WORDS = ("Usage:", "Error", "Got unexpected", "Invalid value", "Missing", "No such", "Try ", "Input should be")
_ROOT: Any = typer.main.get_command(build())


def commands(group: Any = _ROOT, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command and group with its path, also hidden ones."""
    yield path, group
    for name, command in getattr(group, "commands", {}).items():
        yield from commands(command, (*path, name))


COMMANDS = dict(commands())
LEAVES = {path: command for path, command in COMMANDS.items() if not hasattr(command, "commands")}
every_command = pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
every_leaf = pytest.mark.parametrize("path", LEAVES, ids=" ".join)


def options(path: tuple[str, ...]) -> list[Any]:
    return [parameter for parameter in COMMANDS[path].params if parameter.param_type_name == "option"]


def arguments(path: tuple[str, ...]) -> list[Any]:
    return [parameter for parameter in COMMANDS[path].params if parameter.param_type_name == "argument"]


def required(path: tuple[str, ...]) -> list[str]:
    """Words for the required arguments and flags of a command."""
    words = [word for option in options(path) if option.required for word in (option.opts[0], "x")]
    return [*words, *("x" for argument in arguments(path) if argument.required)]


def assert_usage_error(message: str, *words: str) -> None:
    screen = run(*words)
    assert screen.status == USAGE, screen
    assert screen.out == ""
    assert screen.err.splitlines()[0] == f"kevents: {message}"
    assert screen.err.count("\n") == 2  # with a hint
    assert [word for word in TYPERS_WORDS if word in screen.err] == []


@every_command
def test_an_unknown_flag_is_a_usage_error(path: tuple[str, ...]):
    assert_usage_error("unknown flag --zzzzzz", *path, "--zzzzzz")
    assert_usage_error("unknown flag -y", *path, "-y")


@every_command
def test_a_value_for_a_switch_is_a_usage_error(path: tuple[str, ...]):
    assert_usage_error("--help takes no value", *path, "--help=yes")
    switches = [option for option in options(path) if option.is_flag]
    for option in (*switches[:1], *switches[-1:]):
        flag = max(option.opts, key=len)
        assert_usage_error(f"{flag} takes no value", *path, *required(path), f"{flag}=yes")


@every_leaf
def test_a_flag_without_its_value_is_a_usage_error(path: tuple[str, ...]):
    with_value = [option for option in options(path) if not option.is_flag]
    for option in (*with_value[:1], *with_value[-1:]):
        for flag in option.opts:
            assert_usage_error(f"{flag} needs a value", *path, *required(path), flag)


@every_leaf
def test_too_many_arguments_is_a_usage_error(path: tuple[str, ...]):
    if all(argument.nargs == 1 for argument in arguments(path)):
        words = ["x" for _ in arguments(path)]
        flags = [word for option in options(path) if option.required for word in (option.opts[0], "x")]
        assert_usage_error('unexpected argument "zzz"', *path, *flags, *words, "zzz")


@every_leaf
def test_a_missing_argument_or_flag_is_a_usage_error(path: tuple[str, ...]):
    needed = [parameter for parameter in (*options(path), *arguments(path)) if parameter.required]
    if len(needed) == 1:
        (parameter,) = needed
        is_argument = parameter.param_type_name == "argument"
        name = parameter.metavar.removesuffix("...") if is_argument else max(parameter.opts, key=len)
        assert_usage_error(f"missing {name}", *path)


@every_leaf
def test_a_number_that_is_not_one_is_a_usage_error(path: tuple[str, ...]):
    for option in options(path):
        if value_type(option) is int:
            flag = max(option.opts, key=len)
            for text in ("many", "1.5", ""):
                screen = run(*path, *required(path), f"{flag}={text}")
                assert screen.status == USAGE
                assert screen.err.startswith(f"kevents: {flag} must be a whole number")
                assert screen.err.splitlines()[0].endswith(f', not "{text}"')
                assert [word for word in TYPERS_WORDS if word in screen.err] == []


@pytest.mark.parametrize("path", sorted(COMMANDS.keys() - LEAVES.keys()), ids=" ".join)
def test_an_unknown_command_is_a_usage_error(path: tuple[str, ...]):
    for word in ("zzzzzz", "-", ""):
        assert_usage_error(f'unknown command "{word}"', *path, word)
    assert_usage_error('unknown command "--zzz"', *path, "--", "--zzz")
