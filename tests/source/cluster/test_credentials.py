"""Tokens, plugins, 401 and 403, and clusters that are not reachable (R13)."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kevents.errors import SourceError
from kevents.source.cluster.client import Environment, Flags, Kube, connect
from kevents.source.cluster.errors import ClusterError
from kevents.source.cluster.reflector import WatchOptions
from kevents.source.cluster.updates import Cause, ListDone, Retry, Scope, WatchOpened
from tests.server import Etcd, Server, faults
from tests.source.cluster.watching import in_background, kube_of, watch

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
CREDENTIAL = (
    '{{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {{"token": "{}"{}}}}}'
)


def plugin(directory: Path, script: str) -> str:
    """A kubeconfig user with this shell script as its exec plugin, at a path relative to the kubeconfig."""
    path = directory / "plugin.sh"
    path.write_text(f"#!/bin/sh\necho run >> '{directory}/runs'\n{script}\n")
    path.chmod(stat.S_IRWXU)
    return "{exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin.sh, provideClusterInfo: true}}"


def runs(directory: Path) -> int:
    return len((directory / "runs").read_text().splitlines())


def test_after_a_401_the_plugin_runs_again_and_the_watch_continues(server: Server, etcd: Etcd, tmp_path: Path) -> None:
    (tmp_path / "credential").write_text(CREDENTIAL.format("old", ""))
    server.api.tokens = {"old"}
    kube = kube_of(server, tmp_path, plugin(tmp_path, f"cat '{tmp_path}/credential'"))
    server.script(faults.serves(1, faults.quiet_end), when="watch")

    def rotate() -> None:
        (tmp_path / "credential").write_text(CREDENTIAL.format("new", ""))
        server.api.tokens = {"new"}
        etcd.add(2)

    in_background(rotate, 0.1)
    in_background(etcd.add, 0.5)
    seen = watch(kube, lambda s: len(s.observations) == 3)
    assert seen.observations == etcd.ledger
    assert not seen.of(Retry)
    assert runs(tmp_path) == 2


def test_401s_are_retried_until_the_plugin_returns_a_valid_token(server: Server, etcd: Etcd, tmp_path: Path) -> None:
    (tmp_path / "credential").write_text(CREDENTIAL.format("old", ""))
    server.api.tokens = {"old"}
    kube = kube_of(server, tmp_path, plugin(tmp_path, f"cat '{tmp_path}/credential'"))
    server.script(faults.serves(0, faults.quiet_end), when="watch")
    in_background(lambda: setattr(server.api, "tokens", {"new"}), 0.0)
    in_background(lambda: (tmp_path / "credential").write_text(CREDENTIAL.format("new", "")), 0.4)
    in_background(etcd.add, 0.5)
    seen = watch(kube, lambda s: bool(s.observations), WatchOptions(retry_permanent=True))
    assert set(seen.retries) <= {Cause.CREDENTIALS, Cause.BRIEF}
    assert Cause.CREDENTIALS in seen.retries


def test_a_401_for_the_first_request_is_an_error(server: Server, tmp_path: Path) -> None:
    server.api.tokens = {"good"}
    with pytest.raises(ClusterError, match="rejected the credentials") as caught:
        watch(kube_of(server, tmp_path, "{token: bad}"), lambda s: False)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo 'please log in' >&2; exit 3", "failed with status 3: please log in"),
        ("sleep 30 & sleep 30", "timed out after 0.5 s"),
        ("echo hello", "something other than an ExecCredential"),
        ("echo '{}'", "without a status"),
        ('echo \'{"apiVersion": "client.authentication.k8s.io/v1", "status": {}}\'', "neither a token nor"),
        (
            'echo \'{"apiVersion": "client.authentication.k8s.io/v1beta1", "status": {"token": "t"}}\'',
            "returned apiVersion client.authentication.k8s.io/v1beta1, but",
        ),
    ],
)
def test_a_plugin_that_fails_or_hangs_is_an_error_and_never_an_anonymous_request(
    server: Server, tmp_path: Path, script: str, message: str
) -> None:
    with pytest.raises(SourceError, match=message) as caught:
        kube_of(server, tmp_path, plugin(tmp_path, script))
    assert '"ann"' in str(caught.value)
    assert not server.log


def test_a_plugin_that_is_not_installed_is_reported_with_its_install_hint(server: Server, tmp_path: Path) -> None:
    user = "{exec: {apiVersion: v1, command: kevents-no-such-plugin, installHint: Get it from the platform team.}}"
    with pytest.raises(SourceError, match=r"kevents-no-such-plugin.*cannot be run") as caught:
        kube_of(server, tmp_path, user)
    assert caught.value.hint == "Get it from the platform team."


def test_a_plugin_that_fails_while_watching_is_retried(server: Server, etcd: Etcd, tmp_path: Path) -> None:
    flag = tmp_path / "broken"
    script = f"test -e '{flag}' && exit 1\necho '{CREDENTIAL.format('good', '')}'"
    kube = kube_of(server, tmp_path, plugin(tmp_path, script))
    server.api.tokens = {"good"}
    server.script(faults.serves(1, faults.quiet_end), faults.status(401, "Unauthorized"), when="watch")

    def break_it() -> None:
        flag.touch()
        etcd.add()

    in_background(break_it, 0.1)
    in_background(flag.unlink, 0.6)
    in_background(etcd.add, 0.7)
    seen = watch(kube, lambda s: len(s.observations) == 2)
    assert Cause.CREDENTIALS in seen.retries
    assert "failed with status 1" in seen.of(Retry)[0].detail


def test_credentials_are_renewed_before_they_expire(server: Server, tmp_path: Path) -> None:
    expires = f', "expirationTimestamp": "{NOON + timedelta(minutes=10):%Y-%m-%dT%H:%M:%SZ}"'
    plugin(tmp_path, f"echo '{CREDENTIAL.format('t', expires)}'")
    now = [NOON]
    kube = connected(server, tmp_path, lambda: now[0])
    for minutes, expected in [(0, 1), (9, 1), (9.6, 2)]:
        now[0] = NOON + timedelta(minutes=minutes)
        kube.get("/version", {}).close()
        assert runs(tmp_path) == expected


def connected(server: Server, directory: Path, now: Callable[[], datetime]) -> Kube:
    user = "{exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin.sh}}"
    kube_of(server, directory, user)
    (directory / "runs").unlink()
    return connect(Flags(kubeconfig=directory / "kubeconfig"), Environment(os.environ, directory, now))


def test_a_rotated_token_file_is_read_again_within_a_minute(server: Server, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("first\n")
    kube_of(server, tmp_path, "{tokenFile: token}")
    now = [NOON]
    kube = connect(Flags(kubeconfig=tmp_path / "kubeconfig"), Environment({}, tmp_path, lambda: now[0]))
    kube.get("/version", {}).close()
    (tmp_path / "token").write_text("second\n")
    now[0] += timedelta(seconds=61)
    kube.get("/version", {}).close()
    sent = [logged.request.headers["authorization"] for logged in server.log]
    assert sent == ["Bearer first", "Bearer second"]


@pytest.mark.parametrize(("verb", "namespace"), [("list", None), ("watch", "shop")])
def test_a_403_is_reported_with_the_verb_the_resource_and_the_scope(
    server: Server, kube: Kube, verb: str, namespace: str | None
) -> None:
    message = f'events is forbidden: User "ann" cannot {verb} resource "events" in API group ""'
    server.script(faults.status(403, "Forbidden", message=message), when="list")
    with pytest.raises(ClusterError) as caught:
        watch(kube, lambda s: False, WatchOptions(scopes=[Scope(namespace)]))
    scope = f"namespace {namespace}" if namespace else "all namespaces"
    assert str(caught.value) == f"not allowed to list events in {scope} (403): {message}"
    assert "--print-rbac" in (caught.value.hint or "")


def test_the_right_to_list_does_not_include_watch(server: Server, etcd: Etcd, kube: Kube) -> None:
    server.script(faults.status(403, "Forbidden"), when="watch")
    with pytest.raises(ClusterError, match="not allowed to watch events in all namespaces"):
        watch(kube, lambda s: False)


def test_a_403_after_a_watch_has_succeeded_is_retried(server: Server, etcd: Etcd, kube: Kube) -> None:
    server.script(faults.serves(1, faults.quiet_end), faults.status(403, "Forbidden"), when="watch")
    in_background(etcd.add, 0.1)
    in_background(etcd.add, 0.4)
    seen = watch(kube, lambda s: len(s.observations) == 2)
    assert seen.retries == [Cause.FORBIDDEN]


def test_html_from_a_proxy_is_reported_as_html(server: Server, kube: Kube) -> None:
    server.script(faults.html(200), when="list")
    with pytest.raises(ClusterError, match="the response is HTML") as caught:
        watch(kube, lambda s: False)
    assert "proxy" in (caught.value.hint or "")


def test_a_redirect_to_a_login_page_is_not_followed(server: Server, kube: Kube) -> None:
    server.script(lambda exchange, _: exchange.respond(302, b"", {"Location": "/login"}), when="list")
    with pytest.raises(ClusterError, match="redirect"):
        watch(kube, lambda s: False)
    assert len(server.log) == 1


def test_a_refused_connection_is_an_error_unless_permanent_errors_are_retried(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    etcd = Etcd()
    etcd.add()
    with Server(etcd) as server:
        server.url = f"http://127.0.0.1:{port}"
        kube = kube_of(server, tmp_path)
    with pytest.raises(ClusterError, match="refused the connection"):
        watch(kube, lambda s: False)
    later: list[Server] = []
    in_background(lambda: later.append(Server(etcd, port)), 0.3)
    seen = watch(kube, lambda s: bool(s.of(ListDone)), WatchOptions(retry_permanent=True))
    later[0].close()
    assert seen.observations == etcd.ledger
    assert set(seen.retries) == {Cause.UNREACHABLE}


def test_a_message_of_the_server_is_escaped_and_shortened(server: Server, kube: Kube) -> None:
    server.script(faults.status(403, "Forbidden", message="no\x1b[2J\u202e" + "x" * 5000), when="list")
    with pytest.raises(ClusterError) as caught:
        watch(kube, lambda s: False)
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_requests_have_the_impersonation_headers(server: Server, tmp_path: Path) -> None:
    kube_of(server, tmp_path, "{token: t}")
    flags = Flags(kubeconfig=tmp_path / "kubeconfig", as_user="bob", as_groups=("ops", "dev"))
    kube = connect(flags, Environment({}, tmp_path, lambda: NOON))
    kube.get("/version", {}).close()
    request = server.log[0].request
    assert request.headers["impersonate-user"] == "bob"
    assert request.groups == ("ops", "dev")
    assert str(kube.identity) == f"ann (impersonating bob) at {server.url}"
    assert kube.identity.label == "prod"


def test_only_requests_for_events_are_made(server: Server, etcd: Etcd, kube: Kube) -> None:
    etcd.add()
    watch(kube, lambda s: bool(s.of(WatchOpened)))
    assert {(logged.request.method, logged.request.path) for logged in server.log} == {("GET", "/api/v1/events")}
