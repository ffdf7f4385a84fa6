"""Runs the exec credential plugin of a kubeconfig user. If it fails or hangs, no anonymous request is made instead.

The protocol is ExecCredential of client.authentication.k8s.io.
"""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import os
import re
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from kevents.source.cluster.errors import ClusterError, one_line
from kevents.source.cluster.kubeconfig import ResolvedContext
from kevents.source.cluster.secrets import Secrets, token
from kevents.source.cluster.updates import Cause

TIMEOUT = 60.0
_EXTENSION = "client.authentication.k8s.io/exec"
_SECRET_NAME = re.compile("secret|token|passw|credential|key", re.IGNORECASE)
_CLUSTER_FIELDS = ("server", "tls-server-name", "insecure-skip-tls-verify", "certificate-authority-data", "proxy-url")


@dataclass(frozen=True)
class Credential:
    """The credential returned by a plugin, as keys of a kubeconfig user, and when it expires."""

    user: dict[str, str]
    expires: datetime | None


def run(
    context: ResolvedContext, environ: Mapping[str, str], timeout: float = TIMEOUT, *, interactive: bool = False
) -> Credential:
    """Run the plugin of the context's user.

    interactive: the plugin may prompt on the terminal. Its messages then appear there and not in the error.
    """
    config = context.user["exec"]
    if not isinstance(config, dict) or not config.get("command") or not config.get("apiVersion"):
        raise _plugin_error(context, "has no command or apiVersion")
    may_prompt = interactive and config.get("interactiveMode") != "Never"
    if config.get("interactiveMode") == "Always" and not may_prompt:
        raise _plugin_error(context, "must be run on a terminal (interactiveMode: Always)")
    status = _parse_status(context, config, _output(context, config, environ, timeout, may_prompt))
    if status.get("token"):
        status["token"] = token(
            status["token"], f'the token that the credential plugin of user "{one_line(context.user_name)}" returned'
        )
    try:
        expires = status.get("expirationTimestamp")
        return Credential(_user(status), datetime.fromisoformat(expires) if expires else None)
    except (TypeError, ValueError) as error:
        raise _plugin_error(context, "returned an invalid expirationTimestamp") from error
    except KeyError as error:
        raise _plugin_error(context, "returned neither a token nor a client certificate with its key") from error


def _output(
    context: ResolvedContext, config: dict[str, Any], environ: Mapping[str, str], timeout: float, may_prompt: bool
) -> bytes:
    command = str(config["command"])
    if "/" in command:  # relative to the kubeconfig, as in kubectl; a bare name is looked up in PATH
        command = str(context.directory / command)
    arguments = [command, *(str(argument) for argument in config.get("args") or [])]
    try:
        process = subprocess.Popen(  # noqa: S603
            arguments,
            env=_environ(context, config, environ, may_prompt),
            stdin=None if may_prompt else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=None if may_prompt else subprocess.PIPE,
            start_new_session=not may_prompt,  # so that its children can be killed with it
        )
    except OSError as error:
        hint = config.get("installHint") or f"Install {config['command']}, or log in another way."
        raise _plugin_error(context, f"cannot be run: {error.strerror}", str(hint)) from error
    try:
        output, errors = process.communicate(timeout=timeout)
    except BaseException as error:
        _kill(process, group=not may_prompt)
        if isinstance(error, subprocess.TimeoutExpired):
            hint = f"Run {one_line(command)} yourself, with the args of the kubeconfig, to see what it waits for."
            raise _plugin_error(context, f"timed out after {timeout:g} s", hint) from error
        raise
    if process.returncode != 0:
        message = one_line(_secrets(config).mask((errors or b"").decode("utf-8", "replace")))
        raise _plugin_error(context, f"failed with status {process.returncode}" + (f": {message}" if message else ""))
    return output


def _secrets(config: dict[str, Any]) -> Secrets:
    """The secrets among the arguments and environment variables in the kubeconfig, which an error may quote."""
    pairs = [(str(item.get("name")), item.get("value")) for item in config.get("env") or []]
    arguments = [str(argument) for argument in config.get("args") or []]
    pairs += [(name, value) for name, _, value in (argument.partition("=") for argument in arguments)]
    pairs += itertools.pairwise(arguments)  # --client-secret VALUE
    return Secrets.of(value for name, value in pairs if _SECRET_NAME.search(name))


def _kill(process: subprocess.Popen[bytes], *, group: bool) -> None:
    with contextlib.suppress(OSError):
        if group and hasattr(os, "killpg"):  # Windows has no process groups
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()
    for pipe in (process.stdout, process.stderr):
        if pipe:
            pipe.close()


def _environ(
    context: ResolvedContext, config: dict[str, Any], environ: Mapping[str, str], may_prompt: bool
) -> dict[str, str]:
    spec: dict[str, Any] = {"interactive": may_prompt}
    if config.get("provideClusterInfo"):
        spec["cluster"] = _cluster_info(context.cluster)
    request = {"apiVersion": config["apiVersion"], "kind": "ExecCredential", "spec": spec}
    variables = {str(item["name"]): str(item.get("value", "")) for item in config.get("env") or []}
    return {**environ, **variables, "KUBERNETES_EXEC_INFO": json.dumps(request)}


def _cluster_info(cluster: Mapping[str, Any]) -> dict[str, Any]:
    info = {key: cluster[key] for key in _CLUSTER_FIELDS if key in cluster}
    if "certificate-authority" in cluster and "certificate-authority-data" not in info:
        authority = Path(cluster["certificate-authority"]).read_bytes()
        info["certificate-authority-data"] = base64.b64encode(authority).decode()
    for extension in cluster.get("extensions") or []:
        if extension.get("name") == _EXTENSION:
            info["config"] = extension.get("extension")
    return info


def _parse_status(context: ResolvedContext, config: dict[str, Any], output: bytes) -> dict[str, Any]:
    try:
        credential = json.loads(output)
    except (ValueError, RecursionError) as error:
        raise _plugin_error(context, "returned something other than an ExecCredential") from error
    status = credential.get("status") if isinstance(credential, dict) else None
    if not isinstance(status, dict):
        raise _plugin_error(context, "returned an ExecCredential without a status")
    version, expected = credential.get("apiVersion"), config["apiVersion"]
    if version != expected:
        raise _plugin_error(context, f"returned apiVersion {one_line(str(version))}, but the kubeconfig has {expected}")
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


def _plugin_error(context: ResolvedContext, problem: str, hint: str | None = None) -> ClusterError:
    config = context.user["exec"]
    command = config.get("command", "") if isinstance(config, dict) else ""
    sentence = f'the credential plugin {one_line(str(command))} of user "{one_line(context.user_name)}" {problem}'
    return ClusterError(sentence, hint, cause=Cause.CREDENTIALS, is_permanent=True)
