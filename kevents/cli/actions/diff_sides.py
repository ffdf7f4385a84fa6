"""Turns --before, --after and --against into the two sides of a comparison, and the heading that names them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from kevents import clock
from kevents.cli.actions.moment import moment
from kevents.errors import QueryError, UsageError
from kevents.escape import escape
from kevents.query.kinds import parse_kind
from kevents.query.pattern import single_exact
from kevents.query.selection import Selection, split_object
from kevents.report.coverage import covered_time
from kevents.report.diff.diff import Side
from kevents.report.diff.rollout import WORKLOADS, last_rollout
from kevents.report.diff.windows import Bound, Window, windows
from kevents.store.coverage import ALL, Span, State
from kevents.suggest import hint

if TYPE_CHECKING:
    from kevents.cli.request import Request


@dataclass(frozen=True)
class SideFlags:
    """The flags that name the sides."""

    before: str | None
    after: str | None
    against: str | None


class Sides(NamedTuple):
    """The two sides, a selection that contains both, and the heading of the result."""

    before: Side
    after: Side
    selection: Selection
    heading: tuple[str, ...]


def sides(request: Request, flags: SideFlags) -> Sides:
    """The two sides. Raises UsageError for invalid flags."""
    if flags.against is not None:
        if flags.before or flags.after:
            raise UsageError("--against can't be combined with --before or --after", "Leave out --before and --after.")
        return _of_clusters(request, flags.against)
    selection = request.selection
    heading: list[str] = []
    if any(".." in (text or "") for text in (flags.before, flags.after)) and (selection.since or selection.until):
        raise UsageError("FROM..TO can't be combined with --since or --until", "Leave out --since and --until.")
    before, after = (_bound(request, text, heading) for text in (flags.before, flags.after))
    now = request.output.now
    first, second = windows(before, after, Window(selection.since, selection.until), now)
    if second.until == now:
        # include what happened at that very moment, which --as-of last needs
        second = Window(second.since, now + timedelta.resolution)
    left, right = _checked(
        request,
        [_side(request, replace(selection, since=window.since, until=window.until)) for window in (first, second)],
    )
    heading += [_line(request, "Before", left), _line(request, "After", right)]
    return Sides(left, right, replace(selection, since=left.since, until=right.until), tuple(heading))


def _of_clusters(request: Request, against: str) -> Sides:
    selection = request.selection
    cluster = single_exact(selection.clusters)
    if cluster is None:
        raise UsageError("--against compares two clusters", "Name the other one with --cluster NAME.")
    if cluster == against:
        raise UsageError(f'"{against}" is both sides of the comparison', "Name two clusters.")
    names = (against, cluster)
    coverage = _coverage(request)
    if coverage.keys() & set(names):
        for name in names:
            if name not in coverage:
                raise QueryError(f'no cluster "{escape(name)}" in the store', hint(name, coverage))
    of_each = [replace(_side(request, replace(selection, clusters=(name,))), cluster=name) for name in names]
    left, right = _checked(request, of_each)
    heading = tuple(_line(request, side.cluster or "", side) for side in (left, right))
    return Sides(left, right, replace(selection, clusters=names), heading)


def _bound(request: Request, text: str | None, heading: list[str]) -> Bound:
    """The value of a flag: a window or a moment. heading: a sentence on what happened at the moment is added to it."""
    if text is None:
        return Bound()
    now, zone = request.output.now, request.output.zone
    if ".." in text:
        since, until = (clock.parse_time(end, now, zone) if end.strip() else None for end in text.split("..", 1))
        return Bound(window=Window(since, until))
    if "/" in text and (workload := parse_kind(split_object(text)[0]).kind) in WORKLOADS:
        name = split_object(text)[1]
        everything = Selection(clusters=request.selection.clusters, namespaces=request.selection.namespaces)
        rollout = last_rollout(request.engine(everything), workload, name)
        if rollout is None:
            raise QueryError(
                f"no rollout of {workload}/{escape(name)} found", "kevents rollouts lists those in the store."
            )
        heading.append(f"Around {clock.absolute(rollout.at, zone)}: start of {rollout.title()}.")
        return Bound(at=rollout.at)
    center = moment(request, text)
    if center is None:
        raise UsageError("there is no event to compare around", "Give a time.")
    at, sentence = center
    heading += [sentence] if sentence != f"Around {clock.absolute(at, zone)}." else []  # the windows show the time
    return Bound(at=at)


def _side(request: Request, selection: Selection) -> Side:
    """A side, with its covered time for computing rates."""
    covered = covered_time(_coverage(request), selection).values()
    return Side(selection.since, selection.until, sum(covered, timedelta()) / max(len(covered), 1))


def _checked(request: Request, sides: list[Side]) -> list[Side]:
    """The sides. Raises QueryError if only one of them is covered, because everything would look new or gone."""
    uncovered = [side for side in sides if not side.covered]
    if len(uncovered) == 1:
        (side,) = uncovered
        cluster = f"of {escape(side.cluster)}" if side.cluster else ""
        uncovered_part = " ".join(filter(None, ("no coverage", cluster, _when(request, side))))
        raise QueryError(uncovered_part, "kevents coverage shows which times are covered.")
    return [replace(side, covered=_length(side)) for side in sides] if uncovered else sides


def _length(side: Side) -> timedelta:
    return side.until - side.since if side.since and side.until else timedelta(hours=1)


def _coverage(request: Request) -> dict[str, Sequence[Span]]:
    """The coverage by cluster; for a cluster without coverage information, the time range of its events."""
    covered: dict[str, Sequence[Span]] = {}
    snapshot = request.store.snapshot
    for file in snapshot.files:
        first, last = file.min_last_seen, file.max_last_seen
        if file.day and first and last:
            so_far = covered.get(file.cluster, ())
            ends = [first, last, *(end for span in so_far for end in (span.start, span.end))]
            covered[file.cluster] = [Span(ALL, State.IMPORTED, min(ends), max(ends))]
    return covered | {cluster: spans for cluster, spans in snapshot.coverage.items() if spans}


def _line(request: Request, name: str, side: Side) -> str:
    missing = side.until - side.since - side.covered if side.since and side.until else timedelta()
    note = f", {clock.age(missing)} of it not covered" if missing > side.covered / 100 else ""
    return f"{name}: {_when(request, side) or 'all time'}, {clock.age(side.covered + missing)}{note}."


def _when(request: Request, side: Side) -> str:
    ends = (("from", side.since), ("to", side.until))
    return " ".join(f"{word} {clock.absolute(end, request.output.zone)}" for word, end in ends if end)
