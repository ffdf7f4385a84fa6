"""Where on the command line the cursor stands: which command, what was given to it, and what is being typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kevents.cli.completion.command_tree import CommandNode, ParameterNode
from kevents.query.pattern import are_exact


@dataclass
class Cursor:
    """The word that is being typed and what is known of it.

    value_of: the flag or argument that it is a value of, if it is one. path: the names of the commands. before: what of
    the word stands before what is to be completed, such as `--reason=`. given: values of flags and arguments by name.
    """

    command: CommandNode
    word: str
    path: list[str] = field(default_factory=list)
    value_of: ParameterNode | None = None
    before: str = ""
    given: dict[str, list[str]] = field(default_factory=dict)
    is_after_dashes: bool = False
    arguments: int = 0

    @property
    def asks_for_flags(self) -> bool:
        """Whether a flag is being typed."""
        return self.word.startswith("-") and self.value_of is None and not self.is_after_dashes

    def values(self, name: str) -> Sequence[str]:
        """What was given for a parameter so far."""
        return self.given.get(name, ())


def cursor_of(root: CommandNode, words: Sequence[str]) -> Cursor | None:
    """Where the last of the words stands; None where those before it make no sense."""
    *complete, word = words or [""]
    found = Cursor(root, word)
    waiting: ParameterNode | None = None  # a flag whose value comes next
    for one in complete:
        if waiting is not None:
            found.given.setdefault(waiting.name, []).append(one)
            waiting = None
        elif one == "--" and not found.is_after_dashes:
            found.is_after_dashes = True
        elif one.startswith("-") and one != "-" and not found.is_after_dashes:
            waiting = _flag(found, one)
        elif found.command.commands:
            if one not in found.command.commands:
                return None
            found.command = found.command.commands[one]
            found.path.append(one)
        else:
            _argument(found, one)
    return _ended(found, waiting)


def _flag(found: Cursor, word: str) -> ParameterNode | None:
    """Note a flag; the answer is the flag if its value is the next word."""
    name, equals, value = word.partition("=")
    if not word.startswith("--") and len(word) > 2:  # -nshop
        name, equals, value = word[:2], "=", word[2:]
    flag = found.command.flag(name)
    if flag is None:
        return None
    if flag.takes and not equals:
        return flag
    found.given.setdefault(flag.name, []).append(value)
    return None


def _argument(found: Cursor, word: str) -> None:
    if (argument := _next_argument(found)) is not None:
        found.given.setdefault(argument.name, []).append(word)
    found.arguments += 1


def _next_argument(found: Cursor) -> ParameterNode | None:
    arguments = found.command.arguments
    if found.arguments < len(arguments):
        return arguments[found.arguments]
    return arguments[-1] if arguments and arguments[-1].many else None


def _ended(found: Cursor, waiting: ParameterNode | None) -> Cursor:
    name, equals, value = found.word.partition("=")
    if waiting is not None:
        found.value_of = waiting
    elif found.asks_for_flags:
        flag = found.command.flag(name) if equals else None
        if flag is not None and flag.takes:
            found.value_of, found.word, found.before = flag, value, f"{name}="
    elif not found.command.commands:
        found.value_of = _next_argument(found)
    return found


def clusters_and_namespaces(given: Mapping[str, Sequence[str]]) -> tuple[list[str], list[str]]:
    """The clusters and namespaces that were named; a pattern or an exclusion narrows nothing."""

    def named(name: str) -> list[str]:
        values = [value for text in given.get(name, ()) for value in text.split(",") if value]
        return values if are_exact(values) else []

    return named("cluster"), named("namespace")
