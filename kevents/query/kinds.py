"""Kinds as users type them: kubectl's short names, plurals, in any case."""

from __future__ import annotations

from typing import NamedTuple

# Kind: the other names that kubectl accepts, plural first
_ALIASES = {
    "APIService": "apiservices",
    "Alertmanager": "alertmanagers",
    "Application": "applications app apps",
    "Certificate": "certificates cert certs",
    "CertificateRequest": "certificaterequests cr crs",
    "CertificateSigningRequest": "certificatesigningrequests csr",
    "ClusterRole": "clusterroles",
    "ClusterRoleBinding": "clusterrolebindings",
    "ConfigMap": "configmaps cm",
    "ControllerRevision": "controllerrevisions",
    "CronJob": "cronjobs cj",
    "CustomResourceDefinition": "customresourcedefinitions crd crds",
    "DaemonSet": "daemonsets ds",
    "Deployment": "deployments deploy",
    "EndpointSlice": "endpointslices",
    "Endpoints": "endpoint ep",
    "Event": "events ev",
    "Gateway": "gateways gtw",
    "HTTPRoute": "httproutes",
    "HelmChart": "helmcharts",
    "HelmRelease": "helmreleases hr",
    "HorizontalPodAutoscaler": "horizontalpodautoscalers hpa",
    "Ingress": "ingresses ing",
    "IngressClass": "ingressclasses",
    "Job": "jobs",
    "Kustomization": "kustomizations ks",
    "Lease": "leases",
    "LimitRange": "limitranges limits",
    "MutatingWebhookConfiguration": "mutatingwebhookconfigurations",
    "Namespace": "namespaces ns",
    "NetworkPolicy": "networkpolicies netpol",
    "Node": "nodes no",
    "NodeClaim": "nodeclaims",
    "NodePool": "nodepools",
    "PersistentVolume": "persistentvolumes pv",
    "PersistentVolumeClaim": "persistentvolumeclaims pvc",
    "Pod": "pods po",
    "PodDisruptionBudget": "poddisruptionbudgets pdb",
    "PodTemplate": "podtemplates",
    "PriorityClass": "priorityclasses pc",
    "ReplicaSet": "replicasets rs",
    "ReplicationController": "replicationcontrollers rc",
    "ResourceQuota": "resourcequotas quota",
    "Role": "roles",
    "RoleBinding": "rolebindings",
    "RuntimeClass": "runtimeclasses",
    "Secret": "secrets",
    "Service": "services svc",
    "ServiceAccount": "serviceaccounts sa",
    "StatefulSet": "statefulsets sts",
    "StorageClass": "storageclasses sc",
    "ValidatingWebhookConfiguration": "validatingwebhookconfigurations",
    "VolumeAttachment": "volumeattachments",
    "VolumeSnapshot": "volumesnapshots vs",
}

KINDS = tuple(_ALIASES)

# kinds without a namespace; their events are in namespace default, which says nothing about them
_WITHOUT_NAMESPACE = """
    APIService CertificateSigningRequest ClusterRole ClusterRoleBinding CustomResourceDefinition IngressClass
    MutatingWebhookConfiguration Namespace Node NodeClaim NodePool PersistentVolume PriorityClass RuntimeClass
    StorageClass ValidatingWebhookConfiguration VolumeAttachment
"""
CLUSTER_SCOPED = frozenset(_WITHOUT_NAMESPACE.split())

_KINDS = {alias: kind for kind, aliases in _ALIASES.items() for alias in (kind.lower(), *aliases.split())}


class TypedKind(NamedTuple):
    """A kind that a user typed. is_known: kind has the spelling of Kubernetes; otherwise match it in any case."""

    kind: str
    group: str | None
    is_known: bool


def parse_kind(typed: str) -> TypedKind:
    """The kind of `po`, `Pods`, `deployments.apps`, `deployments.v1.apps`, or of a custom kind's name."""
    word, _, group = typed.partition(".")
    version, _, rest = group.partition(".")
    if rest and version[:1] == "v" and version[1:2].isdigit():
        group = rest
    known = _KINDS.get(word.lower())
    return TypedKind(known or word, group.lower() or None, known is not None)
