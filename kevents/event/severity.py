"""The severity and category of events, by reason. The type is not enough: NodeNotReady is a Normal event.

A rating describes what the reason means for the cluster. It depends neither on the event's type nor on how often the
event occurs. A reason without a rating gets its severity from the type and from keywords in the reason
(query/views/severity.sql).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# worst first
SEVERITY_MEANINGS: Mapping[str, str] = {
    "critical": "a node or the whole cluster lost capacity, or data is at risk",
    "error": "an object is not working and won't recover on its own",
    "warning": "may resolve itself; look at it before it gets worse",
    "notice": "routine, but relevant in an incident: a kill, an eviction, a scale-down, a node that is usable again",
    "info": "routine",
}
SEVERITIES = tuple(SEVERITY_MEANINGS)

UNKNOWN_CATEGORY = "other"

CATEGORIES: Mapping[str, str] = {
    "scheduling": "pod placement: assigned, unschedulable, preempted",
    "image": "container images: pulled, failed to pull, garbage-collected",
    "crash": "containers that crash or fail to start",
    "probe": "liveness, readiness and startup probes",
    "volume": "volumes and claims: provisioned, attached, mounted, resized, snapshots",
    "network": "services, endpoints, ingresses, load balancers, addresses, DNS, pod networks",
    "node": "nodes and their agents: ready or not, under pressure, rebooted, added, removed",
    "eviction": "pod evictions: node pressure, taints, drains, disruption budgets",
    "scaling": "number and size of replicas: horizontal and vertical pod autoscalers, KEDA",
    "autoscaler": "number of nodes: cluster autoscaler, Karpenter, machines",
    "quota": "quotas and limits that were hit",
    "lifecycle": "pods and containers created, started, stopped and deleted as intended",
    "rollout": "new versions of a workload: replica sets, revisions, canaries",
    "job": "jobs, cron jobs, workflows and their steps",
    "delivery": "GitOps, Helm and add-on delivery",
    "certificate": "certificates, issuers, signing requests",
    "policy": "admission, security policies, permissions",
    "config": "invalid specifications, secrets and settings",
    "control-plane": "the API server, controllers and leader election",
    UNKNOWN_CATEGORY: "reasons that are not in the severity table",
}


def levels_at_least(severity: str) -> tuple[str, ...]:
    """The severity and all worse ones, worst first."""
    return SEVERITIES[: SEVERITIES.index(severity) + 1]


@dataclass(frozen=True)
class Override:
    """Another severity and category for some events of a reason. A condition that is None does not matter.

    message: an RE2 pattern that matches anywhere in the message; kind and component match completely.
    """

    severity: str
    category: str
    message: str | None = None
    kind: str | None = None
    component: str | None = None


@dataclass(frozen=True)
class Rating:
    """The severity and category of a reason, and its sender. The first override that matches an event applies."""

    reason: str
    severity: str
    category: str
    sender: str
    overrides: tuple[Override, ...] = ()


Ratings = Mapping[str, Rating]
