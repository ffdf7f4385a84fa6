"""Responses of a real API server, replayed byte for byte, and a real client for the scripted server."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from kevents.event import raw
from kevents.source.cluster.client import Kube
from kevents.source.cluster.errors import ClusterError, parse_status, response_error
from kevents.source.cluster.updates import Cause, Heartbeat, ListDone, Observations
from tests.server import Etcd, Server, faults
from tests.server.server import Fault
from tests.source.cluster.watching import CLOCK, kube_of, watch


def captured(shared: Path, name: str) -> Fault:
    directory = shared / "wire"
    body = next(directory.glob(f"{name}.*json"))
    return faults.replays((directory / f"{name}.headers").read_bytes(), body.read_bytes())


def test_two_pages_and_a_watch_of_75_seconds_are_received_completely(shared: Path, server: Server, kube: Kube) -> None:
    lines = [json.loads(line) for line in (shared / "wire" / "watch.ndjson").read_bytes().splitlines()]
    watched = [line["object"]["metadata"] for line in lines if line["type"] != "DELETED"]
    pages = [json.loads((shared / "wire" / f"list-{page}.json").read_bytes()) for page in (1, 2)]
    pages[1]["metadata"].pop("continue")  # there was a third page
    last_page = faults.replays(b"HTTP/1.1 200 OK\nContent-Type: application/json", json.dumps(pages[1]).encode())
    server.script(captured(shared, "list-1"), last_page, when="list")
    server.script(captured(shared, "watch"), when="watch")
    seen = watch(kube, lambda s: len(s.of(Heartbeat)) >= 1)
    listed = [item["metadata"]["resourceVersion"] for page in pages for item in page["items"]]
    versions = [str(observation.resource_version) for observation in seen.observations]
    assert versions == listed + [metadata["resourceVersion"] for metadata in watched]
    assert server.requests("watch")[0].request.query["resourceVersion"] == "106619"
    assert seen.counts == {"deletions": len(lines) - len(watched)}
    assert seen.of(ListDone)[0].items == 120


def test_documents_of_list_and_watch_can_be_read_by_the_fast_path(shared: Path, server: Server, kube: Kube) -> None:
    server.script(captured(shared, "list-1"), when="list")
    server.script(captured(shared, "watch"), when="watch")
    documents: list[bytes] = []
    seen = watch(kube, lambda s: len(s.observations) > 60)
    for observation in seen.of(Observations):
        documents.extend(observation.documents)
    table = raw.parse_plain(b"\n".join(documents))
    assert table is not None
    assert len(table) == len(documents)


@pytest.mark.parametrize(
    ("name", "code", "cause", "message"),
    [
        ("error-401", 401, Cause.CREDENTIALS, "Unauthorized"),
        ("error-403", 403, Cause.FORBIDDEN, 'User "nobody" cannot list resource "events"'),
        ("error-410-continue", 410, Cause.EXPIRED, "too old to display a consistent list"),
    ],
)
def test_real_errors_are_recognized(shared: Path, name: str, code: int, cause: Cause, message: str) -> None:
    body = (shared / "wire" / f"{name}.json").read_bytes()
    assert parse_status(body)
    error = response_error(code, {}, body, "list events in all namespaces", CLOCK.now())
    assert isinstance(error, ClusterError)
    assert error.cause == cause
    assert message in str(error)


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
def test_kubectl_accepts_the_scripted_server(server: Server, etcd: Etcd, tmp_path: Path) -> None:
    kube_of(server, tmp_path)
    etcd.add(7)
    etcd.add(2, "shop", message="two")

    def kubectl(*arguments: str) -> str:
        command = ["kubectl", "--kubeconfig", str(tmp_path / "kubeconfig"), "--cache-dir", str(tmp_path / "cache")]
        process = subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=30, check=False)
        assert process.returncode == 0, process.stderr
        return process.stdout

    listed = json.loads(kubectl("get", "events", "-A", "-o", "json", "--chunk-size=4"))
    names = {item["metadata"]["name"] for item in listed["items"]}
    assert names == {version.name for version in etcd.ledger}
    assert {logged.request.query.get("limit") for logged in server.requests("list")} == {"4"}
    assert "two" in kubectl("get", "events", "-n", "shop", "-o", "jsonpath={.items[*].message}")
