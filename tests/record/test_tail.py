"""`kevents tail` as a process: against a faulty cluster, and following a recorder."""

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
    return [int(json.loads(line)["metadata"]["resourceVersion"]) for line in tail.out.splitlines()]


def test_recent_events_are_printed_first_and_then_each_new_event_once(
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


def test_after_a_410_only_new_events_are_printed(kevents: Commands, etcd: Etcd, server: Server) -> None:
    etcd.add(5)
    server.script(faults.in_stream(410, "Expired"), when="watch")
    with kevents.run("tail", "-A", "-o", "jsonl") as tail:
        until(lambda: len(server.requests("watch")) == 2)
        etcd.add(1)
        until(lambda: len(versions(tail)) == 6)
    assert versions(tail) == list(range(1001, 1007))


def test_a_repeat_is_printed_with_its_new_count_and_failures_go_to_stderr(
    kevents: Commands, etcd: Etcd, server: Server
) -> None:
    server.script(faults.serves(1, faults.reset), faults.status(503), when="watch")
    with kevents.run("tail", "-A", "--utc") as tail:
        until(lambda: bool(server.requests("watch")))
        (name,) = etcd.add(1)
        for _ in range(3):
            etcd.update(name)
            time.sleep(0.3)
        until(lambda: "(x4 over" in tail.out, 20)
        assert [f"(x{count} over" in tail.out for count in (2, 3, 4)] == [True] * 3
        assert "trying again in" in tail.err


def test_filters_work_as_in_reports(kevents: Commands, etcd: Etcd, server: Server) -> None:
    with kevents.run("tail", "-o", "jsonl", "--reason", "!BackOff", "--grep", "^Pulled", "-n", "!other") as tail:
        until(lambda: bool(server.requests("watch")))
        etcd.add(1)
        etcd.add(1, reason="Pulled", message="not quite Pulled")
        etcd.add(1, "other", reason="Pulled", message="Pulled it")
        etcd.add(1, reason="Pulled", message="Pulled it")
        until(lambda: bool(tail.out))
        time.sleep(0.3)
    assert versions(tail) == [1004]


def test_without_flags_it_follows_the_namespace_of_the_context(kevents: Commands, etcd: Etcd, server: Server) -> None:
    with kevents.run("tail", "-o", "jsonl") as tail:
        until(lambda: bool(server.requests("watch")))
        etcd.add(1, "other")
        etcd.add(1, "shop")
        until(lambda: bool(tail.out))
    assert versions(tail) == [1002]
    assert {logged.request.namespace for logged in server.requests("watch")} == {"shop"}


def test_it_ends_when_head_closes_the_pipe_even_without_new_events(kevents: Commands, etcd: Etcd) -> None:
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


def test_with_a_store_it_follows_what_recorders_write_across_sealing(
    kevents: Commands, etcd: Etcd, server: Server
) -> None:
    etcd.add(3)
    kevents.answer("record", "-A", "--once")
    with kevents.run("tail", "--store", "-o", "jsonl") as tail:
        until(lambda: len(versions(tail)) == 3)
        for batch in (1, 2):
            watches = len(server.requests("watch"))
            with kevents.run("record", "-A") as recorder:
                until(lambda watches=watches: len(server.requests("watch")) > watches)
                etcd.add(2)
                until(lambda batch=batch: len(versions(tail)) == 3 + 2 * batch)
                recorder.send(signal.SIGTERM)
                assert recorder.ended() == 0
        assert list(kevents.store.glob("journal/*/*.ndjson")) == []
        tail.send(signal.SIGTERM)
        assert tail.ended() == 130
    assert versions(tail) == list(range(1001, 1008))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--cluster", "prod"], "--cluster selects clusters of a store"),
        (["-o", "parquet"], "tail can't write parquet; use jsonl"),
        (["somewhere"], 'unexpected argument "somewhere"'),
    ],
)
def test_arguments_that_do_not_apply_are_refused(kevents: Commands, arguments: list[str], message: str) -> None:
    with kevents.run("tail", *arguments) as tail:
        assert tail.ended() == 2
    assert message in tail.err
