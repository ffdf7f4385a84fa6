"""From flags to a question: the store, what the time is, the selection and the output."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from kevents.cli.flags import OutputFlags, SelectionFlags, ZoneFlags
from kevents.cli.questions import Asked
from kevents.errors import UsageError
from kevents.nearest import hint

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from kevents.cli.console import Terminal
    from kevents.cli.output import Output
    from kevents.event.severity import Ratings
    from kevents.query.care import Care
    from kevents.query.engine import Engine
    from kevents.query.selection import Selection
    from kevents.query.statement import ParameterValue
    from kevents.report.catalog import Parameter
    from kevents.result import Result
    from kevents.store.catalog import StoreFile
    from kevents.store.snapshot import Snapshot

_COLORS = {None: None, "auto": None, "always": True, "never": False}
_OLD = timedelta(hours=1)
_AHEAD = timedelta(days=1)  # how far in the future an event may be by a wrong clock and still be the newest


@dataclass(frozen=True)
class Asking:
    """Everything that the shared flags of a question say."""

    terminal: Terminal
    folder: Path
    snapshot: Snapshot
    selection: Selection
    output: Output
    is_as_of: bool
    care: Care
    engines: list[Engine] = field(default_factory=list, repr=False, compare=False)  # one at most: others share it

    @classmethod
    def of(cls, terminal: Terminal, flags: Asked) -> Asking:
        """What the flags mean; every mistake in them is answered here, before anything runs."""
        from kevents import clock as clocks
        from kevents.query.care import Care
        from kevents.store.locate import locate
        from kevents.store.store import Store

        wall, zone = clocks.now(), zone_of(flags.clock)
        output_of(flags.output, wall, zone).check(terminal)
        folder = locate(flags.store.store, terminal.env)
        care = Care(terminal.warn, flags.store.strict)
        snapshot = care.snapshot(Store.open(folder))
        as_of = flags.clock.as_of
        now = _as_of(as_of, snapshot, wall, zone)
        chosen = selection_of(flags.selection, now, zone)
        return cls(terminal, folder, snapshot, chosen, output_of(flags.output, now, zone), as_of is not None, care)

    @property
    def is_capped(self) -> bool:
        """Whether long answers stop: on a terminal only, for a pipe must lose nothing."""
        return self.terminal.is_interactive and self._is_for_people

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

    def engine(self, workshop: Path | None = None) -> Engine:
        """The engine over the store for this selection. workshop: where it may write files."""
        if self.engines and workshop is None and self.engines[0].care is self.care:
            return self.engines[0].of(self.selection)
        from kevents import clock as clocks
        from kevents.query.engine import Engine

        fresh = self.snapshot.fresh(clocks.now())
        self.care.look(self.snapshot.journal)
        rated = rated_by(self.terminal)
        files, now = self.snapshot.files, self.output.now
        engine = Engine(files, self.selection, now, fresh and fresh.table, rated, self.care, workshop)
        if workshop is None and not self.engines:
            self.engines.append(engine)
        return engine

    def write_sql(self, sql: str) -> None:
        """Write the SQL that would be asked, for `kevents query`."""
        from kevents.cli.console import encodable

        self.terminal.stdout.write(encodable(sql, self.terminal.stdout) + "\n")

    def write(self, result: Result, sought: Mapping[str, str] | None = None) -> None:
        """Write the answer, and say why it may be empty, look old or lack something.

        sought: names that it asks for beside the filters, by their sort: {"image": "nginx"}.
        """
        from dataclasses import replace

        from kevents.cli.output import write

        rows = write(replace(result, empty=self._empty(result), notes=[]), self.output, self.terminal)
        if not rows and self._is_for_people and self._may_be_narrow(result):
            from kevents.cli.empty import why

            for sentence in why(self, sought or {}):
                self.terminal.note(f"  {sentence}")
        for note in (*result.notes, *(self._notes() if self._is_for_people else ())):
            self.terminal.note(note)

    @property
    def _is_for_people(self) -> bool:
        return self.output.check(self.terminal).for_people

    def _notes(self) -> list[str]:
        return [*self._coverage_notes(), *([] if self.is_as_of else self._age_note())]

    def _coverage_notes(self) -> list[str]:
        if not (self.selection.since or self.selection.until):
            return []
        from kevents.report.coverage import missed

        return missed(self.snapshot.coverage, self.selection, self.output.zone)

    def _age_note(self) -> list[str]:
        from kevents import clock as clocks

        newest = _newest(self.snapshot, self.output.now)
        if newest is None or self.output.now - newest < _OLD:
            return []
        age = clocks.age(self.output.now - newest)
        return [f"The newest event of this store is {age} old: --as-of last counts ages from it."]

    def _may_be_narrow(self, result: Result) -> bool:
        """Whether the filters can be why there is nothing: not where a command says its own, or SQL has no filter."""
        from kevents.query.answer import NO_ROWS
        from kevents.query.selection import Selection
        from kevents.result import Result

        is_filtered = self.selection != Selection()
        return not self._is_bare and (result.empty == Result.empty or (is_filtered and result.empty == NO_ROWS))

    @property
    def _is_bare(self) -> bool:
        """Whether the store holds nothing at all."""
        return not any(file.rows for file in self.snapshot.files) and self.snapshot.fresh(self.output.now) is None

    def _empty(self, result: Result) -> str:
        if self._is_bare:
            return f"The store in {self.folder} holds no events yet: kevents import FILE brings some."
        namespaces = self.selection.namespaces
        if result.empty.startswith("No events found") and len(namespaces) == 1 and namespaces[0][0] != "!":
            return f"No events found in {namespaces[0]} namespace."  # kubectl's words
        return result.empty


def rated_by(terminal: Terminal) -> Ratings:
    """What each reason means, to kevents and to the user; says which of the user's own entries were left out."""
    from kevents.config import config_folder
    from kevents.event.ratings import with_own

    table = with_own(config_folder(terminal.env))
    for problem in table.problems:
        terminal.warn(problem)
    return table.ratings


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


def newest_event(files: Sequence[StoreFile], now: datetime) -> datetime | None:
    """When the newest event was last seen, absurd times aside."""
    seen = [file.max_last_seen for file in files if file.day and file.max_last_seen]
    return max((moment for moment in seen if moment <= now + _AHEAD), default=None)


def _newest(snapshot: Snapshot, now: datetime) -> datetime | None:
    """When the newest event was last seen, of segments and of what is none yet."""
    fresh = snapshot.fresh(now)
    found = (newest_event(snapshot.files, now), fresh and fresh.newest)
    return max((moment for moment in found if moment), default=None)


def _as_of(flag: str | None, snapshot: Snapshot, wall: datetime, zone: tzinfo) -> datetime:
    from kevents import clock as clocks

    if flag is None:
        return wall
    if flag == "last":
        return _newest(snapshot, wall) or wall
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
