"""Credentials that run out while a cluster is recorded (R13): had anew, waited for, and never done without."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from kevents.errors import SourceError
from tests.record.recording import Run, happening
from tests.server import faults
from tests.server.exchange import Exchange

_ANSWER = '{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": "%s"}}'
_BROKEN = [
    pytest.param("echo 'please log in' >&2; exit 3", "failed with status 3: please log in", id="fails"),
    pytest.param("sleep 30", "gave no answer within 0.5 s", id="hangs"),
]


def plugin(directory: Path, *runs: str) -> str:
    """A user whose exec plugin does these, one a run, and the last one ever after."""
    cases = [f"{number}) {does} ;;" for number, does in enumerate(runs[:-1], 1)]
    script = directory / "plugin.sh"
    script.write_text(
        f"#!/bin/sh\necho run >> '{directory}/runs'\nread_lines() {{ n=0; while read -r _; do n=$((n+1)); done; }}\n"
        f"read_lines < '{directory}/runs'\ncase $n in\n" + "\n".join([*cases, f"*) {runs[-1]} ;;"]) + "\nesac\n"
    )
    script.chmod(stat.S_IRWXU)
    return "{exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin.sh}}"


def gives(token: str) -> str:
    return f"echo '{_ANSWER % token}'"


def sent(run: Run) -> list[str]:
    """Every token that the server saw, in order, without repeats; "" for a request without one."""
    tokens = [asked.request.headers.get("authorization", "") for asked in run.server.log]
    return [token for at, token in enumerate(tokens) if at == 0 or tokens[at - 1] != token]


def revoked(run: Run) -> None:
    """The token is accepted until the first watch has ended, and another one from then on."""
    run.server.api.tokens = {"old"}

    def revoke(exchange: Exchange) -> None:
        run.server.api.tokens = {"new"}
        exchange.end()

    run.server.script(faults.serves(1, revoke), when="watch")


def test_r13_a_token_that_is_not_accepted_at_first_is_replaced_by_the_plugins_next(run: Run) -> None:
    run.user = plugin(run.directory, gives("old"), gives("new"))
    run.server.api.tokens = {"new"}
    run.etcd.add(5)
    run.record(happening(run))
    assert run.held == run.ledger
    assert run.gaps == []
    assert sent(run) == ["Bearer old", "Bearer new"]


def test_r13_a_token_that_runs_out_on_the_way_costs_nothing_when_the_plugin_has_another(run: Run) -> None:
    run.user = plugin(run.directory, gives("old"), gives("new"))
    revoked(run)
    run.record(happening(run))
    assert run.held == run.ledger
    assert run.gaps == []
    assert len((run.directory / "runs").read_text().splitlines()) == 2
    assert sent(run) == ["Bearer old", "Bearer new"]


@pytest.mark.parametrize(("script", "says"), _BROKEN)
def test_r13_a_plugin_that_gives_nothing_for_a_while_is_a_gap_and_no_request_goes_without_a_token(
    run: Run, script: str, says: str
) -> None:
    run.user = plugin(run.directory, gives("old"), script, script, gives("new"))
    revoked(run)
    run.record(happening(run))
    assert run.held == run.ledger
    assert run.gaps == [("credentials", "all")]
    assert any(says in message.text for message in run.said)
    assert sent(run) == ["Bearer old", "Bearer new"]


@pytest.mark.parametrize(("script", "says"), _BROKEN)
def test_r13_a_plugin_that_gives_nothing_from_the_start_is_an_error_before_any_request(
    run: Run, script: str, says: str
) -> None:
    run.user = plugin(run.directory, script)
    with pytest.raises(SourceError, match=says):
        run.record()
    assert run.server.log == []
    assert not run.store.exists()
