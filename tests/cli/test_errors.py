"""Each error has a message, a hint and an exit status, and never a traceback."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.cli.conftest import EVENTS, Run
from tests.screen import Screen, run
from tests.server import Server, faults
from tests.server.fixtures import _no_proxy, etcd, server

__all__ = ["_no_proxy", "etcd", "server"]  # fixtures

USAGE, SOURCE, STORE, QUERY = 2, 3, 4, 5


def failure(screen: Screen, status: int) -> tuple[str, str]:
    """The message and the hint of a command that failed with that status."""
    assert screen.status == status, screen.err
    assert "Traceback" not in screen.err
    message, _, hint = screen.err.rpartition("kevents: ")[2].strip().partition("\n")
    return message, hint.strip()


@pytest.fixture(scope="module")
def run_on_store(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Screen]:
    """Runs a command on a store that the tests share."""
    directory = tmp_path_factory.mktemp("shared")
    (directory / "dump.json").write_text(json.dumps({"kind": "List", "items": EVENTS}))
    env = {"KEVENTS_STORE": str(directory / "store")}
    assert run("import", str(directory / "dump.json"), env=env).status == 0
    return lambda *arguments: run(*arguments, env=env)


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["list", "--namspace", "x"], "unknown flag --namspace", "Did you mean --namespace?"),
        (["list", "--xylophone"], "unknown flag --xylophone", "See kevents list --help."),
        (["list", "-w"], "unknown flag -w", "Use kevents tail to follow events."),
        (["list", "-l", "app=web"], "unknown flag -l", "Events don't carry the labels of their objects."),
        (["list", "-x"], "unknown flag -x", "See kevents list --help."),
        (["lst"], 'unknown command "lst"', "Did you mean list?"),
        (["events"], 'unknown command "events"', "Did you mean list?"),
        (["store", "inf"], 'unknown command "inf"', "Did you mean info? kevents store --help"),
        (["list", "pod/web-1"], 'unexpected argument "pod/web-1"', "Use --for TYPE/NAME or --name NAME"),
        (["describe"], "missing TYPE/NAME", "See kevents describe --help."),
        (
            ["list", "--limit", "few"],
            '--limit must be a whole number of at least 0, not "few"',
            "See kevents list --help.",
        ),
        (["list", "--since", "soon"], 'cannot read "soon" as a time', "Use a duration (30m, 2d) or a time"),
        (["list", "--since", "99999999w"], 'cannot read "99999999w" as a time', "Use a duration"),
        (["list", "--since", "1h", "--until", "2h"], "--since must be before --until", ""),
        (["list", "--since", "3/4/2026"], '"3/4/2026" is ambiguous (day/month?)', "Write 2026-03-04 or 2026-04-03."),
        (["histogram", "--bucket", "5q"], 'cannot read "5q" as a duration', "For example 30s, 10m"),
        (["histogram", "--by", "severty"], 'cannot group by "severty"', "Did you mean severity?"),
        (["reasons", "--by", "nod"], 'cannot group by "nod"', "Did you mean node?"),
        (["list", "--sort-by", "-resaon"], 'cannot sort by "-resaon"', "Did you mean reason?"),
        (["query", "FROM events", "--sort-by", "resaon"], 'cannot sort by "resaon"', "Did you mean reason?"),
        (["list", "-o", "jsn"], 'unknown output format "jsn"', "Did you mean json?"),
        (["list", "--time", "clok"], 'unknown time format "clok"', "Did you mean clock?"),
        (["list", "--color", "neverr"], 'invalid --color "neverr"', "Did you mean never?"),
        (["list", "--tz", "europe/pariss"], 'unknown time zone "europe/pariss"', "Did you mean Europe/Paris?"),
        (["list", "--severity", "warnign"], 'unknown severity "warnign"', "Did you mean warning?"),
        (["list", "--category", "netwrok"], 'unknown category "netwrok"', "Did you mean network?"),
        (["list", "--grep", "("], 'invalid --grep pattern "(": missing )', "Patterns use RE2 syntax."),
        (["list", "--for", "pod"], '--for takes TYPE/NAME, not "pod"', "For example pod/web-1"),
        (["describe", "pod/web-*"], 'describe takes one object, not "web-*"', "kevents list --name 'web-*'"),
        (["reports", "show", "reasns"], 'unknown report "reasns"', "Did you mean reasons?"),
        (["record", "--log-format", "txt"], 'invalid --log-format "txt"', "Did you mean text?"),
        (["completion", "bsh"], 'no completion script for "bsh"', "Did you mean bash?"),
        (["store", "prune", "--max-size", "5q"], 'cannot read "5q" as a size', "Use a size such as 500MB"),
        (["import", "x.json", "--redact", "("], 'invalid --redact pattern "(": ', ""),
        (["query", "-f", "none.sql"], "cannot read none.sql: No such file or directory", ""),
    ],
)
def test_an_invalid_command_line_is_a_usage_error(
    arguments: list[str], message: str, hint: str, run_on_store: Callable[..., Screen]
):
    actual_message, actual_hint = failure(run_on_store(*arguments), USAGE)
    assert actual_message.startswith(message)
    assert actual_hint.startswith(hint)


@pytest.mark.parametrize(
    ("sql", "message", "hint"),
    [
        ("SELECT resaon FROM events", 'line 1, column 8: Referenced column "resaon" not found', '"reason"'),
        ("SELECT 1\nFROM evnts", "line 2, column 6: Table with name evnts does not exist", 'Did you mean "events"?'),
        ("SELEC 1", "line 1, column 1: syntax error at or near", "^"),
        ("SELECT 1; SELECT 2", "only one statement at a time", "run them one by one."),
        ("DROP VIEW events", "DROP is not allowed: queries are read-only", "SELECT, FROM, WITH"),
        ("FROM read_csv('/etc/passwd')", "SQL can only read the views of the store", "/etc/passwd"),
        ("", "no SQL to run", "For example: kevents query"),
    ],
)
def test_invalid_sql_is_a_query_error(sql: str, message: str, hint: str, run_on_store: Callable[..., Screen]):
    actual_message, actual_hint = failure(run_on_store("query", sql), QUERY)
    assert actual_message.startswith(message)
    assert hint in actual_hint


@pytest.mark.parametrize("command", [["list"], ["query", "FROM events"], ["coverage"], ["store", "info"]])
def test_a_missing_store_is_a_store_error(command: list[str], kevents: Run, tmp_path: Path):
    message, hint = failure(kevents(*command, "--store", str(tmp_path / "none")), STORE)
    assert message == f"there is no store in {tmp_path / 'none'} yet"
    assert "kevents import -" in hint


def test_a_file_is_not_a_store(kevents: Run, tmp_path: Path):
    message, hint = failure(kevents("list", "--store", str(tmp_path / "dump.json")), STORE)
    assert message == f"{tmp_path / 'dump.json'} is a file, but a store is a directory"
    assert hint == "Use kevents import FILE to read dumps."
    inside = str(tmp_path / "dump.json/x")
    message, _ = failure(kevents("import", str(tmp_path / "dump.json"), "--store", inside), STORE)
    assert message.startswith(f"cannot write to the store {tmp_path / 'dump.json/x'}: Not a directory")


@pytest.mark.parametrize("command", [["import", "{dump}"], ["store", "compact"], ["store", "repair"]])
def test_writing_to_a_read_only_store_is_a_store_error(
    command: list[str], kevents: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def fail(*_: Any, **__: Any) -> bool:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr("kevents.store.lock.Lock.acquire", fail)
    screen = kevents(*(word.format(dump=tmp_path / "dump.json") for word in command))
    message, hint = failure(screen, STORE)
    assert message == f"cannot write to the store {tmp_path / 'store'}: Read-only file system"
    assert "--store DIR" in hint
    assert kevents("list").status == 0


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root can read every file")
def test_an_unreadable_store_is_a_store_error(kevents: Run, tmp_path: Path):
    for file in (tmp_path / "store").rglob("*.parquet"):
        file.chmod(0)
    assert failure(kevents("list", "--strict"), STORE)[0].startswith("cannot read the store")


def test_a_full_disk_is_a_store_error(kevents: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    more = tmp_path / "more.json"
    more.write_text(json.dumps(EVENTS[0] | {"reason": "New", "metadata": {"name": "n.1", "namespace": "shop"}}))
    monkeypatch.setattr("kevents.store.catalog.save", full)
    monkeypatch.setattr("kevents.store.free_space.shutil.disk_usage", lambda _: SimpleNamespace(free=0))
    message, hint = failure(kevents("import", str(more)), STORE)
    assert message == "the store cannot be written: its disk is full (0 MB free)"
    assert "import the same files again" in hint


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none.json", None, "none.json: no such file or directory"),
        ("page.html", b"<html>login</html>", "line 1: this is an HTML or XML page"),
        ("junk.txt", b"NAME READY\nweb 1/1\n", "line 1: this is"),
        ("cut.json", b'{"kind":"List","items":[{"kind":"Event"', "seems truncated"),
        ("pods.json", b'{"kind":"Pod","metadata":{"name":"a"}}', "no events found (only 1 Pod)"),
    ],
)
def test_a_file_that_is_not_a_dump_is_an_input_error(
    name: str, content: bytes | None, message: str, kevents: Run, tmp_path: Path
):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    screen = kevents("import", str(path), "--dry-run")
    assert screen.status == SOURCE
    assert "Traceback" not in screen.err
    assert str(path) in screen.err and message in screen.err


@pytest.fixture
def connected(server: Server, tmp_path: Path) -> str:
    """A kubeconfig with the scripted server, and with a server that refuses connections."""
    config = tmp_path / "kubeconfig"
    config.write_text(
        "current-context: prod\n"
        "contexts: [{name: prod, context: {cluster: c, user: ann}}, {name: away, context: {cluster: d, user: ann}}]\n"
        f"clusters: [{{name: c, cluster: {{server: '{server.url}'}}}},"
        " {name: d, cluster: {server: 'http://127.0.0.1:1'}}]\n"
        "users: [{name: ann, user: {token: old}}]\n"
    )
    return str(config)


@pytest.mark.parametrize(
    ("config", "flags", "message", "hint"),
    [
        ("none", [], "no such kubeconfig: ", "Check the path given to --kubeconfig."),
        ("broken", [], "is not valid YAML, line 1", "kubectl config view"),
        ("kubeconfig", ["--context", "prd"], 'the kubeconfig has no context "prd"', "Did you mean prod?"),
        ("kubeconfig", ["--context", "away"], "http://127.0.0.1:1 refused the connection", "Check the cluster and VPN"),
    ],
)
def test_an_unreachable_cluster_is_an_input_error(
    config: str, flags: list[str], message: str, hint: str, kevents: Run, connected: str, tmp_path: Path
):
    (tmp_path / "broken").write_text("contexts: [")
    actual_message, actual_hint = failure(kevents("tail", "--kubeconfig", str(tmp_path / config), *flags), SOURCE)
    assert message in actual_message
    assert hint in actual_hint


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (lambda: faults.status(401, "Unauthorized"), "(401)"),
        (lambda: faults.status(403, "Forbidden"), "not allowed to list events in namespace default (403)"),
    ],
)
def test_a_cluster_that_denies_access_is_an_input_error(
    fault: Callable[[], Any], message: str, kevents: Run, connected: str, server: Server
):
    for _ in range(3):
        server.script(fault(), when="list")
    actual_message, actual_hint = failure(kevents("tail", "--kubeconfig", connected), SOURCE)
    assert message in actual_message
    assert actual_hint
