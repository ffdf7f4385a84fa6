"""Warnings of `kevents record` and `kevents doctor` about a kubeconfig that works but is not safe."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.screen import run
from tests.server import Etcd, Server

UNVERIFIED = 'the certificate of cluster "c" is not verified (insecure-skip-tls-verify)'


@pytest.mark.parametrize(
    ("mode", "cluster", "expected"),
    [
        (0o600, "", []),
        (0o640, "", ["other users can read the kubeconfig"]),
        (0o622, "", ["other users can change the kubeconfig"]),
        (0o666, "", ["other users can read and change the kubeconfig"]),
        (0o600, ", insecure-skip-tls-verify: true", [UNVERIFIED]),
        (0o644, ", insecure-skip-tls-verify: true", [UNVERIFIED, "other users can read the kubeconfig"]),
    ],
)
def test_record_and_doctor_warn_once(
    mode: int, cluster: str, expected: list[str], server: Server, etcd: Etcd, tmp_path: Path
) -> None:
    etcd.add(1)
    config = tmp_path / "kubeconfig"
    config.write_text(
        "current-context: prod\ncontexts: [{name: prod, context: {cluster: c, user: ann}}]\n"
        f"clusters: [{{name: c, cluster: {{server: '{server.url}'{cluster}}}}}]\nusers: [{{name: ann, user: {{}}}}]\n"
    )
    config.chmod(mode)
    env = {"KUBECONFIG": str(config), "KEVENTS_STORE": str(tmp_path / "store")}
    recorded = run("record", "-A", "--duration", "3s", "--log-format", "json", env=env)
    assert recorded.status == 0, recorded.err
    log = [json.loads(line) for line in recorded.err.splitlines()]
    warnings = [line["message"] for line in log if line["event"] == "unsafe"]
    shown = json.loads(run("doctor", "-o", "json", env=env).out)
    findings = [row["finding"] for row in shown if row["check"] == "kubeconfig" and row["mark"] == "warn"]
    for messages in (warnings, findings):
        assert len(messages) == len(expected)
        assert all(message.startswith(start) for message, start in zip(messages, expected, strict=True))
