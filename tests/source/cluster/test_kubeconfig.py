"""Which cluster the kubeconfig files and the flags choose."""

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


def chosen(home: Path, flags: Flags | None = None, **environ: str) -> ResolvedContext:
    if not environ:
        environ = {"KUBECONFIG": f"{home}/one/config:{home}/missing:{home}/two/config"}
    around = Environment(environ, home, lambda: datetime(2026, 11, 21, tzinfo=UTC), service_account=home / "sa")
    return resolve_context(flags or Flags(), around)


def test_the_first_file_to_name_something_wins_and_paths_are_relative_to_their_file(home: Path) -> None:
    found = chosen(home)
    assert (found.context, found.namespace, found.user_name) == ("prod", "shop", "ann")
    assert found.cluster == {"server": "https://big:6443/", "certificate-authority": f"{home}/one/ca.crt"}
    assert found.user == {"tokenFile": f"{home}/one/tokens/ann"}


def test_entries_of_several_files_belong_together(home: Path) -> None:
    found = chosen(home, Flags(context="stage"))
    assert (found.cluster["server"], found.user_name, found.namespace) == ("https://small", "ann", "default")


def test_flags_replace_the_cluster_and_the_user_of_the_context(home: Path) -> None:
    found = chosen(home, Flags(cluster_entry="small", user="eve"))
    assert found.cluster["server"] == "https://small"
    assert found.user == {"client-key": f"{home}/two/eve.key", "client-certificate": "/etc/eve.crt"}


def test_an_explicit_file_is_the_only_one(home: Path) -> None:
    assert chosen(home, Flags(kubeconfig=home / "two" / "config")).context == "other"


def test_the_home_directory_is_the_last_resort(home: Path) -> None:
    (home / ".kube").mkdir()
    (home / ".kube" / "config").write_text(SECOND)
    assert chosen(home, HOME="whatever").context == "other"


@pytest.mark.parametrize(
    ("flags", "says", "hints"),
    [
        (Flags(context="prd"), 'no context "prd"', "Did you mean prod?"),
        (Flags(context="zzz"), 'no context "zzz"', "Choose with --context: prod, stage, other."),
        (Flags(user="anne"), 'no user "anne"', "Did you mean ann?"),
        (Flags(cluster_entry="bigg"), 'no cluster entry "bigg"', "Did you mean big?"),
        (Flags(kubeconfig=Path("/nowhere/config")), "no kubeconfig /nowhere/config", "--kubeconfig"),
    ],
)
def test_what_is_not_there_is_named_with_what_is(home: Path, flags: Flags, says: str, hints: str) -> None:
    with pytest.raises(SourceError, match=re.escape(says)) as told:
        chosen(home, flags)
    assert hints in (told.value.hint or "")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no current context"),
        ("current-context: [", "not valid YAML, line 1"),
        ("just text", "is not a kubeconfig"),
        ("contexts: {a: b}", "is not a kubeconfig"),
        ("contexts: [{context: {}}]", "a context without a name"),
        ("current-context: a\ncontexts: [{name: a, context: {cluster: c}}]", 'no cluster entry "c"'),
        (
            "current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\nclusters: [{name: c, cluster: {}}]",
            'cluster "c" has no server URL',
        ),
    ],
)
def test_a_broken_kubeconfig_is_an_error_in_words(home: Path, text: str, says: str) -> None:
    (home / "broken").write_text(text)
    with pytest.raises(SourceError, match=re.escape(says)):
        chosen(home, Flags(kubeconfig=home / "broken"))


def test_without_any_kubeconfig_the_way_out_is_said(home: Path) -> None:
    with pytest.raises(SourceError, match="no kubeconfig") as told:
        chosen(home, KUBECONFIG=f"{home}/missing")
    assert "KUBECONFIG" in (told.value.hint or "")


def test_in_a_pod_the_service_account_is_used(home: Path) -> None:
    (home / "sa").mkdir()
    (home / "sa" / "namespace").write_text("monitoring")
    found = chosen(home, KUBERNETES_SERVICE_HOST="fd00::1", KUBERNETES_SERVICE_PORT="443")
    assert found.cluster == {"server": "https://[fd00::1]:443", "certificate-authority": f"{home}/sa/ca.crt"}
    assert (found.user, found.namespace) == ({"tokenFile": f"{home}/sa/token"}, "monitoring")
