"""The cluster, user and namespace are resolved from kubeconfig files and flags."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kevents.errors import SourceError
from kevents.source.cluster.client import Environment, Flags
from kevents.source.cluster.credentials import resolve_context
from kevents.source.cluster.kubeconfig import ResolvedContext

FIRST = """
current-context: prod
contexts:
- {name: prod, context: {cluster: big, user: ann, namespace: shop}}
- {name: stage, context: {cluster: small, user: ann}}
clusters:
- {name: big, cluster: {server: "https://big:6443/", certificate-authority: ca.crt}}
users:
- {name: ann, user: {tokenFile: tokens/ann}}
"""
SECOND = """
current-context: other
contexts:
- {name: prod, context: {cluster: small, user: eve}}
- {name: other, context: {cluster: small, user: eve}}
clusters:
- {name: small, cluster: {server: "https://small"}}
- {name: big, cluster: {server: "https://impostor"}}
users:
- {name: eve, user: {client-key: eve.key, client-certificate: /etc/eve.crt}}
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for directory, text in (("one", FIRST), ("two", SECOND)):
        (tmp_path / directory).mkdir()
        (tmp_path / directory / "config").write_text(text)
    return tmp_path


def resolved(home: Path, flags: Flags | None = None, **environ: str) -> ResolvedContext:
    if not environ:
        environ = {"KUBECONFIG": f"{home}/one/config:{home}/missing:{home}/two/config"}
    environment = Environment(environ, home, lambda: datetime(2026, 11, 21, tzinfo=UTC), service_account=home / "sa")
    return resolve_context(flags or Flags(), environment)


def test_the_first_file_with_an_entry_wins_and_paths_are_relative_to_their_file(home: Path) -> None:
    context = resolved(home)
    assert (context.context, context.namespace, context.user_name) == ("prod", "shop", "ann")
    assert context.cluster == {"server": "https://big:6443/", "certificate-authority": f"{home}/one/ca.crt"}
    assert context.user == {"tokenFile": f"{home}/one/tokens/ann"}


def test_entries_of_several_files_are_combined(home: Path) -> None:
    context = resolved(home, Flags(context="stage"))
    assert (context.cluster["server"], context.user_name, context.namespace) == ("https://small", "ann", "default")


def test_flags_override_the_cluster_and_the_user_of_the_context(home: Path) -> None:
    context = resolved(home, Flags(cluster_entry="small", user="eve"))
    assert context.cluster["server"] == "https://small"
    assert context.user == {"client-key": f"{home}/two/eve.key", "client-certificate": "/etc/eve.crt"}


def test_an_explicit_file_is_the_only_one(home: Path) -> None:
    assert resolved(home, Flags(kubeconfig=home / "two" / "config")).context == "other"


def test_the_kubeconfig_in_the_home_directory_is_used_last(home: Path) -> None:
    (home / ".kube").mkdir()
    (home / ".kube" / "config").write_text(SECOND)
    assert resolved(home, HOME="whatever").context == "other"


@pytest.mark.parametrize(
    ("flags", "message", "hint"),
    [
        (Flags(context="prd"), 'no context "prd"', "Did you mean prod?"),
        (Flags(context="zzz"), 'no context "zzz"', "Select one with --context: prod, stage, other."),
        (Flags(user="anne"), 'no user "anne"', "Did you mean ann?"),
        (Flags(cluster_entry="bigg"), 'no cluster entry "bigg"', "Did you mean big?"),
        (Flags(kubeconfig=Path("/nowhere/config")), "no such kubeconfig: /nowhere/config", "--kubeconfig"),
    ],
)
def test_a_missing_entry_is_an_error_with_the_existing_ones(home: Path, flags: Flags, message: str, hint: str) -> None:
    with pytest.raises(SourceError, match=re.escape(message)) as caught:
        resolved(home, flags)
    assert hint in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no current context"),
        ("current-context: [", "not valid YAML, line 1"),
        ("just text", "is not a kubeconfig"),
        ("contexts: {a: b}", "is not a kubeconfig"),
        ("contexts: [{context: {}}]", "a context without a name"),
        ("current-context: a\ncontexts: [{name: a, context: {cluster: c}}]", 'no cluster entry "c"'),
        (
            "current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\nclusters: [{name: c, cluster: {}}]",
            'cluster "c" in the kubeconfig has no server URL',
        ),
    ],
)
def test_a_broken_kubeconfig_is_an_error(home: Path, text: str, message: str) -> None:
    (home / "broken").write_text(text)
    with pytest.raises(SourceError, match=re.escape(message)):
        resolved(home, Flags(kubeconfig=home / "broken"))


def test_without_a_kubeconfig_the_error_has_a_hint(home: Path) -> None:
    with pytest.raises(SourceError, match="no kubeconfig found") as caught:
        resolved(home, KUBECONFIG=f"{home}/missing")
    assert "KUBECONFIG" in (caught.value.hint or "")


def test_the_service_account_is_used_in_a_pod(home: Path) -> None:
    (home / "sa").mkdir()
    (home / "sa" / "namespace").write_text("monitoring")
    context = resolved(home, KUBERNETES_SERVICE_HOST="fd00::1", KUBERNETES_SERVICE_PORT="443")
    assert context.cluster == {"server": "https://[fd00::1]:443", "certificate-authority": f"{home}/sa/ca.crt"}
    assert (context.user, context.namespace) == ({"tokenFile": f"{home}/sa/token"}, "monitoring")
