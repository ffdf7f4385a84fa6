"""What may stand in a place: the sort of a value follows from its flag's name or metavar, its choices from its help."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import IntFlag
from pathlib import Path
from typing import TYPE_CHECKING

from kevents.cli.completion.place import Place, clusters_and_namespaces
from kevents.cli.completion.tree import Command, Parameter
from kevents.store.names.lookup import Names, Question

if TYPE_CHECKING:
    from kevents.report.catalog import Report


class Then(IntFlag):
    """What the shell is to do with the candidates: kubectl's own numbers."""

    FILES = 0  # complete names of files
    NO_SPACE = 2  # the word goes on
    NOTHING = 4  # no files
    FOLDERS = 16
    IN_ORDER = 32  # do not sort


@dataclass(frozen=True)
class World:
    """What values are taken from: the store's names, the process's environment and the commands."""

    names: Names
    env: Mapping[str, str]
    root: Command

    def asked(self, question: Question) -> list[str]:
        """The names that the index answers, of those that can be typed without a thought."""
        return harmless(self.names.ask(question))


@dataclass(frozen=True)
class Values:
    """Candidates for a word; those that do not begin as it does are left out later."""

    found: list[str]
    then: Then = Then.NOTHING


Source = Callable[[Place, World], Values]

_DURATIONS = ["1m", "5m", "15m", "30m", "1h", "3h", "6h", "12h", "24h", "2d", "7d", "30d"]
_MOMENTS = [*_DURATIONS, "today", "yesterday"]
# `Format: table, wide.`, `Count by reason, kind, …`, `Times as age, absolute or clock.`
_CHOICES = re.compile(r"(?:: |\b(?:as|by) )([\w-]+(?:, [\w-]+)*(?:,? or [\w-]+)?)(?:[.]|, …)")
# What a shell could take for anything but a word is not offered: names in events are their senders' free text.
_HARMLESS = re.compile(r"[A-Za-z0-9_.:@][A-Za-z0-9_.:/@%+=-]*")


def harmless(names: Iterable[str]) -> list[str]:
    """Those of the names that no shell takes for more than a word."""
    return [name for name in names if _HARMLESS.fullmatch(name)]


def values(place: Place, parameter: Parameter, world: World) -> Values:
    """What can be said for the flag or argument that is being typed."""
    if parameter.choices:
        return Values(list(parameter.choices))
    sort, *others = parameter.metavar.split("|")  # TIME|auto, TIME|TYPE/NAME
    literal = [word for word in others if word.islower()]
    if "TYPE/NAME" in others and place.word[:1].isalpha():
        sort = "TYPE/NAME"
    source = (_OF_FLAGS.get(parameter.name) if parameter.names else None) or _BY_METAVAR.get(sort)
    if source is None:
        return Values(_told_choices(parameter))
    answer = source(place, world)
    return Values([*(word for word in literal if word not in answer.found), *answer.found], answer.then)


def _told_choices(parameter: Parameter) -> list[str]:
    """The choices that a flag's help tells, as every flag with a closed list does."""
    if parameter.metavar and re.fullmatch(r"[\w-]+([|][\w-]+)+", parameter.metavar):
        return parameter.metavar.split("|")
    told = _CHOICES.search(parameter.help)
    return re.split(r",? or |, ", told[1]) if told else []


def _words(of: str) -> Source:
    def source(place: Place, world: World) -> Values:
        found = world.asked(lambda index: index.words(of, place.word))
        return Values(found or world.asked(lambda index: index.words(of, "")))  # for who types them in lower case

    return source


def _fixed(found: Iterable[str], then: Then = Then.NOTHING) -> Source:
    return lambda _, __: Values(list(found), then)


def _kinds(place: Place, world: World) -> Values:
    found = world.asked(lambda index: index.words("kind", ""))
    return Values(found if place.word[:1].isupper() else [kind.lower() for kind in found])


def _objects(place: Place, world: World) -> Values:
    """TYPE/NAME: first a type, as kubectl has it, then the names of that type."""
    typed, slash, name = place.word.partition("/")
    if not slash:
        return Values([f"{kind}/" for kind in _kinds(place, world).found], Then.NOTHING | Then.NO_SPACE)
    names = _of_kinds(place, world, [typed], name)
    return Values([f"{typed}/{one}" for one in names])


def _names(place: Place, world: World) -> Values:
    kinds = list(place.values("kind")) or world.asked(lambda index: index.words("kind", ""))
    return Values(sorted(set(_of_kinds(place, world, kinds, place.word))))


def _of_kinds(place: Place, world: World, kinds: Iterable[str], prefix: str) -> list[str]:
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
    from kevents.config import config_folder
    from kevents.report.catalog import reports
    from kevents.report.user_reports import own_reports

    return {**own_reports(config_folder(env), reports()).reports, **reports()}


def _columns(place: Place, world: World) -> Values:
    """The columns of a report; `-COLUMN` turns the order round."""
    report = _all_reports(world.env).get(place.path[0]) if place.path else None
    names = [column.name for column in report.columns] if report else []
    return Values([f"-{name}" for name in names] if place.word.startswith("-") else names)


def _reports(_: Place, world: World) -> Values:
    return Values([name for name, one in _all_reports(world.env).items() if one.is_command])


def _topics(place: Place, world: World) -> Values:
    """Topics of help and commands; behind a group of commands, its own."""
    from kevents.cli.topics import TOPICS

    typed = place.values("words")
    group = world.root
    for name in typed:
        group = group.commands.get(name, Command(""))
    shown = [name for name, command in group.commands.items() if not command.hidden]
    return Values(shown if typed else ["topics", *TOPICS, *shown])


def _kubeconfig(kind: str) -> Source:
    """Names in the kubeconfig, which is a file: no cluster is asked."""

    def source(place: Place, world: World) -> Values:
        from kevents.source.cluster.kubeconfig import Flags, find, merge

        named = place.values("kubeconfig")
        flags = Flags(kubeconfig=Path(named[-1])) if named else Flags()
        return Values(harmless(sorted(merge(find(flags, world.env, Path.home())).entries[kind])))

    return source


def _severities(place: Place, _: World) -> Values:
    from kevents.event.severity import SEVERITIES

    return Values([f"={one}" for one in SEVERITIES] if place.word.startswith("=") else list(SEVERITIES))


def _categories(_: Place, __: World) -> Values:
    from kevents.event.severity import CATEGORIES

    return Values(list(CATEGORIES))


def _zones(_: Place, __: World) -> Values:
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
    "severity": _severities,
    "category": _categories,
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
    "FOLDER": _fixed((), Then.FOLDERS),
    "DIR": _fixed((), Then.FOLDERS),
}
