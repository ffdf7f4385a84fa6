"""Turns the flags of a command into a request: the store, the current time, the selection and the output."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from kevents import clock as clocks
from kevents.cli.flags import RequestFlags, SelectionFlags, StoreFlags
from kevents.cli.output import Output, output_of, zone_of
from kevents.config import config_directory
from kevents.query.damage_policy import DamagePolicy
from kevents.query.open_store import OpenStore, user_ratings
from kevents.query.selection import Selection, values_of
from kevents.report.catalog import Value
from kevents.store.paths import store_directory

if TYPE_CHECKING:
    from kevents.cli.terminal import Terminal
    from kevents.event.severity import Ratings
    from kevents.query.engine import Engine
    from kevents.query.statement import ParameterValue
    from kevents.report.catalog import Parameter


@dataclass(frozen=True)
class Request:
    """What the shared flags ask for. is_as_of: whether --as-of sets the current time."""

    terminal: Terminal
    store: OpenStore
    selection: Selection
    output: Output
    is_as_of: bool

    @classmethod
    def of(cls, terminal: Terminal, flags: RequestFlags, time: str = "age") -> Request:
        """The request of these flags. Raises UsageError for any invalid flag, before anything runs.

        time: the default time format.
        """
        wall, zone = clocks.now(), zone_of(flags.clock)
        output = output_of(flags.output, terminal, wall, zone, time)
        store = open_store(flags.store, terminal, strict=flags.store.strict)
        as_of = flags.clock.as_of
        now = _as_of(as_of, store, wall, zone)
        selection = selection_of(flags.selection, now, zone)
        return cls(terminal, store, selection, replace(output, now=now), as_of is not None)

    @property
    def is_capped(self) -> bool:
        """Whether to limit long results: only on a terminal, because a pipe must get all rows."""
        return self.terminal.is_interactive and self.is_for_people

    @property
    def is_for_people(self) -> bool:
        """Whether the output format is one for people."""
        return self.output.check(self.terminal).for_people

    def value(self, parameter: Parameter, typed: str | int | None) -> ParameterValue:
        """The value of a report's own parameter for its SQL."""
        match parameter.value, typed:
            case Value.DURATION, str():
                return clocks.parse_duration(typed)
            case Value.TIME, str():
                return clocks.parse_time(typed, self.output.now, self.output.zone)
        return typed

    def engine(self, selection: Selection | None = None) -> Engine:
        """An engine over the store. selection: if None, that of the request."""
        return self.store.engine(self.selection if selection is None else selection, self.output.now)


def open_store(flags: StoreFlags, terminal: Terminal, *, strict: bool = False) -> OpenStore:
    """Open the store that the flags name."""
    damage = DamagePolicy(terminal.warn, strict=strict)
    directory = store_directory(flags.store, terminal.env)
    return OpenStore.open(directory, clocks.now(), damage, config_directory(terminal.env))


def ratings_of(terminal: Terminal) -> Ratings:
    """The severity of each reason, for a command that opens no store."""
    return user_ratings(config_directory(terminal.env), terminal.warn)


def selection_of(flags: SelectionFlags, now: datetime, zone: tzinfo) -> Selection:
    """The events that the flags select."""
    return Selection(
        clusters=values_of(flags.cluster),
        namespaces=() if flags.all_namespaces else values_of(flags.namespace),
        kinds=values_of(flags.kind),
        names=values_of(flags.name),
        objects=values_of(flags.for_),
        reasons=values_of(flags.reason),
        types=values_of(flags.type),
        nodes=values_of(flags.node),
        components=values_of(flags.component),
        severities=values_of(flags.severity, marks="!="),
        categories=values_of(flags.category),
        greps=tuple(flags.grep or ()),
        since=clocks.parse_time(flags.since, now, zone) if flags.since else None,
        until=clocks.parse_time(flags.until, now, zone) if flags.until else None,
        min_count=flags.min_count,
    )


def _as_of(flag: str | None, store: OpenStore, wall: datetime, zone: tzinfo) -> datetime:
    if flag is None:
        return wall
    if flag == "last":
        return store.newest or wall
    return clocks.parse_time(flag, wall, zone)
