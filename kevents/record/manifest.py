"""Kubernetes manifests for an in-cluster recorder: permissions, and a Deployment with a volume for the store."""

from __future__ import annotations

import json
from collections.abc import Sequence

from kevents import __version__

NAMESPACE = "kevents"
_VOLUME_PATH = "/data"
STORE = f"{_VOLUME_PATH}/store"  # not the root of the volume, where ext4 has lost+found
IMAGE = f"kevents:{__version__}"
_USER = 65532  # the conventional non-root user ID of distroless images

RULES = """\
rules:
- apiGroups: [""]
  resources: ["events"]
  verbs: ["list", "watch"]
"""
RBAC = f"""\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: kevents-recorder
{RULES}"""

_HEADER = f"""\
# Runs a recorder in the cluster that it records. Apply with: kevents record … --print-manifest | kubectl apply -f -
#
# There is no published image yet. Build one with the Dockerfile of the kevents repository, from a checkout of it:
#     docker build -t {IMAGE} .
# Push it to a registry that the cluster can pull from, and give its name there with --image. With minikube or kind,
# use `minikube image load` or `kind load docker-image` instead; no registry is needed.
#
# Run queries in the pod, or copy its events to your local store:
#     kubectl -n {NAMESPACE} exec deploy/kevents-recorder -- kevents reasons --since 1h
#     kubectl -n {NAMESPACE} exec deploy/kevents-recorder -- kevents store export --since 1d -o - | kevents import -
"""
_ACCOUNT = f"""\
apiVersion: v1
kind: Namespace
metadata:
  name: {NAMESPACE}
  labels:
    pod-security.kubernetes.io/enforce: restricted
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: kevents-recorder
  namespace: {NAMESPACE}
"""
_SUBJECT = f"""\
subjects:
- kind: ServiceAccount
  name: kevents-recorder
  namespace: {NAMESPACE}
"""
_CLUSTER_ROLE = f"""\
# The only permissions: list and watch events.
{RBAC}---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: kevents-recorder
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: kevents-recorder
{_SUBJECT}"""
_NAMESPACED_ROLE = f"""\
# The only permissions in this namespace: list and watch events.
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: kevents-recorder
  namespace: %(namespace)s
{RULES}---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: kevents-recorder
  namespace: %(namespace)s
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: kevents-recorder
{_SUBJECT}"""
_SUBJECT_COMMENT = """\
# Replace the subjects with the user or service account that records.
"""
_VOLUME = f"""\
# The store. 20 GiB hold about 500 million observations; kevents store info shows the space used.
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: kevents-store
  namespace: {NAMESPACE}
spec:
  accessModes: ["ReadWriteOnce"]
  resources:
    requests:
      storage: 20Gi
"""
_DEPLOYMENT = f"""\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: kevents-recorder
  namespace: {NAMESPACE}
  labels: {{app.kubernetes.io/name: kevents-recorder}}
spec:
  replicas: 1
  strategy:
    type: Recreate  # one recorder per cluster: a second one is refused while the first one runs
  selector:
    matchLabels: {{app.kubernetes.io/name: kevents-recorder}}
  template:
    metadata:
      labels: {{app.kubernetes.io/name: kevents-recorder}}
    spec:
      serviceAccountName: kevents-recorder
      enableServiceLinks: false
      terminationGracePeriodSeconds: 60  # to write the journal into the store
      securityContext:
        runAsNonRoot: true
        runAsUser: {_USER}
        runAsGroup: {_USER}
        fsGroup: {_USER}
        fsGroupChangePolicy: OnRootMismatch
        seccompProfile:
          type: RuntimeDefault
      containers:
      - name: recorder
        image: %(image)s
        imagePullPolicy: IfNotPresent
        command: ["kevents"]
        args: %(arguments)s
        env:
        - {{name: KEVENTS_STORE, value: {STORE}}}
        - {{name: HOME, value: /tmp}}
        securityContext:
          allowPrivilegeEscalation: false
          readOnlyRootFilesystem: true
          capabilities:
            drop: ["ALL"]
        resources:
          requests: {{cpu: 50m, memory: 256Mi}}
          limits: {{memory: 1Gi}}
        volumeMounts:
        - {{name: store, mountPath: {_VOLUME_PATH}}}
        - {{name: tmp, mountPath: /tmp}}
      volumes:
      - name: store
        persistentVolumeClaim:
          claimName: kevents-store
      - name: tmp
        emptyDir: {{}}
"""


def rbac(namespaces: Sequence[str]) -> str:
    """The permissions of a recorder: a Role and a RoleBinding in each namespace, or a ClusterRole for all."""
    if not namespaces:
        return RBAC
    roles = [_NAMESPACED_ROLE % {"namespace": json.dumps(name)} for name in namespaces]
    return _SUBJECT_COMMENT + "---\n".join(roles)


def manifest(flags: Sequence[str], namespaces: Sequence[str], image: str) -> str:
    """The manifests of everything that an in-cluster recorder needs.

    flags: of `kevents record`. namespaces: to be recorded, and the only ones it gets permissions for; empty for all.
    """
    roles = [_NAMESPACED_ROLE % {"namespace": json.dumps(name)} for name in namespaces] or [_CLUSTER_ROLE]
    arguments = json.dumps(["record", *flags], ensure_ascii=False)
    deployment = _DEPLOYMENT % {"image": json.dumps(image), "arguments": arguments}
    return _HEADER + "---\n".join([_ACCOUNT, *roles, _VOLUME, deployment])
