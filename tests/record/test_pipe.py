"""`kubectl get events -w -o json | kevents import -`, with a real kubectl and with a scripted pipe."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import ioctl
from pathlib import Path
from termios import FIONREAD
from typing import IO

import pytest

from kevents.store.store import Store
from tests.record.process import Command, Commands, until
from tests.record.recording import rows, stored_versions
from tests.server import Etcd, Server
from tests.server.events import event


def document(number: int, indent: int | None = None) -> bytes:
    """The event with this number as JSON, on one line unless it is indented."""
    fields = event(f"web-1.18e9e724e31e{number:04x}", "default", f"6f3ad2c5-3b7c-4b1e-8f4e-2b7d6a8c{number:04x}")
    return json.dumps({"kind": "Event", "apiVersion": "v1"} | fields, indent=indent).encode() + b"\n"


def documents(*numbers: int) -> bytes:
    return b"".join(map(document, numbers))


@contextmanager
def piped_import(kevents: Commands, *flags: str) -> Iterator[tuple[Command, IO[bytes]]]:
    """A running `kevents import -`, and the pipe that it reads."""
    with kevents.run("import", "-", *flags, stdin=subprocess.PIPE) as importer:
        pipe = importer.process.stdin
        assert pipe is not None
        yield importer, pipe
        if not pipe.closed:
            pipe.close()


def send(pipe: IO[bytes], data: bytes) -> None:
    pipe.write(data)
    pipe.flush()


def stored(kevents: Commands) -> int:
    """The number of observations in the store."""
    if not (kevents.store / "catalog.json").is_file():
        return 0
    ((count),) = rows(kevents.store, "SELECT count(*) AS n FROM observations")
    return int(count["n"])  # type: ignore[call-overload]


@pytest.mark.parametrize("flags", [[], ["--output-watch-events"]])
def test_events_watched_by_kubectl_are_stored_while_it_runs(
    kevents: Commands, etcd: Etcd, server: Server, flags: list[str]
) -> None:
    kubectl = shutil.which("kubectl")
    if not kubectl:
        pytest.skip("kubectl is not installed")
    etcd.add(30)
    command = [kubectl, "get", "events", "-A", "-w", "-o", "json", *flags]
    source = subprocess.Popen(command, stdout=subprocess.PIPE, env=kevents.environment, stderr=subprocess.DEVNULL)
    assert source.stdout is not None
    with kevents.run("import", "-", stdin=source.stdout.fileno()) as importer:
        source.stdout.close()
        until(lambda: stored(kevents) == 30, 15)
        for batch in (1, 2):
            etcd.add(10)
            start = time.monotonic()
            until(lambda batch=batch: stored(kevents) == 30 + 10 * batch)
            assert time.monotonic() - start < 5
        source.kill()
        source.wait()
        assert importer.ended() == 0
    assert stored_versions(kevents.store) == etcd.ledger
    assert "50" in importer.out


def test_ctrl_c_keeps_all_events_received(kevents: Commands) -> None:
    with piped_import(kevents) as (importer, pipe):
        send(pipe, documents(*range(5)))
        until(lambda: stored(kevents) == 5)
        send(pipe, documents(*range(5, 8)))
        time.sleep(0.1)
        importer.send(signal.SIGINT)
        assert importer.ended() == 0
    assert stored(kevents) == 8


def test_a_document_that_arrives_in_parts_is_read_as_one(kevents: Commands) -> None:
    second = document(1, indent=4)
    with piped_import(kevents) as (importer, pipe):
        for part in (document(0, indent=4) + second[:300], second[300:]):
            send(pipe, part)
            time.sleep(1.3)
        pipe.close()
        assert importer.ended() == 0
    assert stored(kevents) == 2


def test_nothing_of_an_interrupted_list_is_stored(kevents: Commands) -> None:
    with piped_import(kevents) as (importer, pipe):
        send(pipe, b'{"apiVersion": "v1", "kind": "List", "items": [' + document(1).strip())
        until(lambda: ioctl(pipe, FIONREAD, b"\0" * 4) == b"\0" * 4, 15)  # it has read everything
        importer.send(signal.SIGINT)
        assert importer.ended() == 130
    assert stored(kevents) == 0


def test_a_broken_line_late_in_a_pipe_is_reported_with_its_number(kevents: Commands) -> None:
    with piped_import(kevents) as (importer, pipe):
        send(pipe, documents(0, 1))
        until(lambda: stored(kevents) == 2)
        send(pipe, document(2) + b'{"kind":"Event" oops\n' + document(3))
        pipe.close()
        assert importer.ended() == 3
    assert "line 4" in importer.err
    assert stored(kevents) == 4


def test_a_dump_through_a_pipe_is_imported_like_a_file(kevents: Commands) -> None:
    items = ",".join(document(number).decode() for number in range(3))
    dump = f'{{"apiVersion":"v1","kind":"List","items":[{items}]}}'
    command = [sys.executable, "-m", "kevents", "import", "-", "-o", "json"]
    completed = subprocess.run(command, input=dump.encode(), env=kevents.environment, capture_output=True, check=True)
    (row,) = json.loads(completed.stdout)
    assert (row["events"], row["new"]) == (3, 3)


def test_new_counts_only_what_the_pipe_added_while_another_import_adds_more(kevents: Commands, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_bytes(documents(2, 3, *range(100, 150)))
    with piped_import(kevents, "-o", "json") as (importer, pipe):
        send(pipe, documents(0, 1))
        until(lambda: stored(kevents) == 2)
        kevents.answer("import", str(other))
        send(pipe, documents(0, 1, 2, 3, 4))
        until(lambda: stored(kevents) == 2 + 52 + 1)
        pipe.close()
        assert importer.ended() == 0
    (row,) = json.loads(importer.out)
    assert (row["events"], row["new"], row["known"]) == (7, 3, 4)
    assert stored(kevents) == 2 + 52 + 1


def test_new_is_counted_after_waiting_for_another_writer(kevents: Commands) -> None:
    with piped_import(kevents, "-o", "json") as (importer, pipe):
        send(pipe, documents(0, 1))
        until(lambda: stored(kevents) == 2)
        with Store(kevents.store).writing(lambda _: None):
            send(pipe, documents(2, 3, 4))
            pipe.close()
            time.sleep(5)  # longer than a recorder waits for sealing when it stops
            assert importer.process.poll() is None
        assert importer.ended() == 0
    (row,) = json.loads(importer.out)
    assert (row["events"], row["new"], row["known"]) == (5, 5, 0)


def test_events_recovered_from_an_earlier_recorder_are_not_counted_as_new(kevents: Commands) -> None:
    with piped_import(kevents) as (importer, pipe):
        send(pipe, documents(0))
        until(lambda: stored(kevents) == 1)
        send(pipe, documents(1, 2))
        until(lambda: stored(kevents) == 3)
        importer.send(signal.SIGKILL)
        importer.ended()
    with piped_import(kevents, "-o", "json") as (importer, pipe):
        send(pipe, documents(0))
        time.sleep(1.5)
        send(pipe, documents(3))
        pipe.close()
        assert importer.ended() == 0
    (row,) = json.loads(importer.out)
    assert (row["events"], row["new"], row["known"]) == (2, 1, 1)
    assert stored(kevents) == 4
