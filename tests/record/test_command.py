"""`kevents record` as a process: signals, kills, and a second recorder of the same cluster."""

from __future__ import annotations

import json
import os
import random
import signal
import threading
import time
from pathlib import Path

from tests.record.process import Commands, until
from tests.record.recording import stored_versions
from tests.server import Etcd, Server, faults

_KILLS = int(os.environ.get("KEVENTS_KILLS", "4"))


class Load:
    """Adds and updates events continuously until the end of the with block."""

    def __init__(self, etcd: Etcd, pause: float = 0.01) -> None:
        self._etcd, self._pause = etcd, pause
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        while not self._stop.wait(self._pause):
            (name, *_) = self._etcd.add(3)
            self._etcd.update(name)

    def __enter__(self) -> Load:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def test_sigterm_stops_it_within_5_seconds_with_a_sealed_journal(kevents: Commands, etcd: Etcd, server: Server) -> None:
    etcd.add(700)
    with kevents.run("record", "-A") as recorder:
        until(lambda: bool(server.requests("watch")))
        with Load(etcd):
            time.sleep(0.5)
        until(lambda: (kevents.store / "journal").is_dir() and len(stored_versions(kevents.store)) == len(etcd.ledger))
        start = time.monotonic()
        recorder.send(signal.SIGTERM)
        assert recorder.ended() == 0
        assert time.monotonic() - start < 5
    assert stored_versions(kevents.store) == etcd.ledger
    assert list(kevents.store.glob("journal/*/*.ndjson")) == []
    assert "recording all namespaces of cluster prod as ann at http" in recorder.err
    assert f"recorded {len(etcd.ledger):,} events" in recorder.err
    (status,) = json.loads(kevents.answer("status", "-o", "json"))
    assert (status["state"], status["events"], status["gaps"]) == ("stopped", len(etcd.ledger), 0)


def test_other_commands_see_an_event_within_2_seconds(kevents: Commands, etcd: Etcd, server: Server) -> None:
    with kevents.run("record", "-A") as recorder:
        until(lambda: bool(server.requests("watch")))
        time.sleep(0.2)
        etcd.add(1, reason="JustNow")
        time.sleep(0.5)
        assert "JustNow" in kevents.answer("list")
        (status,) = json.loads(kevents.answer("status", "-o", "json"))
        assert (status["state"], status["pid"]) == ("watching", recorder.process.pid)
        recorder.send(signal.SIGINT)
        assert recorder.ended() == 0


def test_a_second_recorder_of_a_cluster_is_refused_with_the_pid_of_the_first(
    kevents: Commands, etcd: Etcd, server: Server
) -> None:
    with kevents.run("record", "-A") as first:
        until(lambda: bool(server.requests("watch")))
        with kevents.run("record", "-A") as second:
            assert second.ended() == 4
        assert f"process {first.process.pid} is already recording cluster prod" in second.err


def test_a_second_signal_stops_it_immediately(kevents: Commands, server: Server) -> None:
    server.script(faults.silent(), when="list")
    with kevents.run("record", "-A") as recorder:
        until(lambda: bool(server.requests("list")))
        recorder.send(signal.SIGINT)
        recorder.send(signal.SIGINT)
        assert recorder.ended(5) in (0, 130)


def test_ctrl_c_stops_it_while_it_waits_for_a_throttling_server(kevents: Commands, server: Server) -> None:
    server.script(*[faults.status(429, "TooManyRequests", headers={"Retry-After": "3600"})] * 3, when="list")
    with kevents.run("record", "-A") as recorder:
        until(lambda: "trying again in 1m" in recorder.err)
        recorder.send(signal.SIGINT)
        assert recorder.ended(5) == 0


def test_a_duration_that_ends_before_a_list_is_not_a_success(kevents: Commands, server: Server) -> None:
    server.script(*[faults.status(503, "ServiceUnavailable")] * 60, when="list")
    with kevents.run("record", "-A", "--duration", "2s") as recorder:
        assert recorder.ended(30) == 3
    assert (
        "recorded nothing: stopped before the first list of all namespaces was complete; last error: " in recorder.err
    )
    assert "everything is stored" not in recorder.err


def test_once_that_is_stopped_before_its_list_is_not_a_success(kevents: Commands, server: Server, etcd: Etcd) -> None:
    etcd.add(1, "shop")
    server.script(*[faults.silent()] * 2, when=lambda request: request.namespace == "other")
    with kevents.run("record", "--once", "-n", "shop", "-n", "other") as recorder:
        until(lambda: "listed 1 events in namespace shop" in recorder.err)
        recorder.send(signal.SIGTERM)
        assert recorder.ended(30) == 3
    assert "recorded only 1 event: stopped before the first list of namespace other was complete" in recorder.err
    assert len(stored_versions(kevents.store)) == 1


def test_a_missing_permission_is_reported_with_verb_and_resource(kevents: Commands, server: Server) -> None:
    server.script(faults.status(403, "Forbidden"), when="list")
    with kevents.run("record") as recorder:
        assert recorder.ended() == 3
    assert "not allowed to list events in namespace shop (403)" in recorder.err
    assert "--print-rbac" in recorder.err


def test_namespaces_come_from_the_context_or_the_flags(kevents: Commands, etcd: Etcd) -> None:
    for namespace in ("shop", "payments", "other"):
        etcd.add(2, namespace)
    assert kevents.answer("record", "--once") == ""
    assert {version.namespace for version in stored_versions(kevents.store)} == {"shop"}
    kevents.answer("record", "--once", "-n", "payments", "-n", "shop")
    assert {version.namespace for version in stored_versions(kevents.store)} == {"shop", "payments"}
    kevents.answer("record", "--once", "-A")
    assert stored_versions(kevents.store) == etcd.ledger


def test_log_lines_are_json_on_request(kevents: Commands, etcd: Etcd) -> None:
    etcd.add(2)
    with kevents.run("record", "-A", "--once", "--log-format", "json") as recorder:
        assert recorder.ended() == 0
    log = [json.loads(line) for line in recorder.err.splitlines()]
    assert [line["event"] for line in log] == ["start", "listed", "end"]


def test_the_printed_role_allows_list_and_watch_on_events(kevents: Commands) -> None:
    import yaml

    role = yaml.safe_load(kevents.answer("record", "--print-rbac"))
    assert role["rules"] == [{"apiGroups": [""], "resources": ["events"], "verbs": ["list", "watch"]}]


def test_the_printed_roles_of_namespaces_are_bound(kevents: Commands) -> None:
    import yaml

    printed = kevents.answer("record", "--print-rbac", "-n", "shop", "-n", "on")
    objects = list(yaml.safe_load_all(printed))
    assert [(each["kind"], each["metadata"]["namespace"]) for each in objects] == [
        ("Role", "shop"), ("RoleBinding", "shop"), ("Role", "on"), ("RoleBinding", "on"),
    ]  # fmt: skip
    for role, binding in zip(objects[::2], objects[1::2], strict=True):
        assert role["rules"] == [{"apiGroups": [""], "resources": ["events"], "verbs": ["list", "watch"]}]
        assert (binding["roleRef"]["kind"], binding["roleRef"]["name"]) == ("Role", role["metadata"]["name"])
        assert binding["subjects"]
    assert yaml.safe_load(kevents.answer("record", "-A", "--print-rbac"))["kind"] == "ClusterRole"


def test_it_runs_without_duckdb_and_pyarrow(kevents: Commands, server: Server) -> None:
    with kevents.run("record", "-A") as recorder:
        until(lambda: bool(server.requests("watch")))
        maps = Path(f"/proc/{recorder.process.pid}/maps").read_text()
    assert "duckdb" not in maps
    assert "pyarrow" not in maps


def test_a_killed_recorder_loses_no_event_and_stores_none_twice(kevents: Commands, etcd: Etcd, server: Server) -> None:
    chance = random.Random(7)
    etcd.add(50)
    kevents.answer("record", "-A", "--duration", "1s")  # after its checkpoint, every update must be recorded
    with Load(etcd):
        for _ in range(_KILLS):
            watches = len(server.requests("watch"))
            with kevents.run("record", "-A") as recorder:
                if chance.random() < 0.8:
                    until(lambda watches=watches: len(server.requests("watch")) > watches)
                time.sleep(chance.random() * 0.6)
                recorder.send(signal.SIGKILL)
                recorder.ended()
    with kevents.run("record", "-A") as recorder:
        until(lambda: (kevents.store / "journal").is_dir() and len(stored_versions(kevents.store)) >= len(etcd.ledger))
        recorder.send(signal.SIGTERM)
        assert recorder.ended() == 0
    assert stored_versions(kevents.store) == etcd.ledger


def test_coverage_shows_both_runs_and_the_gap_between_them(kevents: Commands, etcd: Etcd, server: Server) -> None:
    for _ in range(2):
        watches = len(server.requests("watch"))
        with kevents.run("record", "-A") as recorder:
            until(lambda watches=watches: len(server.requests("watch")) > watches)
            for _ in range(2):
                etcd.add(1)
                time.sleep(0.4)
            recorder.send(signal.SIGTERM)
            assert recorder.ended() == 0
    spans = json.loads(kevents.answer("coverage", "-o", "json"))
    assert [(span["state"], span["cause"], span["recovered"]) for span in spans] == [
        ("watched", None, None),
        ("gap", "stopped", "all"),
        ("watched", None, None),
    ]
    assert all(span["cluster"] == "prod" and span["scope"] == "all namespaces" for span in spans)


def test_events_that_are_recorded_and_imported_at_the_same_time_are_stored_once(
    kevents: Commands, etcd: Etcd, server: Server, tmp_path: Path
) -> None:
    names = etcd.add(40)
    with kevents.run("record", "-A") as recorder:
        until(lambda: bool(server.requests("watch")))
        for number in range(2):
            etcd.update(names[number])
            until(lambda: stored_versions(kevents.store) == etcd.ledger)
            snapshot = etcd.snapshot()
            assert snapshot is not None
            items = [json.loads(item) for _, item in snapshot[1]]
            (tmp_path / "dump.json").write_text(json.dumps({"kind": "List", "items": items}))
            kevents.answer("import", str(tmp_path / "dump.json"), "--cluster", "prod")
            assert stored_versions(kevents.store) == etcd.ledger
        recorder.send(signal.SIGTERM)
        assert recorder.ended() == 0
    assert stored_versions(kevents.store) == etcd.ledger
