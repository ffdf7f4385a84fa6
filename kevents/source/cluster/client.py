"""The only module that uses the Kubernetes client: its transport, TLS, proxies and legacy auth. Bodies are raw bytes.

The client's own watch is not suitable for recording: it has no read timeout, sleeps inside the call on Retry-After, and
continues anonymously if an exec plugin fails. So the credentials are loaded in `credentials`, and requests go directly
to the client's connection pool.
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
from kevents.source.cluster.deadline import Deadline, limit_headers, limited
from kevents.source.cluster.errors import ClusterError, one_line
from kevents.source.cluster.kubeconfig import Flags, ResolvedContext
from kevents.source.cluster.response import Response, timeout_error, transport_error
from kevents.source.cluster.updates import Cause

if TYPE_CHECKING:
    import urllib3
    from kubernetes.client import Configuration

__all__ = ["Environment", "Flags", "Identity", "Kube", "Response", "connect"]

_CONNECT_TIMEOUT = 10.0  # seconds
_READ_TIMEOUT = 75.0  # an API server ends its own requests after 60, except watches


@dataclass(frozen=True)
class Identity:
    """The cluster that requests go to, and the user that makes them."""

    server: str
    context: str
    user: str
    as_user: str | None
    namespace: str  # of the context: the one that kubectl uses without -n

    @property
    def label(self) -> str:
        """The default cluster label: the name of the context."""
        return self.context or self.server

    def __str__(self) -> str:
        user = one_line(self.user) if self.user else "anonymous"
        impersonated = f" (impersonating {one_line(self.as_user)})" if self.as_user else ""
        return f"{user}{impersonated} at {one_line(self.server)}"


@dataclass(frozen=True)
class _Session:
    """A connection pool with credentials, and when to replace it."""

    http: urllib3.PoolManager
    headers: tuple[tuple[str, str], ...]
    renew_at: datetime | None


class Kube:
    """A client for one cluster. Credentials are renewed when they expire and after a 401."""

    def __init__(
        self, identity: Identity, load: Callable[[], _Session], now: Callable[[], datetime], timeout: float | None
    ) -> None:
        """timeout: kubectl's --request-timeout, for connections and lists."""
        self.identity = identity
        self._load = load
        self._now = now
        self._timeout = timeout
        self._lock = threading.Lock()
        self._session = load()

    def get(self, path: str, query: Mapping[str, str | int], *, read_timeout: float | None = None) -> Response:
        """A GET request. Returns the response whatever its status is; raises ClusterError if there is none.

        read_timeout: of a watch, the longest time in seconds without a complete line. Any other response has to be
        complete after the timeout of the client.
        """
        return self._request("GET", f"{path}?{urlencode(query)}" if query else path, read_timeout)

    def review(self, path: str, document: Mapping[str, object]) -> Response:
        """Request an access review. It is a POST, but it does not create or change anything."""
        return self._request("POST", path, None, json.dumps(document).encode())

    def _request(self, method: str, path: str, read_timeout: float | None, body: bytes | None = None) -> Response:
        session = self._session
        if session.renew_at is not None and self._now() >= session.renew_at:
            session = self._renewed(session)
        response = self._send(session, method, path, read_timeout, body)
        if response.status != 401:
            return response
        response.close()
        return self._send(self._renewed(session), method, path, read_timeout, body)

    def _send(
        self, session: _Session, method: str, path: str, read_timeout: float | None, body: bytes | None
    ) -> Response:
        import urllib3

        server = self.identity.server
        seconds = read_timeout or self._timeout or _READ_TIMEOUT
        deadline = Deadline(seconds)
        connect_timeout = min(_CONNECT_TIMEOUT, self._timeout or _CONNECT_TIMEOUT)
        try:
            with limited(deadline):
                response = session.http.request(
                    method,
                    server + path,
                    body=body,
                    headers=_headers(session, body),
                    timeout=urllib3.Timeout(connect=connect_timeout, read=seconds),
                    preload_content=False,
                    redirect=False,  # a redirect to a login page would send the credentials to another server
                    retries=False,
                )
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            deadline.end()
            raise timeout_error(server, seconds) if deadline.is_over else transport_error(error, server) from error
        return Response(response, server, deadline)

    def _renewed(self, expired: _Session) -> _Session:
        """A session with new credentials. Concurrent watches share one renewal."""
        with self._lock:
            if self._session is expired:
                self._session = self._load()
                expired.http.clear()
            return self._session


def _headers(session: _Session, body: bytes | None) -> urllib3.HTTPHeaderDict:
    import urllib3

    headers = urllib3.HTTPHeaderDict(session.headers)
    if body is not None:
        headers["Content-Type"] = "application/json"
    return headers


def connect(flags: Flags, environment: Environment) -> Kube:
    """A client for the cluster that kubectl would use with these flags. Makes no request, but runs an exec plugin."""
    context = credentials.resolve_context(flags, environment)
    as_user, _ = credentials.impersonation(context, flags)
    identity = Identity(
        server=str(context.cluster["server"]).rstrip("/"),
        context=context.context,
        user=context.user_name,
        as_user=as_user,
        namespace=context.namespace,
    )
    return Kube(
        identity,
        lambda: _open_session(credentials.reload(context, flags, environment), flags, environment),
        environment.now,
        flags.request_timeout,
    )


def _open_session(context: ResolvedContext, flags: Flags, environment: Environment) -> _Session:
    user, renew_at = credentials.load_user(context, environment)
    # the client writes decoded keys to files; they are deleted before the first request is made
    with tempfile.TemporaryDirectory(prefix="kevents-") as directory:
        try:
            http, authorization = _client(context, user, directory)
        except Exception as error:  # the client passes on the exceptions of its libraries
            entries = f'cluster "{one_line(context.cluster_name)}" or user "{one_line(context.user_name)}"'
            sentence = f"cannot use {entries} of the kubeconfig: {one_line(str(error))}"
            raise ClusterError(sentence, cause=Cause.CREDENTIALS, is_permanent=True) from error
    headers = [("User-Agent", "kevents"), ("Accept", "application/json")]
    if authorization:
        headers.append(("Authorization", authorization))
    elif "auth-provider" in user:
        sentence = f'the auth provider of user "{one_line(context.user_name)}" returned no token'
        raise ClusterError(sentence, "Log in again.", cause=Cause.CREDENTIALS, is_permanent=True)
    as_user, as_groups = credentials.impersonation(context, flags)
    if as_user:
        headers.append(("Impersonate-User", as_user))
    headers.extend(("Impersonate-Group", group) for group in as_groups)
    return _Session(http, tuple(headers), renew_at)


def _client(context: ResolvedContext, user: dict[str, Any], directory: str) -> tuple[urllib3.PoolManager, str | None]:
    """The client's connection pool for a cluster and a user, and the Authorization header that it would send."""
    from kubernetes.client import Configuration
    from kubernetes.client.rest import RESTClientObject
    from kubernetes.config.kube_config import KubeConfigLoader

    entries = {
        "current-context": "it",
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
        "clusters": [{"name": "it", "cluster": context.cluster}],
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
    limit_headers(http)
    http.connection_pool_kw["ssl_context"] = tls
    return http, configuration.api_key.get("BearerToken")


def _tls(configuration: Configuration) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if not configuration.verify_ssl:
        import urllib3

        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)  # the kubeconfig disables verification
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif configuration.ssl_ca_cert:
        context.load_verify_locations(configuration.ssl_ca_cert)
    else:
        context.load_default_certs()
    if configuration.cert_file:
        context.load_cert_chain(configuration.cert_file, configuration.key_file, password=lambda: "")
    return context
