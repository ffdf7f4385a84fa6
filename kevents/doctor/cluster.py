"""The cluster: which one the kubeconfig names, whether it answers, what it allows, and what time it is there."""

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
from kevents.source.cluster.errors import RBAC_HINT, response_error
from kevents.source.cluster.kubeconfig import ResolvedContext
from kevents.source.cluster.updates import Scope

_SKEW = timedelta(seconds=3)  # a Date header has whole seconds, and an answer takes its time
_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_VERBS = ("list", "watch")
_WAYS = {  # what of a kubeconfig's user is its way to be known, the first that is there
    "exec": "through the plugin {0[command]}",
    "auth-provider": "through the auth provider {0[name]}",
    "tokenFile": "by the token in {0}",
    "token": "by a token",
    "client-certificate": "by a client certificate",
    "client-certificate-data": "by a client certificate",
    "username": "by a password",
}


@dataclass(frozen=True)
class Heard:
    """An answer, and when it came. ours: this machine's time halfway between question and answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    ours: datetime
    seconds: float

    def document(self) -> Mapping[str, Any]:
        """The body as JSON; an empty one where it is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


def cluster(flags: Flags, around: Environment) -> Iterator[CheckResult]:
    """The kubeconfig, and if it names a cluster, all that this cluster tells."""
    if not kubeconfig.find(flags, around.environ, around.home) and not around.environ.get("KUBERNETES_SERVICE_HOST"):
        advice = "Set KUBECONFIG or give --kubeconfig to record; everything else works without a cluster."
        yield warn("kubeconfig", "there is none, so no cluster to talk to", advice)
        return
    chosen = credentials.resolve_context(flags, around)
    yield ok("kubeconfig", f"context {chosen.context or '(none)'}, user {_user(chosen)}")
    asking = client.connect(flags, around)
    version = _heard(around.now, lambda: asking.get("/version", {}))
    if version.status == 401:
        raise response_error(401, version.headers, version.body, "ask for the version", version.ours)
    yield _server(asking, version)
    yield _clock(version)
    yield _permission(asking, chosen.namespace, around.now)


def _user(chosen: ResolvedContext) -> str:
    for key, way in _WAYS.items():
        if chosen.user.get(key):
            return f"{chosen.user_name} {way.format(chosen.user[key])}"
    return f"{chosen.user_name or '(none)'} without credentials"


def _heard(now: Callable[[], datetime], ask: Callable[[], client.Response]) -> Heard:
    before = now()
    answer = ask()
    took = now() - before
    return Heard(answer.status, answer.headers, answer.error_body(), before + took / 2, took.total_seconds())


def _server(asking: Kube, heard: Heard) -> CheckResult:
    at = asking.identity.server
    version = heard.document().get("gitVersion")
    took = clock.duration(heard.seconds)
    if heard.status == 200 and version:
        return ok("server", f"{at} is Kubernetes {version} and answered in {took}")
    if heard.status == 403:  # it may hide its version and show its events
        return ok("server", f"{at} answered in {took}; it does not tell its version")
    raise response_error(heard.status, heard.headers, heard.body, "ask for the version", heard.ours)


def _clock(heard: Heard) -> CheckResult:
    try:
        theirs = parsedate_to_datetime(heard.headers.get("Date") or "")
    except ValueError:
        return warn("clock", "the server did not say what time it is", "Compare the clocks by hand: date -u.")
    ahead = heard.ours - theirs - timedelta(milliseconds=500)  # a Date header is cut to the second
    if abs(ahead) <= _SKEW:
        return ok("clock", f"as the server's, to {clock.duration(_SKEW.total_seconds())}")
    which = "ahead of" if ahead > timedelta() else "behind"
    finding = f"this machine is {clock.duration(round(abs(ahead).total_seconds()))} {which} the server"
    return warn("clock", finding, "Ages and --since count by this machine's clock: let NTP set it (timedatectl).")


def _permission(asking: Kube, namespace: str, now: Callable[[], datetime]) -> CheckResult:
    everywhere = _missing(asking, None, now)
    if not everywhere:
        return ok("permissions", "may list and watch events in all namespaces")
    within = _missing(asking, namespace, now)
    if not within:
        finding = f"may list and watch events in namespace {namespace}, but not in all namespaces"
        return warn("permissions", finding, f"kevents record -n {namespace}; for all: {RBAC_HINT}")
    finding = f"may not {' and '.join(within)} events, not even in namespace {namespace}"
    return CheckResult("permissions", Mark.FAIL, finding, RBAC_HINT, ExitStatus.SOURCE)


def _missing(asking: Kube, namespace: str | None, now: Callable[[], datetime]) -> list[str]:
    """The verbs that are not allowed, by the server's own word; where it gives none, by trying."""
    missing = []
    for verb in _VERBS:
        attributes = {"verb": verb, "resource": "events", **({"namespace": namespace} if namespace else {})}
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        }
        heard = _heard(now, lambda review=review: asking.review(_REVIEWS, review))  # type: ignore[misc]
        if heard.status not in {200, 201}:
            return _missing_by_trying(asking, namespace, now)
        status = heard.document().get("status")
        if not (isinstance(status, dict) and status.get("allowed")):
            missing.append(verb)
    return missing


def _missing_by_trying(asking: Kube, namespace: str | None, now: Callable[[], datetime]) -> list[str]:
    """Whether a list is allowed; who may list may watch, as a rule."""
    scope = Scope(namespace)
    heard = _heard(now, lambda: asking.get(scope.path, {"limit": 1}))
    if heard.status == 200:
        return []
    if heard.status == 403:
        return list(_VERBS)
    raise response_error(heard.status, heard.headers, heard.body, f"list events in {scope}", heard.ours)
