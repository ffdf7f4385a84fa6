"""The order of cause and effect: by time, but an effect never stands before the event that tells of its cause.

Controllers write their event after the deed: a scheduler may have placed a pod before the ReplicaSet's "Created pod" is
written, and clocks of machines differ. So what lies up to two seconds before its nearest cause moves behind it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kevents.report.describe.event import Event
from kevents.report.describe.family import Object

_LATE_NS = 2 * 10**9
_MAKING = {"SuccessfulCreate", "FailedCreate"}
_DONE, _NOTICED = "Completed", "SawCompletedJob"  # what a Job does, and its CronJob notices
_ENDING = {"SuccessfulDelete", "Killing"}


def in_order(events: Sequence[Event], depth: Mapping[Object, int]) -> list[Event]:
    """The events, the first cause first. depth: how far below the top of the family an object stands."""
    at = {id(event): event.at for event in events}
    naming: dict[str | None, list[Event]] = {}
    for event in events:
        naming.setdefault(event.names, []).append(event)

    def level(event: Event) -> int:
        return depth.get((event.kind or "", event.name or ""), 0)

    for effect in sorted(events, key=level):
        named = naming.get(effect.object, ()) if effect.object else ()
        causes = [at[id(cause)] for cause in named if _follows(cause, effect)]
        told = min(causes, key=lambda moment: abs(moment - effect.at), default=0)
        if at[id(effect)] < told < at[id(effect)] + _LATE_NS:
            at[id(effect)] = told
        for noticed in named:
            if noticed.reason == _NOTICED and effect.reason == _DONE and effect.at - _LATE_NS < noticed.at <= effect.at:
                at[id(noticed)] = effect.at + 1
    return sorted(events, key=lambda event: (at[id(event)], level(event), event.at))


def _follows(cause: Event, effect: Event) -> bool:
    """Whether one is what the other may have brought about."""
    said = (cause.message or "").removeprefix("(combined from similar events): ").lower()
    if said.startswith(("deleted ", "delete ", "scaled down ")):
        return effect.reason in _ENDING
    return effect.kind == "Pod" or effect.reason in _MAKING
