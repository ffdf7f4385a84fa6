"""Credentials from a kubeconfig's exec plugin. One that fails or hangs is an error: never an anonymous request.

The contract is client.authentication.k8s.io's ExecCredential.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shlex
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from kevents.source.cluster.errors import ClusterError, quoted
from kevents.source.cluster.kubeconfig import Chosen
from kevents.source.cluster.updates import Cause

TIMEOUT = 60.0
_EXTENSION = "client.authentication.k8s.io/exec"
_CLUSTER_FIELDS = ("server", "tls-server-name", "insecure-skip-tls-verify", "certificate-authority-data", "proxy-url")


@dataclass(frozen=True)
class Credential:
    """What a plugin gave, as the keys of a kubeconfig's user, and until when it is good."""

    user: dict[str, str]
    expires: datetime | None


def run(
    chosen: Chosen, environ: Mapping[str, str], timeout: float = TIMEOUT, *, interactive: bool = False
) -> Credential:
    """Run the plugin of the chosen user.

    interactive: whether it may ask on the terminal; then its own messages are seen there, not in the error.
    """
    wanted = chosen.user["exec"]
    if not isinstance(wanted, dict) or not wanted.get("command") or not wanted.get("apiVersion"):
        raise _broken(chosen, "says no command or apiVersion")
    asks = interactive and wanted.get("interactiveMode") != "Never"
    if wanted.get("interactiveMode") == "Always" and not asks:
        raise _broken(chosen, "must be run on a terminal (interactiveMode: Always)")
    status = _status(chosen, wanted, _output(chosen, wanted, environ, timeout, asks))
    try:
        expires = status.get("expirationTimestamp")
        return Credential(_user(status), datetime.fromisoformat(expires) if expires else None)
    except (TypeError, ValueError) as error:
        raise _broken(chosen, f"gave an unreadable expirationTimestamp {expires!r}") from error
    except KeyError as error:
        raise _broken(chosen, "gave neither a token nor a client certificate with its key") from error


def _output(chosen: Chosen, wanted: dict[str, Any], environ: Mapping[str, str], timeout: float, asks: bool) -> bytes:
    command = str(wanted["command"])
    if "/" in command:  # relative to the kubeconfig, as kubectl does; a bare name is looked for on PATH
        command = str(chosen.directory / command)
    arguments = [command, *(str(argument) for argument in wanted.get("args") or [])]
    try:
        plugin = subprocess.Popen(  # noqa: S603
            arguments,
            env=_environ(chosen, wanted, environ, asks),
            stdin=None if asks else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=None if asks else subprocess.PIPE,
            start_new_session=not asks,  # so that its children end with it
        )
    except OSError as error:
        hint = wanted.get("installHint") or f"Install {wanted['command']}, or log in another way."
        raise _broken(chosen, f"cannot be run: {error.strerror}", str(hint)) from error
    try:
        output, errors = plugin.communicate(timeout=timeout)
    except BaseException as error:
        _end(plugin, group=not asks)
        if isinstance(error, subprocess.TimeoutExpired):
            hint = f"Run it by itself to see what it waits for: {shlex.join(arguments)}"
            raise _broken(chosen, f"gave no answer within {timeout:g} s", hint) from error
        raise
    if plugin.returncode != 0:
        said = quoted((errors or b"").decode("utf-8", "replace"))
        raise _broken(chosen, f"failed with status {plugin.returncode}" + (f": {said}" if said else ""))
    return output


def _end(plugin: subprocess.Popen[bytes], *, group: bool) -> None:
    with contextlib.suppress(OSError):
        if group and hasattr(os, "killpg"):  # Windows has no groups of processes
            os.killpg(plugin.pid, signal.SIGKILL)
        else:
            plugin.kill()
    plugin.wait()
    for pipe in (plugin.stdout, plugin.stderr):
        if pipe:
            pipe.close()


def _environ(chosen: Chosen, wanted: dict[str, Any], environ: Mapping[str, str], asks: bool) -> dict[str, str]:
    spec: dict[str, Any] = {"interactive": asks}
    if wanted.get("provideClusterInfo"):
        spec["cluster"] = _cluster(chosen.cluster)
    asked = {"apiVersion": wanted["apiVersion"], "kind": "ExecCredential", "spec": spec}
    own = {str(item["name"]): str(item.get("value", "")) for item in wanted.get("env") or []}
    return {**environ, **own, "KUBERNETES_EXEC_INFO": json.dumps(asked)}


def _cluster(cluster: Mapping[str, Any]) -> dict[str, Any]:
    known = {key: cluster[key] for key in _CLUSTER_FIELDS if key in cluster}
    if "certificate-authority" in cluster and "certificate-authority-data" not in known:
        authority = Path(cluster["certificate-authority"]).read_bytes()
        known["certificate-authority-data"] = base64.b64encode(authority).decode()
    for extension in cluster.get("extensions") or []:
        if extension.get("name") == _EXTENSION:
            known["config"] = extension.get("extension")
    return known


def _status(chosen: Chosen, wanted: dict[str, Any], output: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(output)
    except (ValueError, RecursionError) as error:
        raise _broken(chosen, "answered something else than an ExecCredential") from error
    status = answer.get("status") if isinstance(answer, dict) else None
    if not isinstance(status, dict):
        raise _broken(chosen, "answered an ExecCredential without a status")
    if answer.get("apiVersion") != wanted["apiVersion"]:
        raise _broken(chosen, f"speaks {answer.get('apiVersion')}, but the kubeconfig says {wanted['apiVersion']}")
    return status


def _user(status: dict[str, Any]) -> dict[str, str]:
    user: dict[str, str] = {}
    if status.get("token"):
        user["token"] = str(status["token"])
    if status.get("clientCertificateData") and status.get("clientKeyData"):
        for key, name in (("client-certificate-data", "clientCertificateData"), ("client-key-data", "clientKeyData")):
            user[key] = base64.b64encode(str(status[name]).encode()).decode()
    if not user:
        raise KeyError("token")
    return user


def _broken(chosen: Chosen, what: str, hint: str | None = None) -> ClusterError:
    wanted = chosen.user["exec"]
    command = wanted.get("command", "") if isinstance(wanted, dict) else ""
    sentence = f'the credential plugin {quoted(str(command))} of user "{quoted(chosen.user_name)}" {what}'
    return ClusterError(sentence, hint, cause=Cause.CREDENTIALS, lasting=True)
