"""Finds the candidates for the value of a flag or argument, by its choices, its name or its metavar."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import IntFlag
from pathlib import Path
from typing import TYPE_CHECKING

from kevents.cli.completion.command_tree import CommandNode, ParameterNode
from kevents.cli.completion.cursor import Cursor, clusters_and_namespaces
from kevents.store.names.lookup import IndexQuery, Names

if TYPE_CHECKING:
    from kevents.report.catalog import Report


class Directive(IntFlag):
    """What the shell does with the candidates. The numbers are kubectl's."""

    FILES = 0  # complete file names
    NO_SPACE = 2  # don't add a space after the word
    NO_FILES = 4
    DIRECTORIES = 16
    KEEP_ORDER = 32


@dataclass(frozen=True)
class CompletionContext:
    """The sources of candidates: the names in the store, the environment and the command tree."""

    names: Names
    env: Mapping[str, str]
    root: CommandNode

    def ask(self, question: IndexQuery) -> list[str]:
        """The names that the index returns, without those that a shell would interpret."""
        return harmless(self.names.ask(question))


@dataclass(frozen=True)
class Candidates:
    """Candidates for a word. Those that don't start with it are removed later."""

    words: list[str]
    directive: Directive = Directive.NO_FILES


Source = Callable[[Cursor, CompletionContext], Candidates]

_DURATIONS = ["1m", "5m", "15m", "30m", "1h", "3h", "6h", "12h", "24h", "2d", "7d", "30d"]
_TIMES = [*_DURATIONS, "today", "yesterday"]
# Names in events are text of their senders. Those that a shell could interpret are not completed.
_HARMLESS = re.compile(r"[A-Za-z0-9_.:@][A-Za-z0-9_.:/@%+=-]*")


def harmless(names: Iterable[str]) -> list[str]:
    """The names that every shell reads as plain words."""
    return [name for name in names if _HARMLESS.fullmatch(name)]


def candidates_for(cursor: Cursor, parameter: ParameterNode, context: CompletionContext) -> Candidates:
    """The candidates for the flag or argument at the cursor."""
    if parameter.choices:
        mark = "=" if parameter.name == "severity" and cursor.word.startswith("=") else ""
        return Candidates([mark + choice for choice in parameter.choices])
    type_, *alternatives = parameter.metavar.split("|")  # TIME|auto, TIME|TYPE/NAME
    keywords = [word for word in alternatives if word.islower()]
    if "TYPE/NAME" in alternatives and cursor.word[:1].isalpha():
        type_ = "TYPE/NAME"
    source = (_BY_FLAG.get(parameter.name) if parameter.names else None) or _BY_METAVAR.get(type_)
    if source is None:
        return Candidates([])
    candidates = source(cursor, context)
    return Candidates(
        [*(word for word in keywords if word not in candidates.words), *candidates.words], candidates.directive
    )


def _words(type_: str) -> Source:
    def source(cursor: Cursor, context: CompletionContext) -> Candidates:
        words = context.ask(lambda index: index.words(type_, cursor.word))
        return Candidates(words or context.ask(lambda index: index.words(type_, "")))  # the prefix may differ in case

    return source


def _fixed(words: Iterable[str], directive: Directive = Directive.NO_FILES) -> Source:
    return lambda _, __: Candidates(list(words), directive)


def _kinds(cursor: Cursor, context: CompletionContext) -> Candidates:
    kinds = context.ask(lambda index: index.words("kind", ""))
    return Candidates(kinds if cursor.word[:1].isupper() else [kind.lower() for kind in kinds])


def _objects(cursor: Cursor, context: CompletionContext) -> Candidates:
    """TYPE/NAME: first the types, then the names of that type."""
    typed_kind, slash, prefix = cursor.word.partition("/")
    if not slash:
        types = [f"{kind}/" for kind in _kinds(cursor, context).words]
        return Candidates(types, Directive.NO_FILES | Directive.NO_SPACE)
    return Candidates([f"{typed_kind}/{name}" for name in _names_of(cursor, context, [typed_kind], prefix)])


def _names(cursor: Cursor, context: CompletionContext) -> Candidates:
    kinds = list(cursor.values("kind")) or context.ask(lambda index: index.words("kind", ""))
    return Candidates(sorted(set(_names_of(cursor, context, kinds, cursor.word))))


def _names_of(cursor: Cursor, context: CompletionContext, kinds: Iterable[str], prefix: str) -> list[str]:
    from kevents.query.kinds import CLUSTER_SCOPED, parse_kind

    clusters, namespaces = clusters_and_namespaces(cursor.given)
    stored_kinds = {kind.lower(): kind for kind in context.ask(lambda index: index.words("kind", ""))}
    names: list[str] = []
    for kind in filter(None, (stored_kinds.get(parse_kind(kind).kind.lower()) for kind in kinds)):
        within = [] if kind in CLUSTER_SCOPED else namespaces
        names += context.ask(lambda index, k=kind, n=within: index.objects(k, prefix, clusters, n))  # type: ignore[misc]
    return names


def _all_reports(env: Mapping[str, str]) -> Mapping[str, Report]:
    from kevents.config import config_directory
    from kevents.report.catalog import reports
    from kevents.report.user_reports import user_reports

    return {**user_reports(config_directory(env), reports()).reports, **reports()}


def _columns(cursor: Cursor, context: CompletionContext) -> Candidates:
    """The columns of a report; after a `-`, for descending order."""
    report = _all_reports(context.env).get(cursor.path[0]) if cursor.path else None
    names = [column.name for column in report.columns] if report else []
    return Candidates([f"-{name}" for name in names] if cursor.word.startswith("-") else names)


def _reports(_: Cursor, context: CompletionContext) -> Candidates:
    return Candidates([name for name, report in _all_reports(context.env).items() if report.is_command])


def _topics(cursor: Cursor, context: CompletionContext) -> Candidates:
    """Help topics and commands; after a group of commands, its commands."""
    from kevents.cli.topics import TOPICS

    words = cursor.values("words")
    group = context.root
    for name in words:
        group = group.commands.get(name, CommandNode(""))
    visible = [name for name, command in group.commands.items() if not command.hidden]
    return Candidates(visible if words else ["topics", *TOPICS, *visible])


def _kubeconfig(section: str) -> Source:
    """Names in the kubeconfig file. This does not contact a cluster."""

    def source(cursor: Cursor, context: CompletionContext) -> Candidates:
        from kevents.source.cluster.kubeconfig import Flags, find, merge

        paths = cursor.values("kubeconfig")
        flags = Flags(kubeconfig=Path(paths[-1])) if paths else Flags()
        return Candidates(harmless(sorted(merge(find(flags, context.env, Path.home())).entries[section])))

    return source


def _zones(_: Cursor, __: CompletionContext) -> Candidates:
    from zoneinfo import available_timezones

    return Candidates(["UTC", "local", *sorted(available_timezones())])


_UNSORTED = Directive.NO_FILES | Directive.KEEP_ORDER
_BY_FLAG: dict[str, Source] = {
    "namespace": _words("namespace"),
    "cluster": _words("cluster"),
    "kind": _kinds,
    "name": _names,
    "for_": _objects,
    "reason": _words("reason"),
    "node": _words("node"),
    "component": _words("component"),
    "sort_by": _columns,
    "since": _fixed(_TIMES, _UNSORTED),
    "until": _fixed(_TIMES, _UNSORTED),
    "as_of": _fixed(_TIMES, _UNSORTED),
    "kube_context": _kubeconfig("contexts"),
    "kube_cluster": _kubeconfig("clusters"),
    "user": _kubeconfig("users"),
    "tz": _zones,
}
_BY_METAVAR: dict[str, Source] = {
    "TYPE/NAME": _objects,
    "CLUSTER": _words("cluster"),
    "NAMESPACE": _words("namespace"),
    "REASON": _words("reason"),
    "NODE": _words("node"),
    "KIND": _kinds,
    "IMAGE": _words("image"),
    "REPORT": _reports,
    "TOPIC": _topics,
    "TIME": _fixed(_DURATIONS, _UNSORTED),
    "DURATION": _fixed(_DURATIONS, _UNSORTED),
    "FILE": _fixed((), Directive.FILES),
    "PATH": _fixed((), Directive.FILES),
    "DIR": _fixed((), Directive.DIRECTORIES),
}
