"""What keeps a recorder running: a unit that systemd takes, a manifest that kubectl takes, with the least of rights."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from kevents.errors import UsageError
from kevents.record.systemd_unit import unit
from tests.screen import Screen, run

_CONFIG = """
current-context: prod
contexts: [{name: prod, context: {cluster: c, user: ann}}, {name: dev, context: {cluster: c, user: ann}}]
clusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}]
users: [{name: ann, user: {}}]
"""
_READS_EVENTS = [{"apiGroups": [""], "resources": ["events"], "verbs": ["list", "watch"]}]


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    config = tmp_path / "kubeconfig"
    config.write_text(_CONFIG)
    return {"KUBECONFIG": str(config), "KEVENTS_STORE": str(tmp_path / "a store"), "PATH": "/usr/bin:/bin"}


def record(env: dict[str, str], *flags: str) -> str:
    screen = run("record", *flags, env=env)
    assert screen.status == 0, screen.said
    return screen.shown


def keys(text: str, name: str) -> list[str]:
    """The values of a key of a unit file."""
    return [line.partition("=")[2] for line in text.splitlines() if line.startswith(f"{name}=")]


def started(text: str) -> list[str]:
    """The words that systemd would run, whose quoting of these is a shell's."""
    (line,) = keys(text, "ExecStart")
    return [word.replace("$$", "$").replace("%%", "%") for word in shlex.split(line)]


def documents(text: str) -> dict[str, list[dict[str, Any]]]:
    """The manifest's objects by their kinds."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in yaml.safe_load_all(text):
        found.setdefault(one["kind"], []).append(one)
    return found


def test_the_unit_runs_this_command_line_and_names_what_a_service_does_not_know(env: dict[str, str]) -> None:
    text = record(env, "-n", "shop", "-n", "pay", "--redact", 'a "b" %d $x \\w', "--log-format", "json", "--print-unit")
    program, *words = started(text)
    at = words.index("record")
    assert Path(program).is_absolute()
    assert words[at:] == [
        *("record", "--namespace", "shop", "--namespace", "pay", "--redact", 'a "b" %d $x \\w', "--log-format", "json"),
        *("--context", "prod", "--store", env["KEVENTS_STORE"]),
    ]
    assert keys(text, "Environment") == [f"KUBECONFIG={env['KUBECONFIG']}", "PATH=/usr/bin:/bin"]
    assert keys(text, "Restart") == ["on-failure"]
    assert keys(text, "NoNewPrivileges") == ["yes"]


def test_paths_in_the_unit_are_absolute_and_the_context_is_the_one_given(env: dict[str, str]) -> None:
    text = record(env, "-A", "--store", "here", "--context", "dev", "--print-unit")
    words = started(text)
    assert words[words.index("--store") + 1] == str(Path("here").absolute())
    assert words[words.index("--context") + 1] == "dev"
    assert words.count("--context") == words.count("--store") == 1


def test_the_unit_is_one_that_systemd_takes(env: dict[str, str], tmp_path: Path) -> None:
    systemd = shutil.which("systemd-analyze")
    if systemd is None:
        pytest.skip("systemd is not here")
    path = tmp_path / "kevents-record.service"
    path.write_text(record(env, "-A", "--redact", 'a "b" %d $x', "--print-unit"))
    verify = [systemd, "verify", str(path)]
    ended = subprocess.run(
        verify, capture_output=True, text=True, check=False, env={**os.environ, "SYSTEMD_COLORS": "0"}
    )
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_unit_holds_no_control_characters() -> None:
    with pytest.raises(UsageError, match="cannot hold"):
        unit(["kevents", "record", "--redact", "a\nExecStartPre=/bin/evil"], {}, "prod")


def test_the_recorder_in_a_cluster_may_read_events_and_nothing_else(env: dict[str, str]) -> None:
    made = documents(record(env, "-A", "--print-manifest"))
    (role,) = made["ClusterRole"]
    assert role["rules"] == _READS_EVENTS
    (binding,) = made["ClusterRoleBinding"]
    (account,) = made["ServiceAccount"]
    assert binding["roleRef"]["name"] == role["metadata"]["name"]
    assert [(one["name"], one["namespace"]) for one in binding["subjects"]] == [
        (account["metadata"]["name"], account["metadata"]["namespace"])
    ]
    assert not made.keys() & {"Role", "RoleBinding"}


def test_with_namespaces_its_rights_end_at_them(env: dict[str, str]) -> None:
    made = documents(record(env, "-n", "shop,pay", "--print-manifest"))
    assert [(one["metadata"]["namespace"], one["rules"]) for one in made["Role"]] == [
        ("shop", _READS_EVENTS),
        ("pay", _READS_EVENTS),
    ]
    assert [one["metadata"]["namespace"] for one in made["RoleBinding"]] == ["shop", "pay"]
    assert not made.keys() & {"ClusterRole", "ClusterRoleBinding"}


def test_its_pod_is_confined_as_the_restricted_standard_asks(env: dict[str, str]) -> None:
    made = documents(record(env, "-A", "--redact", "x: 'y'", "--image", "r.example/kevents:1", "--print-manifest"))
    (deployment,) = made["Deployment"]
    assert (deployment["spec"]["replicas"], deployment["spec"]["strategy"]) == (1, {"type": "Recreate"})
    template = deployment["spec"]["template"]
    assert template["metadata"]["labels"] == deployment["spec"]["selector"]["matchLabels"]
    pod = template["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["image"] == "r.example/kevents:1"
    assert container["args"] == ["record", "--all-namespaces", "--redact", "x: 'y'", "--cluster", "prod"]
    volumes = {one["name"]: one for one in pod["volumes"]}
    assert {one["name"] for one in container["volumeMounts"]} == volumes.keys()
    (claim,) = made["PersistentVolumeClaim"]
    assert volumes["store"]["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]
    assert {"name": "KEVENTS_STORE", "value": "/data"} in container["env"]
    (place,) = made["Namespace"]
    assert place["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_the_arguments_of_the_pod_are_a_command_line_that_kevents_takes(env: dict[str, str]) -> None:
    (deployment,) = documents(record(env, "-A", "--redact", "a|b", "--print-manifest"))["Deployment"]
    arguments = deployment["spec"]["template"]["spec"]["containers"][0]["args"]
    nowhere = {"KEVENTS_STORE": env["KEVENTS_STORE"], "KUBECONFIG": "/nowhere"}
    assert "no kubeconfig found" in run(*arguments, env=nowhere).said  # all else was understood


@pytest.mark.parametrize("namespaces", [("-A",), ("-n", "shop")])
def test_kubectl_reads_the_manifest(namespaces: tuple[str, ...], env: dict[str, str], tmp_path: Path) -> None:
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("kubectl is not here")
    path = tmp_path / "manifest.yaml"
    path.write_text(record(env, *namespaces, "--print-manifest"))
    label = [kubectl, "label", "--local", "-f", str(path), "read=yes", "-o", "name"]  # needs no server
    ended = subprocess.run(label, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "deployment.apps/kevents-recorder" in ended.stdout


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (("-A", "--once", "--print-unit"), "--once ends it"),
        (("-A", "--duration", "1h", "--print-manifest"), "--duration ends it"),
        (("--print-manifest",), "which namespaces is it to record?"),
        (("-A", "--as", "x", "--print-manifest"), "--as means nothing in a cluster"),
        (("-A", "--image", "x"), "--image is for --print-manifest"),
    ],
)
def test_what_makes_no_sense_is_said(flags: tuple[str, ...], sentence: str, env: dict[str, str]) -> None:
    screen: Screen = run("record", *flags, env=env)
    assert screen.status == 2
    assert sentence in screen.said


def test_without_a_kubeconfig_they_are_printed_all_the_same(env: dict[str, str]) -> None:
    nowhere = {**env, "KUBECONFIG": "/nowhere"}
    assert "--context" not in started(record(nowhere, "-A", "--print-unit"))
    assert documents(record(nowhere, "-A", "--print-manifest"))["Deployment"]
