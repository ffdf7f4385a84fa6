"""How bad an event is and what it is about, by its reason: the type is Normal or Warning by convention only.

The levels, the worst first. What decides is what the reason says of the cluster, never its type or how often it comes.

- critical: a node or the whole cluster lost capacity, or data is at risk
- error: an object does not do its work, and will not by itself
- warning: trouble that may pass, or that somebody should look at before it grows
- notice: routine, but worth reading in an incident: a kill, a scale-down, an eviction, a node that can be used again
- info: routine

A reason that is not in the table is rated by its type and by telling words in it (query/views/severity.sql).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SEVERITIES = ("critical", "error", "warning", "notice", "info")

UNKNOWN_CATEGORY = "other"

CATEGORIES: Mapping[str, str] = {
    "scheduling": "where a pod is to run: placed, not placed, preempted",
    "image": "container images: pulled, not pulled, cleaned up",
    "crash": "containers and processes that end against their will, or cannot begin",
    "probe": "liveness, readiness and startup probes",
    "volume": "volumes and claims: provisioned, attached, mounted, resized, snapshots",
    "network": "services, endpoints, ingresses, load balancers, addresses, names, pod networks",
    "node": "nodes and their agents: ready or not, under pressure, rebooted, joined, gone",
    "eviction": "pods sent away: by pressure, taints, drains, preemption of nodes, disruption budgets",
    "scaling": "how many replicas, and how large: horizontal and vertical pod autoscalers, KEDA",
    "autoscaler": "how many nodes: cluster autoscaler, Karpenter, machines",
    "quota": "quotas and limits that stand in the way",
    "lifecycle": "pods and containers made, started, stopped and deleted as wanted",
    "rollout": "a new version of a workload: replica sets, revisions, canaries",
    "job": "jobs, cron jobs, workflows and their steps",
    "delivery": "what is deployed from elsewhere: GitOps, Helm, add-ons",
    "certificate": "certificates, issuers, signing requests",
    "policy": "admission, security policies, permissions",
    "config": "specifications, secrets and settings that cannot be used",
    "control-plane": "the API server, controllers and their leaders",
    UNKNOWN_CATEGORY: "not in the table",
}


@dataclass(frozen=True)
class Case:
    """A case in which a reason means something else; what is None does not matter.

    message: an RE2 pattern that is somewhere in the message; kind and component are whole.
    """

    severity: str
    category: str
    message: str | None = None
    kind: str | None = None
    component: str | None = None


@dataclass(frozen=True)
class Rating:
    """What a reason means, and who sends it; of the exceptions the first that fits counts."""

    reason: str
    severity: str
    category: str
    by: str
    unless: tuple[Case, ...] = ()


Ratings = Mapping[str, Rating]
