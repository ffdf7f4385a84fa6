"""Candidates for a value: the choices that its flag declares, or what the flag's name or metavar stands for."""

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


class Then(IntFlag):
    """What the shell does with the candidates, in kubectl's numbers."""

    FILES = 0  # complete file names
    NO_SPACE = 2  # the word is not complete
    NOTHING = 4  # no files
    DIRECTORIES = 16
    IN_ORDER = 32  # do not sort


@dataclass(frozen=True)
class World:
    """Where candidates come from: the names in the store, the environment and the commands."""

    names: Names
    env: Mapping[str, str]
    root: CommandNode

    def asked(self, question: IndexQuery) -> list[str]:
        """The names that the index finds, without those that a shell would interpret."""
        return harmless(self.names.ask(question))


@dataclass(frozen=True)
class Values:
    """Candidates for a word; those that do not start with it are removed later."""

    found: list[str]
    then: Then = Then.NOTHING


Source = Callable[[Cursor, World], Values]

_DURATIONS = ["1m", "5m", "15m", "30m", "1h", "3h", "6h", "12h", "24h", "2d", "7d", "30d"]
_MOMENTS = [*_DURATIONS, "today", "yesterday"]
# What a shell could interpret is not offered: names in events are free text of their senders.
_HARMLESS = re.compile(r"[A-Za-z0-9_.:@][A-Za-z0-9_.:/@%+=-]*")


def harmless(names: Iterable[str]) -> list[str]:
    """Those of the names that every shell takes as plain words."""
    return [name for name in names if _HARMLESS.fullmatch(name)]


def values(place: Cursor, parameter: ParameterNode, world: World) -> Values:
    """The candidates for the flag or argument that is being typed."""
    if parameter.choices:
        mark = "=" if parameter.name == "severity" and place.word.startswith("=") else ""
        return Values([mark + choice for choice in parameter.choices])
    type_, *others = parameter.metavar.split("|")  # TIME|auto, TIME|TYPE/NAME
    literal = [word for word in others if word.islower()]
    if "TYPE/NAME" in others and place.word[:1].isalpha():
        type_ = "TYPE/NAME"
    source = (_OF_FLAGS.get(parameter.name) if parameter.names else None) or _BY_METAVAR.get(type_)
    if source is None:
        return Values([])
    answer = source(place, world)
    return Values([*(word for word in literal if word not in answer.found), *answer.found], answer.then)


def _words(of: str) -> Source:
    def source(place: Cursor, world: World) -> Values:
        found = world.asked(lambda index: index.words(of, place.word))
        return Values(found or world.asked(lambda index: index.words(of, "")))  # for who types them in lower case

    return source


def _fixed(found: Iterable[str], then: Then = Then.NOTHING) -> Source:
    return lambda _, __: Values(list(found), then)


def _kinds(place: Cursor, world: World) -> Values:
    found = world.asked(lambda index: index.words("kind", ""))
    return Values(found if place.word[:1].isupper() else [kind.lower() for kind in found])


def _objects(place: Cursor, world: World) -> Values:
    """TYPE/NAME: first a type, as kubectl has it, then the names of that type."""
    typed, slash, name = place.word.partition("/")
    if not slash:
        return Values([f"{kind}/" for kind in _kinds(place, world).found], Then.NOTHING | Then.NO_SPACE)
    names = _of_kinds(place, world, [typed], name)
    return Values([f"{typed}/{one}" for one in names])


def _names(place: Cursor, world: World) -> Values:
    kinds = list(place.values("kind")) or world.asked(lambda index: index.words("kind", ""))
    return Values(sorted(set(_of_kinds(place, world, kinds, place.word))))


def _of_kinds(place: Cursor, world: World, kinds: Iterable[str], prefix: str) -> list[str]:
    from kevents.query.kinds import CLUSTER_SCOPED, parse_kind

    clusters, namespaces = clusters_and_namespaces(place.given)
    known = {kind.lower(): kind for kind in world.asked(lambda index: index.words("kind", ""))}
    meant = [known.get(parse_kind(kind).kind.lower()) for kind in kinds]
    found: list[str] = []
    for kind in filter(None, meant):
        within = [] if kind in CLUSTER_SCOPED else namespaces
        found += world.asked(lambda index, k=kind, n=within: index.objects(k, prefix, clusters, n))  # type: ignore[misc]
    return found


def _all_reports(env: Mapping[str, str]) -> Mapping[str, Report]:
    from kevents.config import config_directory
    from kevents.report.catalog import reports
    from kevents.report.user_reports import user_reports

    return {**user_reports(config_directory(env), reports()).reports, **reports()}


def _columns(place: Cursor, world: World) -> Values:
    """The columns of a report; `-COLUMN` turns the order round."""
    report = _all_reports(world.env).get(place.path[0]) if place.path else None
    names = [column.name for column in report.columns] if report else []
    return Values([f"-{name}" for name in names] if place.word.startswith("-") else names)


def _reports(_: Cursor, world: World) -> Values:
    return Values([name for name, one in _all_reports(world.env).items() if one.is_command])


def _topics(place: Cursor, world: World) -> Values:
    """Topics of help and commands; behind a group of commands, its own."""
    from kevents.cli.topics import TOPICS

    typed = place.values("words")
    group = world.root
    for name in typed:
        group = group.commands.get(name, CommandNode(""))
    shown = [name for name, command in group.commands.items() if not command.hidden]
    return Values(shown if typed else ["topics", *TOPICS, *shown])


def _kubeconfig(kind: str) -> Source:
    """Names in the kubeconfig, which is a file: no cluster is asked."""

    def source(place: Cursor, world: World) -> Values:
        from kevents.source.cluster.kubeconfig import Flags, find, merge

        named = place.values("kubeconfig")
        flags = Flags(kubeconfig=Path(named[-1])) if named else Flags()
        return Values(harmless(sorted(merge(find(flags, world.env, Path.home())).entries[kind])))

    return source


def _zones(_: Cursor, __: World) -> Values:
    from zoneinfo import available_timezones

    return Values(["UTC", "local", *sorted(available_timezones())])


_OF_FLAGS: dict[str, Source] = {
    "namespace": _words("namespace"),
    "cluster": _words("cluster"),
    "kind": _kinds,
    "name": _names,
    "for_": _objects,
    "reason": _words("reason"),
    "node": _words("node"),
    "component": _words("component"),
    "sort_by": _columns,
    "since": _fixed(_MOMENTS, Then.NOTHING | Then.IN_ORDER),
    "until": _fixed(_MOMENTS, Then.NOTHING | Then.IN_ORDER),
    "as_of": _fixed(_MOMENTS, Then.NOTHING | Then.IN_ORDER),
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
    "TIME": _fixed(_DURATIONS, Then.NOTHING | Then.IN_ORDER),
    "FILE": _fixed((), Then.FILES),
    "PATH": _fixed((), Then.FILES),
    "DIR": _fixed((), Then.DIRECTORIES),
}
