"""No secret of a kubeconfig is ever written: not to a terminal, a log, or a file of the store."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from tests.record.process import Commands
from tests.screen import run
from tests.secret_search import PLACES, RECORD, SECRET, Place, Ran, findings, ran, script, unreachable
from tests.server import Etcd, Server

FAILS = {  # the places that cannot be used, and a part of the sentence that says so
    "token with a line break": 'the token of user "ann" contains a control character',
    "token with a null": 'the token of user "ann" contains a control character',
    "token in two lines": "token contains a control character",
    "plugin with a line break": "contains a control character",
    "plugin that fails": "failed with status 1: *** and ***",
    "plugin without JSON": "something other than an ExecCredential",
    "password with a line break": 'the password of user "ann" contains a control character',
    "URL with a slash": 'the server of cluster "c" in the kubeconfig is not a valid URL',
    "URL with an invalid port": 'the server of cluster "c" in the kubeconfig is not a valid URL',
    "URL with a bracket": 'the server of cluster "c" in the kubeconfig is not a valid URL',
    "URL with percent signs": "the user name or password in the server of cluster",
    "proxy": "cannot reach http://127.0.0.1",
    "SOCKS proxy": "is a SOCKS proxy, which needs PySocks",
    "proxy with an unknown scheme": "its proxy-url is not a valid URL",
    "proxy without a scheme": "its proxy-url is not a valid URL",
    "proxy with an invalid port": "its proxy-url is not a valid URL",
    "impersonation": "the user to impersonate (as) contains a control character",
    "impersonation by flag": "--as contains a control character",
}


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_no_command_writes_a_secret(place: Place, server: Server, etcd: Etcd, tmp_path: Path) -> None:
    etcd.add(2)
    outputs = [*ran(place, server.url, tmp_path, [RECORD])]
    env = {"KUBECONFIG": str(tmp_path / "kubeconfig"), "KEVENTS_STORE": str(tmp_path / "store")}
    for command in (("status", "-o", "json"), ("doctor", "--request-timeout", "1s")):
        screen = run(*command, env=env)
        outputs.append(Ran(command, screen.status, screen.out + screen.err))
    assert findings(place, tmp_path, outputs) == []
    assert not any("Traceback" in each.output for each in outputs)
    if place.name in FAILS:
        assert outputs[0].status == 3
        assert FAILS[place.name] in outputs[0].output
    else:
        assert outputs[0].status == 0, outputs[0].output
        assert "recorded 2 events" in outputs[0].output


@pytest.mark.parametrize("mode", ["rejects", "echoes", "resets", "is unreachable"])
@pytest.mark.parametrize("name", ["token", "password", "URL"])
def test_errors_of_a_server_have_no_secret(name: str, mode: str, server: Server, tmp_path: Path) -> None:
    place = next(place for place in PLACES if place.name == name)
    url = unreachable() if mode == "is unreachable" else server.url
    if mode != "is unreachable":
        script(server, mode)
    command = ("record", "-A", "--once") if mode != "resets" else ("doctor",)
    outputs = [*ran(place, url, tmp_path, [command, ("status", "-o", "wide")])]
    assert outputs[0].status == 3
    assert findings(place, tmp_path, outputs) == []


def test_user_info_of_the_url_is_sent_as_basic_auth_and_masked(kevents: Commands, server: Server, etcd: Etcd) -> None:
    etcd.add(1)
    kevents.url = server.url.replace("://", "://ann:p%40ss@")
    with kevents.run("record", "-A", "--once") as recorder:
        assert recorder.ended(40) == 0
    assert f"as ann at {server.url.replace('://', '://***@')} into" in recorder.err
    encoded = base64.b64encode(b"ann:p@ss").decode()
    assert {logged.request.headers["authorization"] for logged in server.log} == {f"Basic {encoded}"}


def test_a_token_with_a_line_end_is_sent_without_it(server: Server, etcd: Etcd, tmp_path: Path) -> None:
    place = next(place for place in PLACES if place.name == "token with a line end")
    assert [each.status for each in ran(place, server.url, tmp_path, [RECORD])] == [0]
    assert {logged.request.headers["authorization"] for logged in server.log} == {f"Bearer {SECRET}-token"}


def test_the_state_of_an_older_recorder_is_shown_without_its_credentials(
    kevents: Commands, server: Server, etcd: Etcd
) -> None:
    etcd.add(1)
    with kevents.run("record", "-A", "--once") as recorder:
        assert recorder.ended(40) == 0
    (path,) = kevents.store.glob("journal/*/recorder.json")
    state = json.loads(path.read_text())
    path.write_text(
        json.dumps(state | {"identity": "ann at https://u:hunter22@h", "last_error": "Bearer hunter22-0123456789"})
    )
    shown = kevents.answer("status", "-o", "json")
    assert "hunter22" not in shown
    assert "https://***@h" in shown
