"""Each failure is a sentence that names what failed, a hint of what to do, and an exit status; none is a traceback."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.cli.conftest import EVENTS, Ended, Run
from tests.screen import run
from tests.server import Server, faults
from tests.server.fixtures import _no_proxy, etcd, server

__all__ = ["_no_proxy", "etcd", "server"]  # fixtures

USAGE, SOURCE, STORE, QUERY = 2, 3, 4, 5


def failed(ended: Ended, status: int) -> tuple[str, str]:
    """The sentence and the hint of a command that failed with that status and wrote no answer."""
    assert ended.status == status, ended.err
    assert "Traceback" not in ended.err
    sentence, _, hint = ended.err.rpartition("kevents: ")[2].strip().partition("\n")
    return sentence, hint.strip()


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Ended]:
    """Ask of a store that all these questions share."""
    directory = tmp_path_factory.mktemp("asked")
    (directory / "dump.json").write_text(json.dumps({"kind": "List", "items": EVENTS}))
    env = {"KEVENTS_STORE": str(directory / "store")}
    assert run("import", str(directory / "dump.json"), env=env).status == 0
    return lambda *arguments: Ended(*run(*arguments, env=env))


@pytest.mark.parametrize(
    ("arguments", "sentence", "hint"),
    [
        (["list", "--namspace", "x"], "there is no flag --namspace", "Did you mean --namespace?"),
        (["list", "--xylophone"], "there is no flag --xylophone", "See kevents list --help."),
        (["list", "-w"], "there is no flag -w", "kevents tail goes on"),
        (["list", "-l", "app=web"], "there is no flag -l", "Events do not carry the labels of their objects"),
        (["list", "-x"], "there is no flag -x", "See kevents list --help."),
        (["lst"], 'there is no command "lst"', "Did you mean list?"),
        (["events"], 'there is no command "events"', "Did you mean list?"),
        (["store", "inf"], 'there is no command "inf"', "Did you mean info? kevents store --help"),
        (["list", "pod/web-1"], "Got unexpected extra argument(s) (pod/web-1)", "--for TYPE/NAME chooses an object"),
        (["describe"], "Missing argument 'TYPE/NAME'", "See kevents describe --help."),
        (["list", "--limit", "few"], "Invalid value for '--limit'", "See kevents list --help."),
        (["list", "--since", "soon"], 'cannot read "soon" as a time', "Say how long ago (30s,"),
        (["list", "--since", "99999999w"], 'cannot read "99999999w" as a time', "Say how long ago"),
        (["list", "--since", "1h", "--until", "2h"], "--since is not before --until", ""),
        (["list", "--since", "3/4/2026"], '"3/4/2026" may be two dates', "Write it as 2026-11-20."),
        (["histogram", "--bucket", "5q"], 'cannot read "5q" as a duration', "Such as 30s, 10m"),
        (["histogram", "--by", "severty"], 'can\'t group by "severty"', "Did you mean severity?"),
        (["reasons", "--by", "nod"], 'can\'t group by "nod"', "Did you mean node?"),
        (["list", "--sort-by", "-resaon"], 'cannot sort by "-resaon"', "Did you mean reason?"),
        (["query", "FROM events", "--sort-by", "resaon"], 'cannot sort by "resaon"', "Did you mean reason?"),
        (["list", "-o", "jsn"], 'unknown output format "jsn"', "Did you mean json?"),
        (["list", "--time", "clok"], 'there is no form of times "clok"', "Did you mean clock?"),
        (["list", "--color", "neverr"], '--color cannot be "neverr"', "Did you mean never?"),
        (["list", "--tz", "europe/pariss"], 'there is no time zone "europe/pariss"', "Did you mean Europe/Paris?"),
        (["list", "--severity", "warnign"], 'there is no severity "warnign"', "Did you mean warning?"),
        (["list", "--category", "netwrok"], 'there is no category "netwrok"', "Did you mean network?"),
        (["list", "--grep", "("], '--grep "(" is no regular expression: missing )', "The syntax is RE2's."),
        (["list", "--for", "pod"], '--for takes TYPE/NAME, not "pod"', "Such as pod/web-1"),
        (["describe", "pod/web-*"], 'describe takes one object, not "web-*"', "kevents list --name 'web-*'"),
        (["reports", "show", "reasns"], "there is no report reasns", "Did you mean reasons?"),
        (["record", "--log-format", "txt"], '--log-format cannot be "txt"', "Did you mean text?"),
        (["completion", "bsh"], 'there is no completion for "bsh"', "Did you mean bash?"),
        (["store", "prune", "--max-size", "5q"], 'cannot read "5q" as a size', "Such as 500MB"),
        (["import", "x.json", "--redact", "("], "--redact '(' is no regular expression", ""),
        (["query", "-f", "none.sql"], "cannot read none.sql: No such file or directory", ""),
    ],
)
def test_a_mistake_on_the_command_line(arguments: list[str], sentence: str, hint: str, ask: Callable[..., Ended]):
    told, advice = failed(ask(*arguments), USAGE)
    assert told.startswith(sentence)
    assert advice.startswith(hint)


@pytest.mark.parametrize(
    ("sql", "sentence", "hint"),
    [
        ("SELECT resaon FROM events", 'line 1, column 8: Referenced column "resaon" not found', '"reason"'),
        ("SELECT 1\nFROM evnts", "line 2, column 6: Table with name evnts does not exist", 'Did you mean "events"?'),
        ("SELEC 1", "line 1, column 1: syntax error at or near", "^"),
        ("SELECT 1; SELECT 2", "these are 2 statements", "Ask them one by one."),
        ("DROP VIEW events", "DROP is refused", "SELECT, FROM, WITH"),
        ("FROM read_csv('/etc/passwd')", "SQL here reads the views of the store and nothing else", "/etc/passwd"),
        ("", "there is no SQL to run", "Such as: kevents query"),
    ],
)
def test_a_mistake_in_sql(sql: str, sentence: str, hint: str, ask: Callable[..., Ended]):
    told, advice = failed(ask("query", sql), QUERY)
    assert told.startswith(sentence)
    assert hint in advice


@pytest.mark.parametrize("command", [["list"], ["query", "FROM events"], ["coverage"], ["store", "info"]])
def test_no_store_yet(command: list[str], kevents: Run, tmp_path: Path):
    sentence, hint = failed(kevents(*command, "--store", str(tmp_path / "none")), STORE)
    assert sentence == f"there is no store in {tmp_path / 'none'} yet"
    assert "kevents import -" in hint


def test_a_file_is_no_store(kevents: Run, tmp_path: Path):
    sentence, hint = failed(kevents("list", "--store", str(tmp_path / "dump.json")), STORE)
    assert sentence == f"{tmp_path / 'dump.json'} is a file, and a store is a directory"
    assert hint == "kevents import FILE reads dumps."
    sentence, _ = failed(
        kevents("import", str(tmp_path / "dump.json"), "--store", str(tmp_path / "dump.json/x")), STORE
    )
    assert sentence.startswith(f"cannot write to the store {tmp_path / 'dump.json/x'}: Not a directory")


@pytest.mark.parametrize("command", [["import", "{dump}"], ["store", "compact"], ["store", "repair"]])
def test_a_store_that_can_only_be_read(
    command: list[str], kevents: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def refuses(*_: Any, **__: Any) -> bool:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr("kevents.store.lock.Lock.acquire", refuses)
    ended = kevents(*(word.format(dump=tmp_path / "dump.json") for word in command))
    sentence, hint = failed(ended, STORE)
    assert sentence == f"cannot write to the store {tmp_path / 'store'}: Read-only file system"
    assert "--store DIR" in hint
    assert kevents("list").status == 0


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="who may do everything is refused nothing")
def test_a_store_that_nobody_may_read(kevents: Run, tmp_path: Path):
    for file in (tmp_path / "store").rglob("*.parquet"):
        file.chmod(0)
    assert failed(kevents("list", "--strict"), STORE)[0].startswith("cannot read the store")


def test_a_full_disk(kevents: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    more = tmp_path / "more.json"
    more.write_text(json.dumps(EVENTS[0] | {"reason": "New", "metadata": {"name": "n.1", "namespace": "shop"}}))
    monkeypatch.setattr("kevents.store.catalog.save", full)
    monkeypatch.setattr("kevents.store.free_space.shutil.disk_usage", lambda _: SimpleNamespace(free=0))
    sentence, hint = failed(kevents("import", str(more)), STORE)
    assert sentence == "the store cannot be written: its disk is full (0 MB free)"
    assert "import the same files again" in hint


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("none.json", None, "none.json: cannot be read: no such file or directory"),
        ("page.html", b"<html>login</html>", "line 1: this is an HTML or XML page"),
        ("junk.txt", b"NAME READY\nweb 1/1\n", "line 1: this is"),
        ("cut.json", b'{"kind":"List","items":[{"kind":"Event"', "seems truncated"),
        ("pods.json", b'{"kind":"Pod","metadata":{"name":"a"}}', "there are no events in it, only 1 Pod"),
    ],
)
def test_a_file_that_is_no_dump(name: str, content: bytes | None, sentence: str, kevents: Run, tmp_path: Path):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    ended = kevents("import", str(path), "--dry-run")
    assert ended.status == SOURCE
    assert "Traceback" not in ended.err
    assert str(path) in ended.err and sentence in ended.err


@pytest.fixture
def connected(server: Server, tmp_path: Path) -> str:
    """A kubeconfig of the scripted server, and of one that nobody listens behind."""
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
    ("config", "flags", "sentence", "hint"),
    [
        ("none", [], "there is no kubeconfig", "Check the path given to --kubeconfig."),
        ("broken", [], "is not valid YAML, line 1", "kubectl config view"),
        ("kubeconfig", ["--context", "prd"], 'the kubeconfig has no context "prd"', "Did you mean prod?"),
        ("kubeconfig", ["--context", "away"], "http://127.0.0.1:1 refused the connection", "Is the cluster up"),
    ],
)
def test_no_way_to_a_cluster(
    config: str, flags: list[str], sentence: str, hint: str, kevents: Run, connected: str, tmp_path: Path
):
    (tmp_path / "broken").write_text("contexts: [")
    told, advice = failed(kevents("tail", "--kubeconfig", str(tmp_path / config), *flags), SOURCE)
    assert sentence in told
    assert advice.startswith(hint) or hint in advice


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (lambda: faults.status(401, "Unauthorized"), "(401)"),
        (lambda: faults.status(403, "Forbidden"), "not allowed to list events in namespace default (403)"),
    ],
)
def test_a_cluster_that_refuses(fault: Callable[[], Any], sentence: str, kevents: Run, connected: str, server: Server):
    for _ in range(3):
        server.script(fault(), when="list")
    told, advice = failed(kevents("tail", "--kubeconfig", connected), SOURCE)
    assert sentence in told
    assert advice
