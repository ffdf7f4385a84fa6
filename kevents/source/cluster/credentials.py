"""The cluster to connect to and its credentials: kubeconfig, exec plugin, token file or service account."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from kevents.errors import SourceError
from kevents.source.cluster import exec_plugin, kubeconfig
from kevents.source.cluster.errors import ClusterError, one_line
from kevents.source.cluster.kubeconfig import Flags, ResolvedContext
from kevents.source.cluster.secrets import checked, token
from kevents.source.cluster.updates import Cause

FileVersions = dict[Path, tuple[int, int, int] | None]  # time, size and inode; None if the file is missing
SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_TOKEN_FILE_LIFETIME = timedelta(minutes=1)  # client-go re-reads a token file at the same interval
_RENEW_BEFORE = timedelta(seconds=30)  # before credentials expire


@dataclass(frozen=True)
class Environment:
    """The process environment that the connection depends on."""

    environ: Mapping[str, str]
    home: Path
    now: Callable[[], datetime]
    interactive: bool = False  # whether a credential plugin may prompt on the terminal
    plugin_timeout: float = exec_plugin.TIMEOUT
    service_account: Path = SERVICE_ACCOUNT


def resolve_context(flags: Flags, environment: Environment) -> ResolvedContext:
    """The context from the flags and the kubeconfig; in a pod without a kubeconfig, the pod's service account."""
    paths = kubeconfig.find(flags, environment.environ, environment.home)
    if not paths and environment.environ.get("KUBERNETES_SERVICE_HOST"):
        return _in_cluster_context(environment)
    if not paths:
        hint = "Set KUBECONFIG, give --kubeconfig, or import a dump: `kevents import FILE`."
        raise SourceError("no kubeconfig found", hint)
    context = kubeconfig.resolve_context(kubeconfig.merge(paths), flags)
    if not str(context.cluster.get("server") or "").startswith(("http://", "https://")):
        raise SourceError(f'cluster "{one_line(context.cluster_name)}" in the kubeconfig has no server URL')
    return context


def reload(context: ResolvedContext, flags: Flags, environment: Environment) -> ResolvedContext:
    """The same cluster and user, read from the files again, even if the current context has changed."""
    pinned = replace(
        flags, context=context.context or None, cluster_entry=context.cluster_name, user=context.user_name or None
    )
    reloaded = resolve_context(pinned, environment)
    if reloaded.cluster["server"] != context.cluster["server"]:
        sentence = f'cluster "{one_line(context.cluster_name)}" in the kubeconfig has a different server now'
        raise ClusterError(sentence, "Restart kevents.", cause=Cause.CREDENTIALS, is_permanent=True)
    return reloaded


def load_user(context: ResolvedContext, environment: Environment) -> tuple[dict[str, Any], datetime | None]:
    """The user entry with the credentials from its exec plugin or token file, and when to load it again."""
    user = {key: value for key, value in context.user.items() if key not in ("exec", "tokenFile")}
    name = f'of user "{one_line(context.user_name)}"'
    for key in ("username", "password"):
        if user.get(key) is not None:
            user[key] = checked(user[key], f"the {key} {name}")
    if user.get("token"):
        user["token"] = token(user["token"], f"the token {name}")
    if context.user.get("exec"):
        timeout, interactive = environment.plugin_timeout, environment.interactive
        credential = exec_plugin.run(context, environment.environ, timeout, interactive=interactive)
        return user | credential.user, credential.expires and credential.expires - _RENEW_BEFORE
    if path := context.user.get("tokenFile"):
        try:
            text = Path(path).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            sentence = f"cannot read the token file {one_line(str(path))}"
            raise ClusterError(sentence, cause=Cause.CREDENTIALS, is_permanent=True) from error
        user["token"] = token(text, f"the token file {one_line(str(path))}")
        return user, environment.now() + _TOKEN_FILE_LIFETIME
    return user, None


def files(context: ResolvedContext, flags: Flags, environment: Environment) -> list[Path]:
    """The files of the connection: kubeconfigs, certificates and keys. A token file has a lifetime of its own."""
    paths = kubeconfig.find(flags, environment.environ, environment.home)
    named = (
        context.cluster.get("certificate-authority"),
        *(context.user.get(key) for key in ("client-certificate", "client-key")),
    )
    return [*paths, *(Path(str(path)) for path in named if path)]


def file_versions(paths: Iterable[Path]) -> FileVersions:
    """What tells whether the files have changed; symbolic links are followed."""
    versions: FileVersions = {}
    for path in paths:
        try:
            status = path.stat()
        except OSError:
            versions[path] = None
        else:
            versions[path] = (status.st_mtime_ns, status.st_size, status.st_ino)
    return versions


def impersonation(context: ResolvedContext, flags: Flags) -> tuple[str | None, tuple[str, ...]]:
    """The user and groups to impersonate: from the flags, else from the kubeconfig's user."""
    entry = context.user
    as_user, what = (flags.as_user, "--as") if flags.as_user else (entry.get("as"), "the user to impersonate (as)")
    groups: object = flags.as_groups or (() if flags.as_user else entry.get("as-groups") or ())
    if not isinstance(groups, list | tuple):
        groups = (groups,)
    name = checked(as_user, what) if as_user else None
    return name, tuple(checked(group, "a group to impersonate") for group in groups)


def _in_cluster_context(environment: Environment) -> ResolvedContext:
    """The service account that Kubernetes mounts into every pod."""
    directory = environment.service_account
    host = environment.environ["KUBERNETES_SERVICE_HOST"]
    port = environment.environ.get("KUBERNETES_SERVICE_PORT", "443")
    namespace = directory / "namespace"
    return ResolvedContext(
        context="in-cluster",
        cluster_name="in-cluster",
        cluster={
            "server": f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}",
            "certificate-authority": str(directory / "ca.crt"),
        },
        user_name="the service account of this pod",
        user={"tokenFile": str(directory / "token")},
        namespace=namespace.read_text("utf-8").strip() if namespace.is_file() else "default",
        directory=directory,
    )
