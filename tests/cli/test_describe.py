"""`kevents describe` on a store, also on real dumps."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from kevents.cli.main import main
from kevents.cli.terminal import Terminal
from tests.screen import Screen, run

# written by hand from shared/dumps/public/capture-rollout.yaml: effects are indented below their cause
ROLLOUT = """\
Deployment/px ScalingReplicaSet Scaled up replica set px-5d567cc74c to 1
  ReplicaSet/px-5d567cc74c SuccessfulCreate Created pod: px-5d567cc74c-ss4lb
    Pod/px-5d567cc74c-ss4lb Scheduled Successfully assigned default/px-5d567cc74c-ss4lb to kind-control-plane
    Pod/px-5d567cc74c-ss4lb Pulling Pulling image "ghcr.io/stefanprodan/podinfo:5.0.0"
    Pod/px-5d567cc74c-ss4lb Pulled Successfully pulled image "ghcr.io/stefanprodan/podinfo:5.0.0" in 5.870196872s
    Pod/px-5d567cc74c-ss4lb Created Created container podinfo
    Pod/px-5d567cc74c-ss4lb Started Started container podinfo
Deployment/px ScalingReplicaSet Scaled down replica set px-7df978b9bf to 1
  ReplicaSet/px-7df978b9bf SuccessfulDelete Deleted pod: px-7df978b9bf-jm22q
    Pod/px-7df978b9bf-jm22q Killing Stopping container podinfo
Deployment/px ScalingReplicaSet Scaled up replica set px-5d567cc74c to 2
  ReplicaSet/px-5d567cc74c SuccessfulCreate Created pod: px-5d567cc74c-pmvzr
    Pod/px-5d567cc74c-pmvzr Scheduled Successfully assigned default/px-5d567cc74c-pmvzr to kind-control-plane
    Pod/px-5d567cc74c-pmvzr Pulled Container image "ghcr.io/stefanprodan/podinfo:5.0.0" already present on machine
    Pod/px-5d567cc74c-pmvzr Created Created container podinfo
    Pod/px-5d567cc74c-pmvzr Started Started container podinfo
Deployment/px ScalingReplicaSet Scaled down replica set px-7df978b9bf to 0
  ReplicaSet/px-7df978b9bf SuccessfulDelete Deleted pod: px-7df978b9bf-bfdrj
    Pod/px-7df978b9bf-bfdrj Killing Stopping container podinfo
"""


def event(reason: str, minute: int, **fields) -> dict:
    stamp = f"2026-11-20T09:{minute:02}:00Z"
    return {
        "kind": "Event",
        "metadata": {
            "name": f"web-1.{reason}",
            "namespace": "shop",
            "uid": f"00000000-0000-4000-8000-0000000000{minute:02}",
        },
        "involvedObject": {"kind": "Pod", "name": "web-1", "namespace": "shop", "fieldPath": "spec.containers{app}"},
        "source": {"component": "kubelet"},
        "type": "Normal",
        "reason": reason,
        "message": reason.lower(),
        "count": 1,
        "firstTimestamp": stamp,
        "lastTimestamp": stamp,
    } | fields


@pytest.fixture
def store(tmp_path: Path):
    """Imports events into a store and returns an environment that selects it."""

    def import_events(*events: dict) -> dict[str, str]:
        dump = tmp_path / "dump.json"
        dump.write_text(json.dumps({"kind": "List", "items": list(events)}))
        env = {"KEVENTS_STORE": str(tmp_path / "store"), "HOME": str(tmp_path)}
        assert run("import", str(dump), env=env).status == 0
        return env

    return import_events


def describe(env: dict[str, str], *words: str) -> Screen:
    return run("describe", *words, "--offline", "--utc", "--as-of", "2026-11-20T10:00", env=env)


def real_store(shared: Path, tmp_path: Path, dump: str) -> dict[str, str]:
    env = {"KEVENTS_STORE": str(tmp_path / "store"), "HOME": str(tmp_path)}
    assert run("import", str(shared / "dumps" / "public" / dump), env=env).status == 0
    return env


def test_the_events_are_a_section_of_kubectl_describe(store):
    env = store(
        event("Started", 10), event("BackOff", 50, type="Warning", count=12, firstTimestamp="2026-11-20T09:11:00Z")
    )
    assert describe(env, "pod/web-1").out == (
        "Events:\n"
        "  Type     Reason   Age                 From     Message\n"
        "  ----     ------   ----                ----     -------\n"
        "  Normal   Started  50m                 kubelet  spec.containers{app}: started\n"
        "  Warning  BackOff  10m (x12 over 49m)  kubelet  spec.containers{app}: backoff\n"
    )


def test_the_history_is_a_summary_and_a_table(store):
    env = store(
        event("Started", 10), event("BackOff", 50, type="Warning", count=40, firstTimestamp="2026-11-20T09:11:00Z")
    )
    assert describe(env, "pod/web-1", "--history").out == (
        "Pod shop/web-1 of cluster default: "
        "seen from 2026-11-20 09:10:00Z to 09:50:00Z (40m), 2 events, 41 occurrences. "
        "Started. Worst: BackOff (error), 40 times, last at 2026-11-20 09:50:00Z.\n"
        "\n"
        "TIME       SEVERITY   REASON    TIMES   UNTIL      RATE   MESSAGE\n"
        "09:10:00   info       Started       1   -             -   started\n"
        "09:11:00   error      BackOff      40   09:50:00    1/m   backoff\n"
    )


def test_a_rollout_is_shown_with_causes_first(shared: Path, tmp_path: Path):
    env = real_store(shared, tmp_path, "capture-rollout.yaml")
    rows = json.loads(run("describe", "deploy/px", "--history", "--family", "--offline", "-o", "json", env=env).out)
    tree = [f"{'  ' * row['depth']}{row['object']} {row['reason']} {row['message']}" for row in rows]
    assert tree == ROLLOUT.splitlines()
    output = run("describe", "deploy/px", "--history", "--family", "--offline", env=env).out
    assert "19 events of 1 Deployment, 2 ReplicaSets, 4 Pods" in output
    assert "  SuccessfulCreate      ReplicaSet/px-5d567cc74c " in output


@pytest.mark.parametrize("form", ["json", "jsonl", "yaml", "csv", "tsv", "markdown", "wide"])
@pytest.mark.parametrize("flags", [(), ("--history",), ("--family",)])
def test_every_format_can_be_written(form, flags, store):
    screen = describe(store(event("Started", 10)), "pod/web-1", "-o", form, *flags)
    assert screen.status == 0
    assert "started" in screen.out


def test_json_without_history_is_the_event_documents(store):
    documents = json.loads(describe(store(event("Started", 10)), "pod", "web-1", "-o", "json").out)
    assert [(item["kind"], item["message"]) for item in documents["items"]] == [("Event", "started")]


def test_a_window_without_events_is_explained(store):
    env = store(event("Started", 10))
    screen = describe(env, "pod/web-1", "--since", "5m")
    assert (screen.status, screen.out) == (0, "Events:  <none>\n")
    assert "Pod shop/web-1 has no matching events, but has some without --since and other filters." in screen.err
    assert describe(env, "pod/web-1", "--history", "--since", "5m").out == ""


def test_an_unknown_name_is_an_error_with_a_similar_name(store):
    screen = describe(store(event("Started", 10)), "pod/web-2")
    assert (screen.status, screen.out) == (5, "")
    assert screen.err == "kevents: no events for pod/web-2 in the store\n  Similar: pod/web-1 in shop.\n"


def test_an_object_in_an_empty_store_is_unknown(store):
    screen = describe(store(), "pod/web-1")
    assert screen.status in {4, 5}
    assert "Traceback" not in screen.err


def test_hostile_text_and_names_are_escaped(store):
    reference = {"kind": "Pod", "name": "web\x1b[2J", "namespace": "shop"}
    env = store(event("Bad\x1b[31m", 10, message="\x1b]0;owned\x07\n\u202e", involvedObject=reference))
    for flags in ((), ("--history",), ("--family",)):
        screen = describe(env, "pod", "web\x1b[2J", *flags)
        assert screen.status == 0
        assert not set("\x1b\x07\u202e") & set(screen.out + screen.err)


@pytest.mark.parametrize("columns", [60, 80])
def test_the_history_fits_narrow_terminals(columns, store):
    class Tty(io.TextIOWrapper):
        def isatty(self) -> bool:
            return True

    env = store(*(event(f"Reason{n}", 10 + n, count=n + 1, message="word " * 30) for n in range(5)))
    env |= {"NO_COLOR": "1", "PAGER": "", "KEVENTS_PAGER": ""}
    stdout, stderr = Tty(io.BytesIO(), encoding="utf-8"), io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    terminal = Terminal(io.TextIOWrapper(io.BytesIO()), stdout, stderr, env, columns)
    assert main(["describe", "pod/web-1", "--history", "--offline", "--utc"], terminal) == 0
    stdout.flush()
    lines = stdout.buffer.getvalue().decode().splitlines()
    assert lines
    assert max(map(len, lines)) <= columns
