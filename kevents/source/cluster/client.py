"""The one door to the Kubernetes client: its transport, TLS, proxies and legacy auth; answers are raw bytes.

The client's own watch cannot record: it has no read timeout, sleeps inside the call on Retry-After, and goes on
anonymously when an exec plugin fails. So credentials are had in live/access, and requests go to its pool directly.
"""

from __future__ import annotations

import json
import ssl
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from kevents.source.cluster import credentials
from kevents.source.cluster.credentials import Environment
from kevents.source.cluster.errors import ClusterError, quoted
from kevents.source.cluster.kubeconfig import Chosen, Flags
from kevents.source.cluster.response import Response, transport_error
from kevents.source.cluster.updates import Cause

if TYPE_CHECKING:
    import urllib3
    from kubernetes.client import Configuration

__all__ = ["Environment", "Flags", "Identity", "Kube", "Response", "connect"]

_CONNECT = 10.0  # seconds until a connection must stand
_SILENCE = 60.0  # seconds a server may say nothing while it answers a list


@dataclass(frozen=True)
class Identity:
    """Which cluster is asked, and as whom."""

    server: str
    context: str
    user: str
    as_user: str | None
    namespace: str  # of the context: what kubectl would look at without -n

    @property
    def label(self) -> str:
        """The cluster's label where the user gives none: the context's name."""
        return self.context or self.server

    def __str__(self) -> str:
        user = quoted(self.user) if self.user else "nobody in particular"
        acting = f" acting as {quoted(self.as_user)}" if self.as_user else ""
        return f"{user}{acting} at {quoted(self.server)}"


@dataclass(frozen=True)
class _Session:
    """Connections with one set of credentials, and when to have new ones."""

    http: urllib3.PoolManager
    headers: tuple[tuple[str, str], ...]
    renew_at: datetime | None


class Kube:
    """A cluster that answers GET requests; credentials are had anew when they expire and after a 401."""

    def __init__(
        self, identity: Identity, load: Callable[[], _Session], now: Callable[[], datetime], timeout: float | None
    ) -> None:
        """timeout: kubectl's --request-timeout, for connecting and for lists."""
        self.identity = identity
        self._load = load
        self._now = now
        self._timeout = timeout
        self._lock = threading.Lock()
        self._session = load()

    def get(self, path: str, query: Mapping[str, str | int], *, silence: float | None = None) -> Response:
        """Ask, and answer with whatever status came; raises ClusterError where none did.

        silence: how many seconds the server may say nothing, also between two pieces of the body.
        """
        return self._answer("GET", f"{path}?{urlencode(query)}" if query else path, silence)

    def review(self, path: str, document: Mapping[str, object]) -> Response:
        """Ask with a document, as access reviews are asked for. It is a POST, but it makes and changes nothing."""
        return self._answer("POST", path, None, json.dumps(document).encode())

    def _answer(self, method: str, path: str, silence: float | None, body: bytes | None = None) -> Response:
        session = self._session
        if session.renew_at is not None and self._now() >= session.renew_at:
            session = self._renewed(session)
        answer = self._ask(session, method, path, silence, body)
        if answer.status != 401:
            return answer
        answer.close()
        return self._ask(self._renewed(session), method, path, silence, body)

    def _ask(self, session: _Session, method: str, path: str, silence: float | None, body: bytes | None) -> Response:
        import urllib3

        server = self.identity.server
        connect = min(_CONNECT, self._timeout or _CONNECT)
        try:
            response = session.http.request(
                method,
                server + path,
                body=body,
                headers=_headers(session, body),
                timeout=urllib3.Timeout(connect=connect, read=silence or self._timeout or _SILENCE),
                preload_content=False,
                redirect=False,  # a login page is no answer, and credentials stay with their server
                retries=False,
            )
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise transport_error(error, server) from error
        return Response(response, server)

    def _renewed(self, stale: _Session) -> _Session:
        """A session with new credentials; watches of several namespaces share one renewal."""
        with self._lock:
            if self._session is stale:
                self._session = self._load()
                stale.http.clear()
            return self._session


def _headers(session: _Session, body: bytes | None) -> urllib3.HTTPHeaderDict:
    import urllib3

    headers = urllib3.HTTPHeaderDict(session.headers)
    if body is not None:
        headers["Content-Type"] = "application/json"
    return headers


def connect(flags: Flags, around: Environment) -> Kube:
    """The cluster that kubectl would talk to with these flags. No request is made yet, but an exec plugin is run."""
    first = credentials.choose(flags, around)
    as_user, _ = credentials.impersonation(first, flags)
    identity = Identity(
        server=str(first.cluster["server"]).rstrip("/"),
        context=first.context,
        user=first.user_name,
        as_user=as_user,
        namespace=first.namespace,
    )
    return Kube(
        identity,
        lambda: _open(credentials.again(first, flags, around), flags, around),
        around.now,
        flags.request_timeout,
    )


def _open(chosen: Chosen, flags: Flags, around: Environment) -> _Session:
    user, renew_at = credentials.credentials(chosen, around)
    # The client decodes keys into files: they are gone again before the first request is made.
    with tempfile.TemporaryDirectory(prefix="kevents-") as directory:
        try:
            http, authorization = _client(chosen, user, directory)
        except Exception as error:  # the client raises whatever its libraries do
            entries = f'cluster "{quoted(chosen.cluster_name)}" or user "{quoted(chosen.user_name)}"'
            sentence = f"the kubeconfig's {entries} cannot be used: {quoted(str(error))}"
            raise ClusterError(sentence, cause=Cause.CREDENTIALS, lasting=True) from error
    headers = [("User-Agent", "kevents"), ("Accept", "application/json")]
    if authorization:
        headers.append(("Authorization", authorization))
    elif "auth-provider" in user:
        sentence = f'the auth provider of user "{quoted(chosen.user_name)}" gave no token'
        raise ClusterError(sentence, "Log in again.", cause=Cause.CREDENTIALS, lasting=True)
    as_user, as_groups = credentials.impersonation(chosen, flags)
    if as_user:
        headers.append(("Impersonate-User", as_user))
    headers.extend(("Impersonate-Group", group) for group in as_groups)
    return _Session(http, tuple(headers), renew_at)


def _client(chosen: Chosen, user: dict[str, Any], directory: str) -> tuple[urllib3.PoolManager, str | None]:
    """The client's connection pool for a cluster and a user, and what it would send as Authorization."""
    from kubernetes.client import Configuration
    from kubernetes.client.rest import RESTClientObject
    from kubernetes.config.kube_config import KubeConfigLoader

    entries = {
        "current-context": "it",
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
        "clusters": [{"name": "it", "cluster": chosen.cluster}],
        "users": [{"name": "it", "user": user}],
    }
    configuration = Configuration()
    loader: Any = KubeConfigLoader
    loader(entries, config_base_path=None, temp_file_path=directory).load_and_set(configuration)
    tls = _tls(configuration)
    configuration.cert_file = configuration.key_file = configuration.ssl_ca_cert = None
    configuration.retries = False
    configuration.keep_alive = True
    http = RESTClientObject(configuration).pool_manager
    http.connection_pool_kw["ssl_context"] = tls
    return http, configuration.api_key.get("BearerToken")


def _tls(configuration: Configuration) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if not configuration.verify_ssl:
        import urllib3

        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)  # the user's kubeconfig asks for it
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif configuration.ssl_ca_cert:
        context.load_verify_locations(configuration.ssl_ca_cert)
    else:
        context.load_default_certs()
    if configuration.cert_file:
        context.load_cert_chain(configuration.cert_file, configuration.key_file, password=lambda: "")
    return context
