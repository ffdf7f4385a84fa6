"""Checks of the cluster: kubeconfig, server, clock skew and permissions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from kevents import clock
from kevents.doctor.check import CheckResult, Mark, ok, warn
from kevents.errors import ExitStatus
from kevents.source.cluster import client, credentials, kubeconfig
from kevents.source.cluster.client import Environment, Flags, Kube
from kevents.source.cluster.connection_warnings import connection_warnings
from kevents.source.cluster.errors import RBAC_HINT, response_error
from kevents.source.cluster.kubeconfig import ResolvedContext
from kevents.source.cluster.updates import Scope

_MAX_SKEW = timedelta(seconds=3)  # a Date header has whole seconds, and a response takes some time
_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_VERBS = ("list", "watch")
_AUTHENTICATION = {  # by the key in a kubeconfig's user; the first one present is used
    "exec": "exec plugin {0[command]}",
    "auth-provider": "auth provider {0[name]}",
    "tokenFile": "token file {0}",
    "token": "token",
    "client-certificate": "client certificate",
    "client-certificate-data": "client certificate",
    "username": "password",
}
_GET_VERSION = "get the server version"  # for error messages


@dataclass(frozen=True)
class TimedResponse:
    """A response and its timing. local_time: this machine's time halfway between request and response."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    local_time: datetime
    seconds: float

    def document(self) -> Mapping[str, Any]:
        """The body as a JSON object; empty if it isn't one."""
        try:
            document = json.loads(self.body)
        except ValueError:
            return {}
        return document if isinstance(document, dict) else {}


def cluster(flags: Flags, environment: Environment) -> Iterator[CheckResult]:
    """Check the kubeconfig, and the cluster that it selects."""
    files = kubeconfig.find(flags, environment.environ, environment.home)
    if not files and not environment.environ.get("KUBERNETES_SERVICE_HOST"):
        advice = "Set KUBECONFIG or use --kubeconfig to record a cluster; everything else works without one."
        yield warn("kubeconfig", "not found; cluster commands won't work", advice)
        return
    context = credentials.resolve_context(flags, environment)
    yield ok("kubeconfig", f"context {context.context or '(none)'}, user {_user(context)}")
    for warning in connection_warnings(flags, environment):
        yield warn("kubeconfig", warning.sentence, warning.advice)
    kube = client.connect(flags, environment)
    version = _timed(environment.now, lambda: kube.get("/version", {}))
    if version.status == 401:
        raise response_error(401, version.headers, version.body, _GET_VERSION, version.local_time)
    yield _server(kube, version)
    yield _clock(version)
    yield _permission(kube, context.namespace, environment.now)


def _user(context: ResolvedContext) -> str:
    """The user's name and how it authenticates: `ann (token)`."""
    for key, method in _AUTHENTICATION.items():
        if context.user.get(key):
            return f"{context.user_name} ({method.format(context.user[key])})"
    method = "password in the server URL" if "@" in str(context.cluster["server"]) else "no credentials"
    return f"{context.user_name or '(none)'} ({method})"


def _timed(now: Callable[[], datetime], request: Callable[[], client.Response]) -> TimedResponse:
    start = now()
    response = request()
    elapsed = now() - start
    middle = start + elapsed / 2
    return TimedResponse(response.status, response.headers, response.error_body(), middle, elapsed.total_seconds())


def _server(kube: Kube, response: TimedResponse) -> CheckResult:
    server = kube.identity.server
    version = response.document().get("gitVersion")
    answered = f"answered in {clock.duration(response.seconds)}"
    if response.status == 200 and version:
        return ok("server", f"Kubernetes {version} at {server}, {answered}")
    if response.status == 403:  # access to events may be allowed all the same
        return ok("server", f"{server} {answered}; access to its version is denied")
    raise response_error(response.status, response.headers, response.body, _GET_VERSION, response.local_time)


def _clock(response: TimedResponse) -> CheckResult:
    try:
        server_time = parsedate_to_datetime(response.headers.get("Date") or "")
    except ValueError:
        return warn("clock", "the server sent no valid Date header", "Compare the clocks manually: date -u.")
    ahead = response.local_time - server_time - timedelta(milliseconds=500)  # a Date header is truncated to the second
    if abs(ahead) <= _MAX_SKEW:
        return ok("clock", f"within {clock.duration(_MAX_SKEW.total_seconds())} of the server's clock")
    direction = "ahead of" if ahead > timedelta() else "behind"
    finding = f"this machine is {clock.duration(round(abs(ahead).total_seconds()))} {direction} the server"
    return warn("clock", finding, "Ages and --since depend on this machine's clock: synchronize it (timedatectl).")


def _permission(kube: Kube, namespace: str, now: Callable[[], datetime]) -> CheckResult:
    if not _missing_verbs(kube, None, now):
        return ok("permissions", "can list and watch events in all namespaces")
    missing = _missing_verbs(kube, namespace, now)
    if not missing:
        finding = f"can list and watch events in namespace {namespace}, but not in all namespaces"
        return warn("permissions", finding, f"Use kevents record -n {namespace}. For all namespaces: {RBAC_HINT}")
    finding = f"cannot {' or '.join(missing)} events, not even in namespace {namespace}"
    return CheckResult("permissions", Mark.FAIL, finding, RBAC_HINT, ExitStatus.SOURCE)


def _missing_verbs(kube: Kube, namespace: str | None, now: Callable[[], datetime]) -> list[str]:
    """The verbs that are not allowed, from access reviews; if the server has none, from a request for events."""
    missing = []
    for verb in _VERBS:
        attributes = {"verb": verb, "resource": "events", **({"namespace": namespace} if namespace else {})}
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        }
        response = _timed(now, lambda review=review: kube.review(_REVIEWS, review))  # type: ignore[misc]
        if response.status not in {200, 201}:
            return _missing_by_request(kube, namespace, now)
        status = response.document().get("status")
        if not (isinstance(status, dict) and status.get("allowed")):
            missing.append(verb)
    return missing


def _missing_by_request(kube: Kube, namespace: str | None, now: Callable[[], datetime]) -> list[str]:
    """The same, from a list request. Whoever may list may usually watch, too."""
    scope = Scope(namespace)
    response = _timed(now, lambda: kube.get(scope.path, {"limit": 1}))
    if response.status == 200:
        return []
    if response.status == 403:
        return list(_VERBS)
    raise response_error(
        response.status, response.headers, response.body, f"list events in {scope}", response.local_time
    )
