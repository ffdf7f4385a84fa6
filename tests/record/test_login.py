"""Credentials that expire during a recording (R13): they are renewed, and no request is sent without them."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from kevents.errors import SourceError
from tests.record.recording import Run, add_events
from tests.server import faults
from tests.server.exchange import Exchange

_CREDENTIAL = '{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": "%s"}}'
_BROKEN = [
    pytest.param("echo 'please log in' >&2; exit 3", "failed with status 3: please log in", id="fails"),
    pytest.param("sleep 30", "timed out after 0.5 s", id="hangs"),
]


def plugin(directory: Path, *runs: str) -> str:
    """A user with an exec plugin that runs these shell commands, one per call; the last one in all further calls."""
    cases = [f"{number}) {command} ;;" for number, command in enumerate(runs[:-1], 1)]
    script = directory / "plugin.sh"
    script.write_text(
        f"#!/bin/sh\necho run >> '{directory}/runs'\nread_lines() {{ n=0; while read -r _; do n=$((n+1)); done; }}\n"
        f"read_lines < '{directory}/runs'\ncase $n in\n" + "\n".join([*cases, f"*) {runs[-1]} ;;"]) + "\nesac\n"
    )
    script.chmod(stat.S_IRWXU)
    return "{exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin.sh}}"


def prints(token: str) -> str:
    """A shell command that prints a credential with this token."""
    return f"echo '{_CREDENTIAL % token}'"


def sent(run: Run) -> list[str]:
    """The tokens that the server received, in order, without repeats; "" for a request without a token."""
    tokens = [logged.request.headers.get("authorization", "") for logged in run.server.log]
    return [token for index, token in enumerate(tokens) if index == 0 or tokens[index - 1] != token]


def revoke_after_first_watch(run: Run) -> None:
    """Let the server accept the token "old" until the end of the first watch, and then only "new"."""
    run.server.api.tokens = {"old"}

    def revoke(exchange: Exchange) -> None:
        run.server.api.tokens = {"new"}
        exchange.end()

    run.server.script(faults.serves(1, revoke), when="watch")


def test_r13_a_rejected_token_is_replaced_by_the_next_one_of_the_plugin(run: Run) -> None:
    run.user = plugin(run.directory, prints("old"), prints("new"))
    run.server.api.tokens = {"new"}
    run.etcd.add(5)
    run.record(add_events(run))
    assert run.stored == run.ledger
    assert run.gaps == []
    assert sent(run) == ["Bearer old", "Bearer new"]


def test_r13_a_token_that_expires_during_the_recording_causes_no_gap_if_the_plugin_has_another(run: Run) -> None:
    run.user = plugin(run.directory, prints("old"), prints("new"))
    revoke_after_first_watch(run)
    run.record(add_events(run))
    assert run.stored == run.ledger
    assert run.gaps == []
    assert len((run.directory / "runs").read_text().splitlines()) == 2
    assert sent(run) == ["Bearer old", "Bearer new"]


@pytest.mark.parametrize(("command", "error"), _BROKEN)
def test_r13_a_plugin_that_fails_for_a_while_causes_a_gap_and_no_request_is_sent_without_a_token(
    run: Run, command: str, error: str
) -> None:
    run.user = plugin(run.directory, prints("old"), command, command, prints("new"))
    revoke_after_first_watch(run)
    run.record(add_events(run))
    assert run.stored == run.ledger
    assert run.gaps == [("credentials", "all")]
    assert any(error in message.text for message in run.messages)
    assert sent(run) == ["Bearer old", "Bearer new"]


@pytest.mark.parametrize(("command", "error"), _BROKEN)
def test_r13_a_plugin_that_fails_at_the_start_is_an_error_before_any_request(
    run: Run, command: str, error: str
) -> None:
    run.user = plugin(run.directory, command)
    with pytest.raises(SourceError, match=error):
        run.record()
    assert run.server.log == []
    assert not run.store.exists()
