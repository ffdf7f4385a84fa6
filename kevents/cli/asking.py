"""From flags to a question: the store, what the time is, the selection and the output."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from kevents.cli.flags import OutputFlags, SelectionFlags, StoreFlags, ZoneFlags
from kevents.cli.questions import Asked
from kevents.errors import UsageError
from kevents.suggest import hint

if TYPE_CHECKING:
    from kevents.cli.console import Terminal
    from kevents.cli.output import Output
    from kevents.event.severity import Ratings
    from kevents.query.engine import Engine
    from kevents.query.open_store import OpenStore
    from kevents.query.selection import Selection
    from kevents.query.statement import ParameterValue
    from kevents.report.catalog import Parameter

_COLORS = {None: None, "auto": None, "always": True, "never": False}


@dataclass(frozen=True)
class Asking:
    """Everything that the shared flags of a question say."""

    terminal: Terminal
    store: OpenStore
    selection: Selection
    output: Output
    is_as_of: bool

    @classmethod
    def of(cls, terminal: Terminal, flags: Asked) -> Asking:
        """What the flags mean; every mistake in them is answered here, before anything runs."""
        from kevents import clock as clocks

        wall, zone = clocks.now(), zone_of(flags.clock)
        output_of(flags.output, wall, zone).check(terminal)
        store = open_store(flags.store, terminal, strict=flags.store.strict)
        as_of = flags.clock.as_of
        now = _as_of(as_of, store, wall, zone)
        chosen = selection_of(flags.selection, now, zone)
        return cls(terminal, store, chosen, output_of(flags.output, now, zone), as_of is not None)

    @property
    def is_capped(self) -> bool:
        """Whether long answers stop: on a terminal only, for a pipe must lose nothing."""
        return self.terminal.is_interactive and self.is_for_people

    @property
    def is_for_people(self) -> bool:
        """Whether a person reads the answer, and no script."""
        return self.output.check(self.terminal).for_people

    def value(self, parameter: Parameter, typed: str | int | None) -> ParameterValue:
        """What was typed for a report's own parameter, as its SQL reads it."""
        from kevents import clock as clocks
        from kevents.report.catalog import Value

        match parameter.value, typed:
            case Value.DURATION, str():
                return clocks.parse_duration(typed)
            case Value.TIME, str():
                return clocks.parse_time(typed, self.output.now, self.output.zone)
        return typed

    def engine(self) -> Engine:
        """The engine over the store for this selection."""
        return self.store.engine(self.selection, self.output.now)


def open_store(flags: StoreFlags, terminal: Terminal, *, strict: bool = False) -> OpenStore:
    """The store that the flags name, as it is now."""
    from kevents import clock as clocks
    from kevents.config import config_folder
    from kevents.query.damage_policy import Care
    from kevents.query.open_store import OpenStore
    from kevents.store.paths import locate

    folder = locate(flags.store, terminal.env)
    return OpenStore.open(folder, clocks.now(), Care(terminal.warn, strict=strict), config_folder(terminal.env))


def ratings_of(terminal: Terminal) -> Ratings:
    """What each reason means, where no store is asked."""
    from kevents.config import config_folder
    from kevents.query.open_store import own_ratings

    return own_ratings(config_folder(terminal.env), terminal.warn)


def zone_of(clock: ZoneFlags) -> tzinfo:
    """The time zone that times are typed and written in: --utc, --tz, else where the user is."""
    from kevents import clock as clocks

    if clock.utc and clock.tz:
        raise UsageError("--utc and --tz are two answers to one question", "Give one of them.")
    return clocks.zone_named("UTC" if clock.utc else clock.tz or "local")


def output_of(flags: OutputFlags, now: datetime, zone: tzinfo) -> Output:
    """How the answer is written."""
    from kevents.cli.output import Output

    if flags.color not in _COLORS:
        raise UsageError(f'--color cannot be "{flags.color}"', hint(flags.color or "", filter(None, _COLORS)))
    return Output(
        now=now,
        format=flags.output or "table",
        headers=not flags.no_headers,
        time=flags.time or "age",
        zone=zone,
        csv_guard=not flags.no_csv_guard,
        color=_COLORS[flags.color],
        paged=not flags.no_pager,
        full=flags.full,
    )


def _as_of(flag: str | None, store: OpenStore, wall: datetime, zone: tzinfo) -> datetime:
    from kevents import clock as clocks

    if flag is None:
        return wall
    if flag == "last":
        return store.newest or wall
    return clocks.parse_time(flag, wall, zone)


def selection_of(flags: SelectionFlags, now: datetime, zone: tzinfo) -> Selection:
    """Which events the flags choose."""
    from kevents import clock as clocks
    from kevents.query.selection import Selection, values_of

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
