"""The only module that uses the Kubernetes client: its transport, TLS, proxies and legacy auth. Bodies are raw bytes.

The client's own watch is not suitable for recording: it has no read timeout, sleeps inside the call on Retry-After, and
continues anonymously if an exec plugin fails. So the credentials are loaded in `credentials`, and requests go directly
to the client's connection pool.
"""

from __future__ import annotations

import contextlib
import json
import ssl
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from kevents.errors import KeventsError, SourceError
from kevents.source.cluster import credentials
from kevents.source.cluster.credentials import Environment, FileVersions
from kevents.source.cluster.deadline import Deadline, limit_headers, limited
from kevents.source.cluster.errors import ClusterError, one_line
from kevents.source.cluster.kubeconfig import Flags, ResolvedContext
from kevents.source.cluster.response import Response, timeout_error, transport_error
from kevents.source.cluster.secrets import Secrets, basic_auth, header, token
from kevents.source.cluster.server_url import ServerUrl, proxy_url, server_url
from kevents.source.cluster.updates import Cause

if TYPE_CHECKING:
    import urllib3
    from kubernetes.client import Configuration

__all__ = ["Environment", "Flags", "Identity", "Kube", "Response", "connect"]

_CONNECT_TIMEOUT = 10.0  # seconds
_READ_TIMEOUT = 75.0  # an API server ends its own requests after 60, except watches
_BASIC = ("username", "password")  # keys of a user; the client cannot encode all of their characters


@dataclass(frozen=True)
class Identity:
    """The cluster that requests go to, and the user that makes them."""

    url: ServerUrl
    context: str
    user: str
    as_user: str | None
    namespace: str  # of the context: the one that kubectl uses without -n

    @property
    def server(self) -> str:
        """The server's URL as it is shown."""
        return str(self.url)

    @property
    def label(self) -> str:
        """The default cluster label: the name of the context."""
        return self.context or self.url.url

    def __str__(self) -> str:
        user = one_line(self.user) if self.user else "anonymous"
        impersonated = f" (impersonating {one_line(self.as_user)})" if self.as_user else ""
        return f"{user}{impersonated} at {one_line(self.server)}"


@dataclass(frozen=True)
class _Session:
    """A connection pool with credentials, and when to replace it."""

    http: urllib3.PoolManager
    headers: tuple[tuple[str, str], ...]
    secrets: Secrets
    renew_at: datetime | None
    files: FileVersions


class Kube:
    """A client for one cluster. Credentials are renewed when they expire, when their files change, and after a 401."""

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
        elif session.files != credentials.file_versions(session.files):
            with contextlib.suppress(
                KeventsError
            ):  # such as a file that is being written: the next request tries again
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
                    self.identity.url.url + path,
                    body=body,
                    headers=_headers(session, body),
                    timeout=urllib3.Timeout(connect=connect_timeout, read=seconds),
                    preload_content=False,
                    redirect=False,  # a redirect to a login page would send the credentials to another server
                    retries=False,
                )
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            deadline.end()
            failure = timeout_error(server, seconds) if deadline.is_over else transport_error(error, server)
            raise _masked(failure, session.secrets) from error
        return Response(response, server, session.secrets.mask_bytes, deadline)

    def _renewed(self, expired: _Session) -> _Session:
        """A session with new credentials. Concurrent watches share one renewal."""
        with self._lock:
            if self._session is expired:
                self._session = self._load_again()
                expired.http.clear()
            return self._session

    def _load_again(self) -> _Session:
        """A new session. A kubeconfig that is missing or invalid now may be valid again later."""
        try:
            return self._load()
        except ClusterError:
            raise
        except SourceError as error:
            raise ClusterError(str(error), error.hint, cause=Cause.CREDENTIALS, is_permanent=True) from error


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
        url=_server_url(context),
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


def _server_url(context: ResolvedContext) -> ServerUrl:
    what = f'the server of cluster "{one_line(context.cluster_name)}" in the kubeconfig'
    return server_url(str(context.cluster["server"]), what)


def _masked(error: ClusterError, secrets: Secrets) -> ClusterError:
    """The error of a library without the secrets that it may quote."""
    error.args = (secrets.mask(str(error)),)
    return error


def _open_session(context: ResolvedContext, flags: Flags, environment: Environment) -> _Session:
    files = credentials.file_versions(credentials.files(context, flags, environment))  # before they are read
    user, renew_at = credentials.load_user(context, environment)
    url = _server_url(context)
    secrets = Secrets.of((*url.secrets, *map(user.get, ("token", "password", "client-key-data"))))
    # the client writes decoded keys to files; they are deleted before the first request is made
    with tempfile.TemporaryDirectory(prefix="kevents-") as directory:
        try:
            http, authorization = _client(context, user, url, directory)
        except Exception as error:  # the client passes on the exceptions of its libraries
            entries = f'cluster "{one_line(context.cluster_name)}" or user "{one_line(context.user_name)}"'
            sentence = f"cannot use {entries} of the kubeconfig: {one_line(secrets.mask(str(error)))}"
            hint = error.hint if isinstance(error, KeventsError) else None
            raise ClusterError(sentence, hint, cause=Cause.CREDENTIALS, is_permanent=True) from error
    headers = [("User-Agent", "kevents"), ("Accept", "application/json")]
    if authorization:
        headers.append(("Authorization", header(authorization)))
    elif "auth-provider" in user:
        sentence = f'the auth provider of user "{one_line(context.user_name)}" returned no token'
        raise ClusterError(sentence, "Log in again.", cause=Cause.CREDENTIALS, is_permanent=True)
    as_user, as_groups = credentials.impersonation(context, flags)
    if as_user:
        headers.append(("Impersonate-User", header(as_user)))
    headers.extend(("Impersonate-Group", header(group)) for group in as_groups)
    proxy = getattr(http, "proxy_headers", {}).values()
    return _Session(http, tuple(headers), Secrets.of((*secrets.values, authorization, *proxy)), renew_at, files)


def _client(
    context: ResolvedContext, user: dict[str, Any], url: ServerUrl, directory: str
) -> tuple[urllib3.PoolManager, str | None]:
    """The client's connection pool for a cluster and a user, and the Authorization header."""
    from kubernetes.client import Configuration
    from kubernetes.client.rest import RESTClientObject
    from kubernetes.config.kube_config import KubeConfigLoader

    entries = {
        "current-context": "it",
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
        "clusters": [{"name": "it", "cluster": context.cluster | {"server": url.url}}],
        "users": [{"name": "it", "user": {key: value for key, value in user.items() if key not in _BASIC}}],
    }
    configuration = Configuration()
    loader: Any = KubeConfigLoader
    loader(entries, config_base_path=None, temp_file_path=directory).load_and_set(configuration)
    tls = _tls(configuration)
    configuration.cert_file = configuration.key_file = configuration.ssl_ca_cert = None
    configuration.retries = False
    configuration.keep_alive = True
    if configuration.proxy:
        what = "its proxy-url" if context.cluster.get("proxy-url") else "the proxy of the environment (HTTPS_PROXY)"
        proxy = proxy_url(str(configuration.proxy), what)
        configuration.proxy = proxy.url
        configuration.proxy_headers = proxy.authorization and {"Proxy-Authorization": proxy.authorization}
    http = RESTClientObject(configuration).pool_manager
    limit_headers(http)
    http.connection_pool_kw["ssl_context"] = tls
    return http, _authorization(url, user, configuration.api_key.get("BearerToken"))


def _authorization(url: ServerUrl, user: Mapping[str, Any], bearer: str | None) -> str | None:
    """The Authorization header: as in kubectl, user info of the URL is used first."""
    if url.authorization:
        return url.authorization
    if bearer:
        return token(bearer, "the token of its auth provider" if "auth-provider" in user else "its token")
    return basic_auth(user["username"], user.get("password", "")) if user.get("username") else None


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
