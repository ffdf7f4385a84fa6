"""Sorts events by cause and effect: by time, but never an effect before the event that reports its cause.

Controllers write their event after they acted: a scheduler may have placed a pod before the ReplicaSet's "Created pod"
is written, and the clocks of machines differ. So an effect up to two seconds before its nearest cause moves after it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kevents.report.describe.event import Event
from kevents.report.describe.family import Object

_MAX_SKEW_NS = 2 * 10**9
_CREATION = {"SuccessfulCreate", "FailedCreate"}
_JOB_COMPLETED, _JOB_SEEN = "Completed", "SawCompletedJob"  # a Job completes, then its CronJob notices
_DELETION = {"SuccessfulDelete", "Killing"}


def in_order(events: Sequence[Event], depth: Mapping[Object, int]) -> list[Event]:
    """The events, the first cause first. depth: how far each object is below the top of the family."""
    at = {id(event): event.at for event in events}
    by_child: dict[str | None, list[Event]] = {}
    for event in events:
        by_child.setdefault(event.child, []).append(event)

    def level(event: Event) -> int:
        return depth.get((event.kind or "", event.name or ""), 0)

    for effect in sorted(events, key=level):
        about = by_child.get(effect.object, ()) if effect.object else ()
        causes = [at[id(cause)] for cause in about if _can_cause(cause, effect)]
        nearest = min(causes, key=lambda moment: abs(moment - effect.at), default=0)
        if at[id(effect)] < nearest < at[id(effect)] + _MAX_SKEW_NS:
            at[id(effect)] = nearest
        for event in about:
            is_completion = event.reason == _JOB_SEEN and effect.reason == _JOB_COMPLETED
            if is_completion and effect.at - _MAX_SKEW_NS < event.at <= effect.at:
                at[id(event)] = effect.at + 1
    return sorted(events, key=lambda event: (at[id(event)], level(event), event.at))


def _can_cause(cause: Event, effect: Event) -> bool:
    message = (cause.message or "").removeprefix("(combined from similar events): ").lower()
    if message.startswith(("deleted ", "delete ", "scaled down ")):
        return effect.reason in _DELETION
    return effect.kind == "Pod" or effect.reason in _CREATION
