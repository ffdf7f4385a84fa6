"""Lists, watches and cancellation over TLS, with the certificates of a kubeconfig."""

from __future__ import annotations

import base64
import shutil
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kevents.errors import SourceError
from kevents.source.cluster.backoff import Timing
from kevents.source.cluster.client import Environment, Flags, Kube, connect
from kevents.source.cluster.errors import ClusterError
from kevents.source.cluster.reflector import WatchOptions
from kevents.source.cluster.updates import WatchOpened
from kevents.source.cluster.watcher import Watcher
from tests.server import Etcd, Server
from tests.source.cluster.watching import CLOCK, in_background, watch

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate for loopback, and its key."""
    directory = tmp_path_factory.mktemp("tls")
    certificate, key = directory / "cert.pem", directory / "key.pem"
    request = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=scripted -addext subjectAltName=IP:127.0.0.1"
    command = [*request.split(), "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key


@pytest.fixture
def secure(etcd: Etcd, pair: tuple[Path, Path]) -> Iterator[Server]:
    """A server that requires a client certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pair)
    context.load_verify_locations(pair[0])
    context.verify_mode = ssl.CERT_REQUIRED
    with Server(etcd, tls=context) as server:
        yield server


def encoded(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()


def kube_with(server: Server, directory: Path, cluster: str, user: str) -> Kube:
    (directory / "kubeconfig").write_text(
        "current-context: c\ncontexts: [{name: c, context: {cluster: c, user: u}}]\n"
        f"clusters: [{{name: c, cluster: {{server: '{server.url}', {cluster}}}}}]\n"
        f"users: [{{name: u, user: {{{user}}}}}]\n"
    )
    return connect(Flags(kubeconfig=directory / "kubeconfig"), Environment({}, directory, CLOCK.now))


@pytest.fixture
def kube(secure: Server, pair: tuple[Path, Path], tmp_path: Path) -> Kube:
    certificate, key = pair
    user = f"client-certificate-data: {encoded(certificate)}, client-key-data: {encoded(key)}"
    return kube_with(secure, tmp_path, f"certificate-authority: {certificate}", user)


def test_events_are_listed_and_watched_with_a_client_certificate(etcd: Etcd, kube: Kube) -> None:
    etcd.add(30, message="x" * 5000)
    in_background(lambda: etcd.add(300), 0.2)
    assert set(watch(kube, lambda s: len(s.observations) == 330).observations) == set(etcd.ledger)


def test_a_quiet_watch_over_tls_is_stopped_immediately(kube: Kube) -> None:
    watcher = Watcher(kube, WatchOptions(), CLOCK, Timing())
    stopped = 0.0
    for signal in watcher:
        if isinstance(signal, WatchOpened):
            in_background(watcher.stop, 0.1)
            stopped = time.monotonic() + 0.1
    assert time.monotonic() - stopped < 1


def test_decoded_keys_do_not_stay_in_the_temporary_directory(
    secure: Server, etcd: Etcd, pair: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    certificate, key = pair
    user = f"client-certificate-data: {encoded(certificate)}, client-key-data: {encoded(key)}"
    kube = kube_with(secure, tmp_path, f"certificate-authority-data: {encoded(certificate)}", user)
    assert list((tmp_path / "scratch").iterdir()) == []
    kube.get("/version", {}).close()


def test_an_untrusted_authority_is_reported(secure: Server, tmp_path: Path) -> None:
    kube = kube_with(secure, tmp_path, "namespace: x", "token: t")
    with pytest.raises(ClusterError, match="is not trusted") as caught:
        kube.get("/version", {})
    assert "certificate-authority" in (caught.value.hint or "")


def test_a_missing_client_certificate_is_reported(secure: Server, pair: tuple[Path, Path], tmp_path: Path) -> None:
    kube = kube_with(secure, tmp_path, "insecure-skip-tls-verify: true", "token: t")
    with pytest.raises(ClusterError, match=r"TLS|certificate|lost the connection"):
        kube.get("/version", {}).read()


@pytest.mark.parametrize(
    "cluster", ["certificate-authority: missing.crt", "certificate-authority-data: bm9uZQ==", "proxy-url: 'x://y'"]
)
def test_unusable_certificates_are_an_error(secure: Server, tmp_path: Path, cluster: str) -> None:
    with pytest.raises(SourceError, match='cannot use cluster "c" or user "u" of the kubeconfig'):
        kube_with(secure, tmp_path, cluster, "token: t")


def make_certificate(directory: Path, name: str) -> tuple[Path, Path]:
    """Another self-signed certificate for loopback, and its key."""
    certificate, key = directory / f"{name}.pem", directory / f"{name}.key"
    request = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=other -addext subjectAltName=IP:127.0.0.1"
    command = [*request.split(), "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key


def server_with(etcd: Etcd, pair: tuple[Path, Path], port: int = 0) -> Server:
    """A server with this certificate, that accepts only the same one from clients."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pair)
    context.load_verify_locations(pair[0])
    context.verify_mode = ssl.CERT_REQUIRED
    return Server(etcd, port, tls=context)


@pytest.mark.parametrize("is_inline", [pytest.param(True, id="inline"), pytest.param(False, id="files")])
def test_changed_certificates_are_read_again(
    is_inline: bool, etcd: Etcd, pair: tuple[Path, Path], tmp_path: Path
) -> None:
    def write(certificate: Path, key: Path) -> tuple[str, str]:
        if is_inline:
            user = f"client-certificate-data: {encoded(certificate)}, client-key-data: {encoded(key)}"
            return f"certificate-authority-data: {encoded(certificate)}", user
        shutil.copy(certificate, tmp_path / "used.pem")
        shutil.copy(key, tmp_path / "used.key")
        return "certificate-authority: used.pem", "client-certificate: used.pem, client-key: used.key"

    first = server_with(etcd, pair)
    kube = kube_with(first, tmp_path, *write(*pair))
    kube.get("/version", {}).close()
    first.close()
    new_pair = make_certificate(tmp_path, "new")
    with server_with(etcd, new_pair, int(first.url.rpartition(":")[2])) as second:
        with pytest.raises(ClusterError):
            for _ in range(2):  # the first one may find the old connection closed
                kube.get("/version", {}).close()
        cluster, user = write(*new_pair)
        if is_inline:
            text = (tmp_path / "kubeconfig").read_text()
            (tmp_path / "kubeconfig").write_text("{")  # while it is being written
            with pytest.raises(ClusterError):
                kube.get("/version", {})
            (tmp_path / "kubeconfig").write_text(text)
            kube_with(second, tmp_path, cluster, user)
        assert kube.get("/version", {}).status == 200


def test_a_token_that_is_changed_in_the_kubeconfig_is_used_at_once(server: Server, tmp_path: Path) -> None:
    kube = kube_with(server, tmp_path, "namespace: x", "token: first")
    kube.get("/version", {}).close()
    kube_with(server, tmp_path, "namespace: x", "token: second")
    kube.get("/version", {}).close()
    (tmp_path / "kubeconfig").unlink()
    kube.get("/version", {}).close()
    sent = [logged.request.headers["authorization"] for logged in server.log]
    assert sent == ["Bearer first", "Bearer second", "Bearer second"]
