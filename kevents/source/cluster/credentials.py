"""Which cluster to talk to and with which credentials: kubeconfig, an exec plugin, a token file, a service account."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from kevents.errors import SourceError
from kevents.source.cluster import exec_plugin, kubeconfig
from kevents.source.cluster.errors import ClusterError, quoted
from kevents.source.cluster.kubeconfig import Chosen, Flags
from kevents.source.cluster.updates import Cause

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_TOKEN_FILE = timedelta(minutes=1)  # client-go reads a rotated token again as often
_EARLY = timedelta(seconds=30)  # before they expire, credentials are had anew


@dataclass(frozen=True)
class Environment:
    """What of the process and its machine decides how a cluster is reached."""

    environ: Mapping[str, str]
    home: Path
    now: Callable[[], datetime]
    interactive: bool = False  # whether a credential plugin may ask on the terminal
    plugin_timeout: float = exec_plugin.TIMEOUT
    service_account: Path = SERVICE_ACCOUNT


def choose(flags: Flags, around: Environment) -> Chosen:
    """What the flags and the kubeconfig name; without a kubeconfig, the service account of the pod we are in."""
    paths = kubeconfig.find(flags, around.environ, around.home)
    if not paths and around.environ.get("KUBERNETES_SERVICE_HOST"):
        return _in_cluster(around)
    if not paths:
        sentence = "there is no kubeconfig, so no cluster to talk to"
        raise SourceError(sentence, "Set KUBECONFIG, give --kubeconfig, or import a dump: `kevents import FILE`.")
    chosen = kubeconfig.choose(kubeconfig.merge(paths), flags)
    if not str(chosen.cluster.get("server") or "").startswith(("http://", "https://")):
        raise SourceError(f'the kubeconfig\'s cluster "{quoted(chosen.cluster_name)}" has no server URL')
    return chosen


def again(chosen: Chosen, flags: Flags, around: Environment) -> Chosen:
    """The same cluster and user as the files name them now: `kubectl config use-context` must not lead elsewhere."""
    pinned = replace(
        flags, context=chosen.context or None, cluster_entry=chosen.cluster_name, user=chosen.user_name or None
    )
    now = choose(pinned, around)
    if now.cluster["server"] != chosen.cluster["server"]:
        sentence = f'the kubeconfig\'s cluster "{quoted(chosen.cluster_name)}" has another server now'
        raise ClusterError(sentence, "Start again.", cause=Cause.CREDENTIALS, lasting=True)
    return now


def credentials(chosen: Chosen, around: Environment) -> tuple[dict[str, Any], datetime | None]:
    """The user's entry with nothing left to run or to read again, and until when that holds."""
    user = {key: value for key, value in chosen.user.items() if key not in ("exec", "tokenFile")}
    if chosen.user.get("exec"):
        had = exec_plugin.run(chosen, around.environ, around.plugin_timeout, interactive=around.interactive)
        return user | had.user, had.expires and had.expires - _EARLY
    if path := chosen.user.get("tokenFile"):
        try:
            user["token"] = Path(path).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            sentence = f"the token file {quoted(str(path))} cannot be read"
            raise ClusterError(sentence, cause=Cause.CREDENTIALS, lasting=True) from error
        return user, around.now() + _TOKEN_FILE
    return user, None


def impersonation(chosen: Chosen, flags: Flags) -> tuple[str | None, tuple[str, ...]]:
    """Whom to act as: the flags' user and groups, else those of the kubeconfig's user."""
    if flags.as_user:
        return flags.as_user, flags.as_groups
    return chosen.user.get("as"), flags.as_groups or tuple(chosen.user.get("as-groups") or ())


def _in_cluster(around: Environment) -> Chosen:
    """The service account that Kubernetes mounts into every pod."""
    directory = around.service_account
    host, port = around.environ["KUBERNETES_SERVICE_HOST"], around.environ.get("KUBERNETES_SERVICE_PORT", "443")
    namespace = directory / "namespace"
    return Chosen(
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
