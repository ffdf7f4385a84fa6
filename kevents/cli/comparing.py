"""From --before, --after and --against to the two sides of a comparison, and the lines that say which they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from kevents import clock
from kevents.cli.anchoring import moment
from kevents.errors import QueryError, UsageError
from kevents.escape import escape
from kevents.query.kinds import parse_kind
from kevents.query.selection import Selection, split_object
from kevents.report.coverage import known
from kevents.report.diff.diff import Side
from kevents.report.diff.rollout import WORKLOADS, last_rollout
from kevents.report.diff.windows import Said, Window, windows
from kevents.store.coverage import ALL, Span, State
from kevents.suggest import hint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kevents.cli.asking import Asking


class Sides(NamedTuple):
    """What is compared, the events that both sides lie in, and what people read above the answer."""

    before: Side
    after: Side
    selection: Selection
    heading: tuple[str, ...]


def sides(asking: Asking, before: str | None, after: str | None, against: str | None) -> Sides:
    """What the flags mean; a mistake in them is answered here."""
    if against is not None:
        if before or after:
            raise UsageError("--against compares clusters, --before and --after times", "Ask for one of them.")
        return _of_clusters(asking, against)
    chosen = asking.selection
    told: list[str] = []
    if any(".." in (text or "") for text in (before, after)) and (chosen.since or chosen.until):
        raise UsageError("FROM..TO says its own window", "Leave out --since and --until.")
    said = [_said(asking, text, told) for text in (before, after)]
    now = asking.output.now
    spans = windows(said[0], said[1], Window(chosen.since, chosen.until), now)
    if spans[1].until == now:
        # with what happened at that very moment, as --as-of last asks
        spans = spans[0], Window(spans[1].since, now + timedelta.resolution)
    first, second = _checked(
        asking, [_side(asking, replace(chosen, since=one.since, until=one.until)) for one in spans]
    )
    heading = (*told, _line(asking, "Before", first), _line(asking, "After", second))
    return Sides(first, second, replace(chosen, since=first.since, until=second.until), heading)


def _of_clusters(asking: Asking, against: str) -> Sides:
    chosen = asking.selection
    if len(chosen.clusters) != 1 or "*" in chosen.clusters[0] or chosen.clusters[0].startswith("!"):
        raise UsageError("--against compares one cluster with another", "Name the other with --cluster NAME.")
    if chosen.clusters[0] == against:
        raise UsageError(f'"{against}" is both sides of the comparison', "Name two clusters.")
    names = (against, *chosen.clusters)
    held = _covered(asking)
    if held.keys() & set(names):
        for name in names:
            if name not in held:
                raise QueryError(f'the store has no cluster "{escape(name)}"', hint(name, held))
    alone = [replace(chosen, clusters=(name,)) for name in names]
    first, second = _checked(asking, [replace(_side(asking, one), cluster=one.clusters[0]) for one in alone])
    heading = tuple(_line(asking, side.cluster or "", side) for side in (first, second))
    return Sides(first, second, replace(chosen, clusters=(against, *chosen.clusters)), heading)


def _said(asking: Asking, text: str | None, told: list[str]) -> Said:
    """What a flag says. told: gets a sentence on what happened at that moment."""
    if text is None:
        return Said()
    now, zone = asking.output.now, asking.output.zone
    if ".." in text:
        since, until = (clock.parse_time(end, now, zone) if end.strip() else None for end in text.split("..", 1))
        return Said(window=Window(since, until))
    if "/" in text and (workload := parse_kind(split_object(text)[0]).kind) in WORKLOADS:
        name = split_object(text)[1]
        whole = Selection(clusters=asking.selection.clusters, namespaces=asking.selection.namespaces)
        rollout = last_rollout(replace(asking, selection=whole).engine(), workload, name)
        if rollout is None:
            raise QueryError(
                f"no rollout of {workload}/{escape(name)} is known", "kevents rollouts lists those that are."
            )
        told.append(f"Around {clock.absolute(rollout.at, zone)}, when {rollout.told()} began.")
        return Said(at=rollout.at)
    found = moment(asking, text)
    if found is None:
        raise UsageError("there is no event to compare around", "Give a time.")
    at, event = found
    told += [event] if event != f"Around {clock.absolute(at, zone)}." else []  # the windows say the time
    return Said(at=at)


def _side(asking: Asking, selection: Selection) -> Side:
    """A side, and for how long of it something is known: over time that nobody watched there is no rate."""
    found = known(_covered(asking), selection).values()
    return Side(selection.since, selection.until, sum(found, timedelta()) / max(len(found), 1))


def _checked(asking: Asking, both: list[Side]) -> list[Side]:
    """The same, unless one of them alone is known: then all that happened would look new, or gone."""
    unknown = [side for side in both if not side.known]
    if len(unknown) == 1:
        (side,) = unknown
        of = f"{escape(side.cluster)}, " if side.cluster else "the time "
        raise QueryError(f"nothing is known of {of}{_when(asking, side)}", "kevents coverage shows what was watched.")
    return [replace(side, known=_length(side)) for side in both] if unknown else both


def _length(side: Side) -> timedelta:
    return side.until - side.since if side.since and side.until else timedelta(hours=1)


def _covered(asking: Asking) -> dict[str, Sequence[Span]]:
    """What is covered, by cluster; of one that nothing is said of, what its events tell of."""
    covered: dict[str, Sequence[Span]] = {}
    for file in asking.store.snapshot.files:
        first, last = file.min_last_seen, file.max_last_seen
        if file.day and first and last:
            so_far = covered.get(file.cluster, ())
            ends = [first, last, *(end for span in so_far for end in (span.start, span.end))]
            covered[file.cluster] = [Span(ALL, State.IMPORTED, min(ends), max(ends))]
    return covered | {cluster: spans for cluster, spans in asking.store.snapshot.coverage.items() if spans}


def _line(asking: Asking, name: str, side: Side) -> str:
    blind = side.until - side.since - side.known if side.since and side.until else timedelta()
    told = f", {clock.age(blind)} of it not watched" if blind > side.known / 100 else ""
    return f"{name}: {_when(asking, side)}, {clock.age(side.known + blind)}{told}."


def _when(asking: Asking, side: Side) -> str:
    ends = (("from", side.since), ("to", side.until))
    return (
        " ".join(f"{word} {clock.absolute(end, asking.output.zone)}" for word, end in ends if end)
        or "all that is known"
    )
