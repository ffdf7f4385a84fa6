"""`kubectl get events -w -o json | kevents import -` as a recorder: with real kubectl, and with a pipe by hand."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from fcntl import ioctl
from termios import FIONREAD
from typing import Any

import pytest

from tests.record.process import Commands, until
from tests.record.recording import rows, stored_versions
from tests.server import Etcd, Server
from tests.server.events import event


def written(number: int, **dumped: Any) -> bytes:
    made = event(f"web-1.18e9e724e31e{number:04x}", "default", f"6f3ad2c5-3b7c-4b1e-8f4e-2b7d6a8c{number:04x}")
    return json.dumps({"kind": "Event", "apiVersion": "v1"} | made, **dumped).encode() + b"\n"


def stored(kevents: Commands) -> int:
    if not (kevents.store / "catalog.json").is_file():
        return 0
    ((count),) = rows(kevents.store, "SELECT count(*) AS n FROM observations")
    return int(count["n"])  # type: ignore[call-overload]


@pytest.mark.parametrize("watched", [[], ["--output-watch-events"]])
def test_what_kubectl_watches_is_stored_while_it_runs(
    kevents: Commands, etcd: Etcd, server: Server, watched: list[str]
) -> None:
    kubectl = shutil.which("kubectl")
    if not kubectl:
        pytest.skip("kubectl is not here")
    etcd.add(30)
    command = [kubectl, "get", "events", "-A", "-w", "-o", "json", *watched]
    source = subprocess.Popen(command, stdout=subprocess.PIPE, env=kevents.environment, stderr=subprocess.DEVNULL)
    assert source.stdout is not None
    with kevents.run("import", "-", stdin=source.stdout.fileno()) as importer:
        source.stdout.close()
        until(lambda: stored(kevents) == 30, 15)
        for lot in (1, 2):
            etcd.add(10)
            began = time.monotonic()
            until(lambda lot=lot: stored(kevents) == 30 + 10 * lot)
            assert time.monotonic() - began < 5
        source.kill()
        source.wait()
        assert importer.ended() == 0
    assert stored_versions(kevents.store) == etcd.ledger
    assert "50" in importer.shown


def test_ctrl_c_keeps_all_that_came(kevents: Commands) -> None:
    with kevents.run("import", "-", stdin=subprocess.PIPE) as importer:
        pipe = importer.process.stdin
        assert pipe is not None
        pipe.write(b"".join(written(number) for number in range(5)))
        pipe.flush()
        until(lambda: stored(kevents) == 5)
        pipe.write(b"".join(written(number) for number in range(5, 8)))
        pipe.flush()
        time.sleep(0.1)
        importer.send(signal.SIGINT)
        assert importer.ended() == 0
        pipe.close()
    assert stored(kevents) == 8


def test_a_document_that_comes_in_parts_is_not_cut(kevents: Commands) -> None:
    document = written(1, indent=4)
    with kevents.run("import", "-", stdin=subprocess.PIPE) as importer:
        pipe = importer.process.stdin
        assert pipe is not None
        for part in (written(0, indent=4) + document[:300], document[300:]):
            pipe.write(part)
            pipe.flush()
            time.sleep(1.3)
        pipe.close()
        assert importer.ended() == 0
    assert stored(kevents) == 2


def test_half_a_list_is_nothing_when_it_is_interrupted(kevents: Commands) -> None:
    with kevents.run("import", "-", stdin=subprocess.PIPE) as importer:
        pipe = importer.process.stdin
        assert pipe is not None
        pipe.write(b'{"apiVersion": "v1", "kind": "List", "items": [' + written(1).strip())
        pipe.flush()
        until(lambda: ioctl(pipe, FIONREAD, b"\0" * 4) == b"\0" * 4, 15)  # it has read all
        importer.send(signal.SIGINT)
        assert importer.ended() == 130
        pipe.close()
    assert stored(kevents) == 0


def test_a_broken_line_late_in_a_pipe_is_named_with_its_line(kevents: Commands) -> None:
    with kevents.run("import", "-", stdin=subprocess.PIPE) as importer:
        pipe = importer.process.stdin
        assert pipe is not None
        pipe.write(written(0) + written(1))
        pipe.flush()
        until(lambda: stored(kevents) == 2)
        pipe.write(written(2) + b'{"kind":"Event" oops\n' + written(3))
        pipe.close()
        assert importer.ended() == 3
    assert "line 4" in importer.said
    assert stored(kevents) == 4


def test_a_dump_through_a_pipe_is_all_or_nothing_as_a_file_is(kevents: Commands) -> None:
    items = ",".join(written(number).decode() for number in range(3))
    dump = f'{{"apiVersion":"v1","kind":"List","items":[{items}]}}'
    command = [sys.executable, "-m", "kevents", "import", "-", "-o", "json"]
    ended = subprocess.run(command, input=dump.encode(), env=kevents.environment, capture_output=True, check=True)
    (told,) = json.loads(ended.stdout)
    assert (told["events"], told["new"]) == (3, 3)
