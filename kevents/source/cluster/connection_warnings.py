"""Warnings about a kubeconfig that works but is not safe."""

from __future__ import annotations

import os
from typing import NamedTuple

from kevents.source.cluster import kubeconfig
from kevents.source.cluster.credentials import Environment, resolve_context
from kevents.source.cluster.errors import one_line
from kevents.source.cluster.kubeconfig import Flags

_OTHERS_READ, _OTHERS_WRITE = 0o044, 0o022


class ConnectionWarning(NamedTuple):
    """A sentence, and advice on what to do."""

    sentence: str
    advice: str


def connection_warnings(flags: Flags, environment: Environment) -> list[ConnectionWarning]:
    """The warnings about the kubeconfig files and the cluster entry that the flags select."""
    warnings = []
    context = resolve_context(flags, environment)
    if context.cluster.get("insecure-skip-tls-verify"):
        name = one_line(context.cluster_name)
        warnings.append(
            ConnectionWarning(
                f'the certificate of cluster "{name}" is not verified (insecure-skip-tls-verify): anybody on the '
                "network can read the credentials and forge events",
                "Set certificate-authority in the kubeconfig instead.",
            )
        )
    for path in kubeconfig.find(flags, environment.environ, environment.home) if os.name == "posix" else ():
        mode = path.stat().st_mode
        verbs = [verb for verb, bits in (("read", _OTHERS_READ), ("change", _OTHERS_WRITE)) if mode & bits]
        if verbs:
            sentence = f"other users can {' and '.join(verbs)} the kubeconfig {one_line(str(path))}"
            warnings.append(ConnectionWarning(sentence, f"Run chmod go= {one_line(str(path))}"))
    return warnings
