"""The answer to `kevents __complete WORD…`: never an error, for it would be written into a prompt."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from kevents.cli.completion import command_tree
from kevents.cli.completion.candidates import Then, World, values
from kevents.cli.completion.command_tree import ParameterNode
from kevents.cli.completion.cursor import Cursor, cursor_of
from kevents.config import cache_directory, written
from kevents.errors import KeventsError
from kevents.escape import escape

LINE = "_KEVENTS_LINE"  # the line up to the cursor, from shells that split words otherwise than they run them
if TYPE_CHECKING:
    from kevents.cli.program import Build

Candidate = tuple[str, str]  # what can be typed, and what it means


def answer(words: Sequence[str], env: Mapping[str, str], build: Build) -> str:
    """The candidates for the last word and what to do with them; nothing at all is an answer, too."""
    try:
        candidates, then = _answer(_split(env[LINE]) if env.get(LINE) else words, env, build)
    except Exception:  # a prompt is no place for it; the command, once it is run, tells
        candidates, then = [], Then.NOTHING
    lines = [f"{word}\t{escape(means)}" if means else word for word, means in candidates]
    return "\n".join([*lines, f":{int(then)}", ""])


def _answer(words: Sequence[str], env: Mapping[str, str], build: Build) -> tuple[list[Candidate], Then]:
    from kevents.store.names.lookup import Names

    cache = cache_directory()
    root = command_tree.read(cache, env, build)
    found = cursor_of(root, words)
    if found is None:
        return [], Then.NOTHING
    if (wanted := found.value_of) is not None:
        return _values(found, wanted, World(Names(_store(found, env), cache), env, root))
    if found.command.commands and not found.asks_for_flags:
        commands = [(name, one.help) for name, one in found.command.commands.items() if not one.hidden]
        return _beginning(found.word, commands), Then.NOTHING
    return _beginning(found.word, _flags(found)), Then.NOTHING


def _store(found: Cursor, env: Mapping[str, str]) -> Path:
    """The store that is meant: the one typed, else that of KEVENTS_STORE, of config.toml, or the usual one."""
    from kevents.store.paths import store_directory

    typed = next(filter(None, (*found.values("store"), *found.values("directory"))), None)
    told = None
    if not (typed or env.get("KEVENTS_STORE")):
        with suppress(KeventsError):  # of a config.toml that is broken
            told = written(env).get("store")
    return store_directory(typed or (told if isinstance(told, str) else None), env)


def _flags(found: Cursor) -> Iterator[Candidate]:
    """The flags that can still be given, by their long names unless a short one is being typed."""
    for flag in found.command.flags:
        if flag.many or flag.name not in found.given:
            long = next((name for name in flag.names if name.startswith("--")), flag.names[0])
            yield (found.word if found.word in flag.names else long), flag.help


def _values(found: Cursor, parameter: ParameterNode, world: World) -> tuple[list[Candidate], Then]:
    if parameter.many:  # several with commas, and `!` for all others
        head = found.word[: found.word.rfind(",") + 1]
        head += "!" if found.word[len(head) :].startswith("!") else ""
        found.before, found.word = found.before + head, found.word[len(head) :]
    offered = values(found, parameter, world)
    candidates = _beginning(found.word, ((one, "") for one in offered.found))
    return [(found.before + word, means) for word, means in candidates], offered.then


def _beginning(word: str, candidates: Iterator[Candidate] | Sequence[Candidate]) -> list[Candidate]:
    """Those that begin like the word; where none does, those that would in lower case."""
    offered = list(candidates)
    exact = [one for one in offered if one[0].startswith(word)]
    return exact or [one for one in offered if one[0].lower().startswith(word.lower())]


def _split(line: str) -> list[str]:
    """The words behind the command's name as a shell would split them, the last one perhaps unfinished or empty."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=False)
    lexer.whitespace_split = True
    lexer.commenters = ""
    words: list[str] = []
    try:
        words.extend(lexer)
    except ValueError:  # within quotes
        words.append(lexer.token)
        return words[1:]
    return [*words[1:], ""] if line[-1:].isspace() or not words[1:] else words[1:]
