"""Answers `kevents __complete WORD…`. It never fails, because an error would be written into the user's prompt."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from kevents.cli.completion import command_tree
from kevents.cli.completion.candidates import CompletionContext, Directive, candidates_for
from kevents.cli.completion.command_tree import ParameterNode
from kevents.cli.completion.cursor import Cursor, cursor_of
from kevents.config import cache_directory, read_config
from kevents.errors import KeventsError
from kevents.escape import escape
from kevents.query.pattern import EXCLUDE, Pattern

LINE = "_KEVENTS_LINE"  # the command line up to the cursor, from shells that split it into words in their own way
if TYPE_CHECKING:
    from kevents.cli.program import Build

Candidate = tuple[str, str]  # a word and its description


def answer(words: Sequence[str], env: Mapping[str, str], build: Build) -> str:
    """The candidates for the last word, and a directive for the shell."""
    try:
        candidates, directive = _answer(_split(env[LINE]) if env.get(LINE) else words, env, build)
    except Exception:  # the command itself will report the error when it is run
        candidates, directive = [], Directive.NO_FILES
    lines = [f"{word}\t{escape(description)}" if description else word for word, description in candidates]
    return "\n".join([*lines, f":{int(directive)}", ""])


def _answer(words: Sequence[str], env: Mapping[str, str], build: Build) -> tuple[list[Candidate], Directive]:
    from kevents.store.names.lookup import Names

    cache = cache_directory()
    root = command_tree.read(cache, env, build)
    cursor = cursor_of(root, words)
    if cursor is None:
        return [], Directive.NO_FILES
    if (parameter := cursor.value_of) is not None:
        return _values(cursor, parameter, CompletionContext(Names(_store(cursor, env), cache), env, root))
    if cursor.command.commands and not cursor.is_at_flag:
        commands = cursor.command.commands.items()
        visible = [(name, command.help) for name, command in commands if not command.hidden]
        return _matching(cursor.word, visible), Directive.NO_FILES
    return _matching(cursor.word, _flags(cursor)), Directive.NO_FILES


def _store(cursor: Cursor, env: Mapping[str, str]) -> Path:
    """The store that the command would use."""
    from kevents.store.paths import store_directory

    typed = next(filter(None, (*cursor.values("store"), *cursor.values("directory"))), None)
    setting = None
    if not (typed or env.get("KEVENTS_STORE")):
        with suppress(KeventsError):  # a broken config.toml
            setting = read_config(env).get("store")
    return store_directory(typed or (setting if isinstance(setting, str) else None), env)


def _flags(cursor: Cursor) -> Iterator[Candidate]:
    """The flags that can still be given, by their long names unless a short one is typed."""
    for flag in cursor.command.flags:
        if flag.many or flag.name not in cursor.given:
            long = next((name for name in flag.names if name.startswith("--")), flag.names[0])
            yield (cursor.word if cursor.word in flag.names else long), flag.help


def _values(cursor: Cursor, parameter: ParameterNode, context: CompletionContext) -> tuple[list[Candidate], Directive]:
    if parameter.many:  # complete only the last of several values, without its `!`
        head = cursor.word[: cursor.word.rfind(",") + 1]
        head += EXCLUDE if Pattern.parse(cursor.word[len(head) :]).is_excluded else ""
        cursor.before, cursor.word = cursor.before + head, cursor.word[len(head) :]
    candidates = candidates_for(cursor, parameter, context)
    words = _matching(cursor.word, [(word, "") for word in candidates.words])
    return [(cursor.before + word, description) for word, description in words], candidates.directive


def _matching(prefix: str, candidates: Iterator[Candidate] | Sequence[Candidate]) -> list[Candidate]:
    """The candidates that start with the prefix; if there are none, those that do so ignoring case."""
    candidates = list(candidates)
    exact = [candidate for candidate in candidates if candidate[0].startswith(prefix)]
    return exact or [candidate for candidate in candidates if candidate[0].lower().startswith(prefix.lower())]


def _split(line: str) -> list[str]:
    """The words after the command's name, split as by a shell. The last one may be incomplete or empty."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=False)
    lexer.whitespace_split = True
    lexer.commenters = ""
    words: list[str] = []
    try:
        words.extend(lexer)
    except ValueError:  # a quote is not closed
        words.append(lexer.token)
        return words[1:]
    return [*words[1:], ""] if line[-1:].isspace() or not words[1:] else words[1:]
