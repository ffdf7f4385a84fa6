"""`kevents tail` as users run it: against a cluster that misbehaves, and behind a recorder."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import pytest

from tests.record.process import Command, Commands, until
from tests.server import Etcd, Server, faults


def versions(tail: Command) -> list[int]:
    return [int(json.loads(line)["metadata"]["resourceVersion"]) for line in tail.shown.splitlines()]


def test_the_last_lines_come_first_and_then_what_happens_once_each(
    kevents: Commands, etcd: Etcd, server: Server
) -> None:
    etcd.add(30)
    server.script(*[faults.serves(1, faults.quiet_end)] * 2, faults.serves(1, faults.reset), when="watch")
    with kevents.run("tail", "-A", "-o", "jsonl", "--lines", "4") as tail:
        until(lambda: bool(server.requests("watch")))
        for _ in range(6):
            (name,) = etcd.add(1)
            etcd.update(name)
            time.sleep(0.2)
        until(lambda: len(versions(tail)) >= 16)
        etcd.compact()
        etcd.add(1)
        until(lambda: len(versions(tail)) >= 17)
        tail.send(signal.SIGINT)
        assert tail.ended() == 130
    shown = versions(tail)
    assert shown[4:] == list(range(1031, 1044))
    assert len(set(shown)) == 17


def test_after_a_410_only_what_is_new_is_shown(kevents: Commands, etcd: Etcd, server: Server) -> None:
    etcd.add(5)
    server.script(faults.in_stream(410, "Expired"), when="watch")
    with kevents.run("tail", "-A", "-o", "jsonl") as tail:
        until(lambda: len(server.requests("watch")) == 2)
        etcd.add(1)
        until(lambda: len(versions(tail)) == 6)
    assert versions(tail) == list(range(1001, 1007))


def test_a_repeat_shows_its_new_count_and_a_failure_is_told_beside(
    kevents: Commands, etcd: Etcd, server: Server
) -> None:
    server.script(faults.serves(1, faults.reset), faults.status(503), when="watch")
    with kevents.run("tail", "-A", "--utc") as tail:
        until(lambda: bool(server.requests("watch")))
        (name,) = etcd.add(1)
        for _ in range(3):
            etcd.update(name)
            time.sleep(0.3)
        until(lambda: "(x4 over" in tail.shown, 20)
        assert [f"(x{count} over" in tail.shown for count in (2, 3, 4)] == [True] * 3
        assert "trying again in" in tail.said


def test_filters_are_those_of_every_question(kevents: Commands, etcd: Etcd, server: Server) -> None:
    with kevents.run("tail", "-o", "jsonl", "--reason", "!BackOff", "--grep", "^Pulled", "-n", "!other") as tail:
        until(lambda: bool(server.requests("watch")))
        etcd.add(1)
        etcd.add(1, reason="Pulled", message="not quite Pulled")
        etcd.add(1, "other", reason="Pulled", message="Pulled it")
        etcd.add(1, reason="Pulled", message="Pulled it")
        until(lambda: bool(tail.shown))
        time.sleep(0.3)
    assert versions(tail) == [1004]


def test_without_flags_it_is_the_namespace_of_the_context(kevents: Commands, etcd: Etcd, server: Server) -> None:
    with kevents.run("tail", "-o", "jsonl") as tail:
        until(lambda: bool(server.requests("watch")))
        etcd.add(1, "other")
        etcd.add(1, "shop")
        until(lambda: bool(tail.shown))
    assert versions(tail) == [1002]
    assert {logged.request.namespace for logged in server.requests("watch")} == {"shop"}


def test_head_ends_it_although_nothing_more_happens(kevents: Commands, etcd: Etcd) -> None:
    etcd.add(3)
    command = [sys.executable, "-m", "kevents", "tail", "-A", "--no-headers"]
    tail = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=kevents.environment)
    assert tail.stdout is not None
    assert tail.stderr is not None
    assert b"BackOff" in tail.stdout.readline()
    tail.stdout.close()
    assert tail.wait(5) == 141
    assert tail.stderr.read() == b""
    tail.stderr.close()


def test_following_a_store_it_sees_what_recorders_write_also_after_sealing(
    kevents: Commands, etcd: Etcd, server: Server
) -> None:
    etcd.add(3)
    kevents.answer("record", "-A", "--once")
    with kevents.run("tail", "--store", "-o", "jsonl") as tail:
        until(lambda: len(versions(tail)) == 3)
        for lot in (1, 2):
            watches = len(server.requests("watch"))
            with kevents.run("record", "-A") as recorder:
                until(lambda watches=watches: len(server.requests("watch")) > watches)
                etcd.add(2)
                until(lambda lot=lot: len(versions(tail)) == 3 + 2 * lot)
                recorder.send(signal.SIGTERM)
                assert recorder.ended() == 0
        assert list(kevents.store.glob("journal/*/*.ndjson")) == []
        tail.send(signal.SIGTERM)
        assert tail.ended() == 130
    assert versions(tail) == list(range(1001, 1008))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--cluster", "prod"], "--cluster chooses among the clusters of a store"),
        (["-o", "parquet"], "parquet has an end, and tail has none"),
        (["somewhere"], 'there is nothing to do with "somewhere"'),
    ],
)
def test_flags_that_mean_nothing_here_are_refused(kevents: Commands, arguments: list[str], sentence: str) -> None:
    with kevents.run("tail", *arguments) as tail:
        assert tail.ended() == 2
    assert sentence in tail.said
