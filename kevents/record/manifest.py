"""What a recorder needs in a cluster: the rights, and a Deployment with a volume for its store."""

from __future__ import annotations

import json
from collections.abc import Sequence

from kevents import __version__

NAMESPACE = "kevents"
STORE = "/data"
IMAGE = f"kevents:{__version__}"
_USER = 65532  # nobody's number, as in images without users

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

_ABOUT = f"""\
# A recorder in the cluster that it records: kevents record … --print-manifest | kubectl apply -f -
#
# The image: none is published. Build one in the directory with the wheel of kevents, and push it where the cluster pulls:
#     printf '%s\\n' 'FROM python:3.12-slim' 'COPY kevents-{__version__}-py3-none-any.whl /' \\
#         'RUN pip install --no-cache-dir /kevents-{__version__}-py3-none-any.whl' 'USER {_USER}' |
#         docker build -t {IMAGE} -f - .
# --image names it as the cluster knows it. (minikube image load and kind load docker-image need no registry.)
#
# Ask it where it is, or bring what it has to where you are:
#     kubectl -n {NAMESPACE} exec deploy/kevents-recorder -- kevents reasons --since 1h
#     kubectl -n {NAMESPACE} exec deploy/kevents-recorder -- kevents store export --since 1d -o - | kevents import -
"""
_PLACE = f"""\
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
_EVERYWHERE = f"""\
# All that it may do: read events.
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
_WITHIN = f"""\
# All that it may do in this namespace: read events.
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
_STORE = f"""\
# The store. 20 GiB hold some 500 million observations; kevents store info says what they take.
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
    type: Recreate  # one recorder a cluster: a second one is refused while the first has the store
  selector:
    matchLabels: {{app.kubernetes.io/name: kevents-recorder}}
  template:
    metadata:
      labels: {{app.kubernetes.io/name: kevents-recorder}}
    spec:
      serviceAccountName: kevents-recorder
      enableServiceLinks: false
      terminationGracePeriodSeconds: 60  # to seal what was taken
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
        - {{name: store, mountPath: {STORE}}}
        - {{name: tmp, mountPath: /tmp}}
      volumes:
      - name: store
        persistentVolumeClaim:
          claimName: kevents-store
      - name: tmp
        emptyDir: {{}}
"""


def manifest(flags: Sequence[str], namespaces: Sequence[str], image: str) -> str:
    """Everything that a recorder needs in a cluster.

    flags: of `kevents record`; namespaces: those it records, none for all, which its rights are narrowed to.
    """
    rights = [_WITHIN % {"namespace": json.dumps(name)} for name in namespaces] or [_EVERYWHERE]
    arguments = json.dumps(["record", *flags], ensure_ascii=False)
    deployment = _DEPLOYMENT % {"image": json.dumps(image), "arguments": arguments}
    return _ABOUT + "---\n".join([_PLACE, *rights, _STORE, deployment])
