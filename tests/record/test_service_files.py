"""The printed systemd unit and Kubernetes manifests: valid, complete, and with minimal permissions."""

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
from kevents.record.manifest import IMAGE
from kevents.record.systemd_unit import unit
from tests.screen import run

_CONFIG = """
current-context: prod
contexts: [{name: prod, context: {cluster: c, user: ann}}, {name: dev, context: {cluster: c, user: ann}}]
clusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}]
users: [{name: ann, user: {}}]
"""
_READ_EVENTS = [{"apiGroups": [""], "resources": ["events"], "verbs": ["list", "watch"]}]


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    config = tmp_path / "kubeconfig"
    config.write_text(_CONFIG)
    return {"KUBECONFIG": str(config), "KEVENTS_STORE": str(tmp_path / "a store"), "PATH": "/usr/bin:/bin"}


def record(env: dict[str, str], *flags: str) -> str:
    screen = run("record", *flags, env=env)
    assert screen.status == 0, screen.err
    return screen.out


def keys(text: str, name: str) -> list[str]:
    """The values of a key of a unit file."""
    return [line.partition("=")[2] for line in text.splitlines() if line.startswith(f"{name}=")]


def exec_start(text: str) -> list[str]:
    """The arguments of ExecStart. For those used here, systemd's quoting is the same as a shell's."""
    (line,) = keys(text, "ExecStart")
    return [word.replace("$$", "$").replace("%%", "%") for word in shlex.split(line)]


def documents(text: str) -> dict[str, list[dict[str, Any]]]:
    """The objects in a manifest, by kind."""
    objects: dict[str, list[dict[str, Any]]] = {}
    for document in yaml.safe_load_all(text):
        objects.setdefault(document["kind"], []).append(document)
    return objects


def test_the_unit_runs_this_command_with_the_store_context_and_environment_made_explicit(env: dict[str, str]) -> None:
    text = record(env, "-n", "shop", "-n", "pay", "--redact", 'a "b" %d $x \\w', "--log-format", "json", "--print-unit")
    program, *words = exec_start(text)
    assert Path(program).is_absolute()
    assert words[words.index("record") :] == [
        *("record", "--namespace", "shop", "--namespace", "pay", "--redact", 'a "b" %d $x \\w', "--log-format", "json"),
        *("--context", "prod", "--store", env["KEVENTS_STORE"]),
    ]
    assert keys(text, "Environment") == [f"KUBECONFIG={env['KUBECONFIG']}", "PATH=/usr/bin:/bin"]
    assert keys(text, "Restart") == ["on-failure"]
    assert keys(text, "NoNewPrivileges") == ["yes"]


def test_the_unit_has_absolute_paths_and_the_given_context(env: dict[str, str]) -> None:
    text = record(env, "-A", "--store", "here", "--context", "dev", "--print-unit")
    words = exec_start(text)
    assert words[words.index("--store") + 1] == str(Path("here").absolute())
    assert words[words.index("--context") + 1] == "dev"
    assert words.count("--context") == words.count("--store") == 1


def test_the_unit_passes_systemd_analyze(env: dict[str, str], tmp_path: Path) -> None:
    systemd = shutil.which("systemd-analyze")
    if systemd is None:
        pytest.skip("systemd is not installed")
    path = tmp_path / "kevents-record.service"
    path.write_text(record(env, "-A", "--redact", 'a "b" %d $x', "--print-unit"))
    verify = [systemd, "verify", str(path)]
    completed = subprocess.run(
        verify, capture_output=True, text=True, check=False, env={**os.environ, "SYSTEMD_COLORS": "0"}
    )
    assert (completed.returncode, completed.stderr) == (0, "")


def test_a_unit_with_control_characters_is_refused() -> None:
    with pytest.raises(UsageError, match="can't contain control characters"):
        unit(["kevents", "record", "--redact", "a\nExecStartPre=/bin/evil"], {}, "prod")


def test_the_in_cluster_recorder_can_only_read_events(env: dict[str, str]) -> None:
    objects = documents(record(env, "-A", "--print-manifest"))
    (role,) = objects["ClusterRole"]
    assert role["rules"] == _READ_EVENTS
    (binding,) = objects["ClusterRoleBinding"]
    (account,) = objects["ServiceAccount"]
    assert binding["roleRef"]["name"] == role["metadata"]["name"]
    assert [(subject["name"], subject["namespace"]) for subject in binding["subjects"]] == [
        (account["metadata"]["name"], account["metadata"]["namespace"])
    ]
    assert not objects.keys() & {"Role", "RoleBinding"}


def test_with_namespaces_its_permissions_are_limited_to_them(env: dict[str, str]) -> None:
    objects = documents(record(env, "-n", "shop,pay", "--print-manifest"))
    assert [(role["metadata"]["namespace"], role["rules"]) for role in objects["Role"]] == [
        ("shop", _READ_EVENTS),
        ("pay", _READ_EVENTS),
    ]
    assert [binding["metadata"]["namespace"] for binding in objects["RoleBinding"]] == ["shop", "pay"]
    assert not objects.keys() & {"ClusterRole", "ClusterRoleBinding"}


def test_its_pod_meets_the_restricted_pod_security_standard(env: dict[str, str]) -> None:
    objects = documents(record(env, "-A", "--redact", "x: 'y'", "--image", "r.example/kevents:1", "--print-manifest"))
    (deployment,) = objects["Deployment"]
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
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    assert {mount["name"] for mount in container["volumeMounts"]} == volumes.keys()
    (claim,) = objects["PersistentVolumeClaim"]
    assert volumes["store"]["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]
    assert {"name": "KEVENTS_STORE", "value": "/data/store"} in container["env"]
    mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    assert mounts["store"] == "/data"  # whose root may have lost+found
    (namespace,) = objects["Namespace"]
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_the_manifest_explains_how_to_build_the_image_from_the_dockerfile(env: dict[str, str]) -> None:
    comments = [line for line in record(env, "-A", "--print-manifest").splitlines() if line.startswith("#")]
    assert any("Dockerfile" in line for line in comments)
    assert f"#     docker build -t {IMAGE} ." in comments


def test_the_arguments_of_the_pod_are_a_valid_command_line(env: dict[str, str]) -> None:
    (deployment,) = documents(record(env, "-A", "--redact", "a|b", "--print-manifest"))["Deployment"]
    arguments = deployment["spec"]["template"]["spec"]["containers"][0]["args"]
    without_kubeconfig = {"KEVENTS_STORE": env["KEVENTS_STORE"], "KUBECONFIG": "/nowhere"}
    assert "no kubeconfig found" in run(*arguments, env=without_kubeconfig).err  # the flags were accepted


@pytest.mark.parametrize("namespaces", [("-A",), ("-n", "shop")])
def test_kubectl_accepts_the_manifest(namespaces: tuple[str, ...], env: dict[str, str], tmp_path: Path) -> None:
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("kubectl is not installed")
    path = tmp_path / "manifest.yaml"
    path.write_text(record(env, *namespaces, "--print-manifest"))
    label = [kubectl, "label", "--local", "-f", str(path), "read=yes", "-o", "name"]  # needs no server
    completed = subprocess.run(label, capture_output=True, text=True, check=False)
    assert completed.returncode == 0, completed.stderr
    assert "deployment.apps/kevents-recorder" in completed.stdout


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("-A", "--once", "--print-unit"), "--print-unit can't be combined with --once"),
        (("-A", "--duration", "1h", "--print-manifest"), "--print-manifest can't be combined with --duration"),
        (("--print-manifest",), "which namespaces should it record?"),
        (("-A", "--as", "x", "--print-manifest"), "--as has no meaning in a cluster"),
        (("-A", "--image", "x"), "--image is only used with --print-manifest"),
    ],
)
def test_flags_that_do_not_fit_a_service_are_refused(flags: tuple[str, ...], message: str, env: dict[str, str]) -> None:
    screen = run("record", *flags, env=env)
    assert screen.status == 2
    assert message in screen.err


def test_without_a_kubeconfig_unit_and_manifest_name_no_context(env: dict[str, str]) -> None:
    without_kubeconfig = {**env, "KUBECONFIG": "/nowhere"}
    assert "--context" not in exec_start(record(without_kubeconfig, "-A", "--print-unit"))
    assert documents(record(without_kubeconfig, "-A", "--print-manifest"))["Deployment"]
