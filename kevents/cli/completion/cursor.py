"""Finds the cursor's place on the command line: the command, its values so far, and the word to complete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kevents.cli.completion.command_tree import CommandNode, ParameterNode
from kevents.query.pattern import are_exact


@dataclass
class Cursor:
    """The word to complete and its context.

    value_of: the flag or argument whose value the word is, if any. path: the names of the commands. before: the part of
    the word that is already complete, such as `--reason=`. given: the values of flags and arguments by parameter name.
    is_after_dashes: whether `--` came before. arguments: the number of arguments so far.
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
    def is_at_flag(self) -> bool:
        """Whether the word is a flag."""
        return self.word.startswith("-") and self.value_of is None and not self.is_after_dashes

    def values(self, name: str) -> Sequence[str]:
        """The values of a parameter so far."""
        return self.given.get(name, ())


def cursor_of(root: CommandNode, words: Sequence[str]) -> Cursor | None:
    """The cursor at the last of the words; None if the words before it contain an unknown command."""
    *complete, last = words or [""]
    cursor = Cursor(root, last)
    waiting: ParameterNode | None = None  # a flag whose value is the next word
    for word in complete:
        if waiting is not None:
            cursor.given.setdefault(waiting.name, []).append(word)
            waiting = None
        elif word == "--" and not cursor.is_after_dashes:
            cursor.is_after_dashes = True
        elif word.startswith("-") and word != "-" and not cursor.is_after_dashes:
            waiting = _add_flag(cursor, word)
        elif cursor.command.commands:
            if word not in cursor.command.commands:
                return None
            cursor.command = cursor.command.commands[word]
            cursor.path.append(word)
        else:
            _add_argument(cursor, word)
    _set_value_of(cursor, waiting)
    return cursor


def _add_flag(cursor: Cursor, word: str) -> ParameterNode | None:
    """Add a flag to the cursor. Returns the flag if its value is the next word."""
    name, equals, value = word.partition("=")
    if not word.startswith("--") and len(word) > 2:  # -nshop
        name, equals, value = word[:2], "=", word[2:]
    flag = cursor.command.flag(name)
    if flag is None:
        return None
    if flag.takes and not equals:
        return flag
    cursor.given.setdefault(flag.name, []).append(value)
    return None


def _add_argument(cursor: Cursor, word: str) -> None:
    if (argument := _next_argument(cursor)) is not None:
        cursor.given.setdefault(argument.name, []).append(word)
    cursor.arguments += 1


def _next_argument(cursor: Cursor) -> ParameterNode | None:
    arguments = cursor.command.arguments
    if cursor.arguments < len(arguments):
        return arguments[cursor.arguments]
    return arguments[-1] if arguments and arguments[-1].many else None


def _set_value_of(cursor: Cursor, waiting: ParameterNode | None) -> None:
    """Set the flag or argument whose value is to be completed. waiting: the flag before the last word."""
    name, equals, value = cursor.word.partition("=")
    if waiting is not None:
        cursor.value_of = waiting
    elif cursor.is_at_flag:
        flag = cursor.command.flag(name) if equals else None
        if flag is not None and flag.takes:
            cursor.value_of, cursor.word, cursor.before = flag, value, f"{name}="
    elif not cursor.command.commands:
        cursor.value_of = _next_argument(cursor)


def clusters_and_namespaces(given: Mapping[str, Sequence[str]]) -> tuple[list[str], list[str]]:
    """The given clusters and namespaces; an empty list if a pattern or exclusion is among them."""

    def literal(name: str) -> list[str]:
        values = [value for text in given.get(name, ()) for value in text.split(",") if value]
        return values if are_exact(values) else []

    return literal("cluster"), literal("namespace")
