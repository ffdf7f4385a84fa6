"""`kevents describe` over a store alone: whole command lines, read line by line, and what real dumps must tell."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from kevents.cli.main import main
from kevents.cli.terminal import Terminal
from tests.screen import Screen, run

# by hand, from shared/dumps/public/capture-rollout.yaml: what brought about what
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
    def of(*events: dict) -> dict[str, str]:
        dump = tmp_path / "dump.json"
        dump.write_text(json.dumps({"kind": "List", "items": list(events)}))
        env = {"KEVENTS_STORE": str(tmp_path / "store"), "HOME": str(tmp_path)}
        assert run("import", str(dump), env=env).status == 0
        return env

    return of


def describe(env: dict[str, str], *words: str) -> Screen:
    return run("describe", *words, "--offline", "--utc", "--as-of", "2026-11-20T10:00", env=env)


def real(shared: Path, tmp_path: Path, dump: str) -> dict[str, str]:
    env = {"KEVENTS_STORE": str(tmp_path / "store"), "HOME": str(tmp_path)}
    assert run("import", str(shared / "dumps" / "public" / dump), env=env).status == 0
    return env


def test_the_events_are_a_section_of_kubectl_describe(store):
    env = store(
        event("Started", 10), event("BackOff", 50, type="Warning", count=12, firstTimestamp="2026-11-20T09:11:00Z")
    )
    assert describe(env, "pod/web-1").shown == (
        "Events:\n"
        "  Type     Reason   Age                 From     Message\n"
        "  ----     ------   ----                ----     -------\n"
        "  Normal   Started  50m                 kubelet  spec.containers{app}: started\n"
        "  Warning  BackOff  10m (x12 over 49m)  kubelet  spec.containers{app}: backoff\n"
    )


def test_the_history_is_a_paragraph_and_a_table(store):
    env = store(
        event("Started", 10), event("BackOff", 50, type="Warning", count=40, firstTimestamp="2026-11-20T09:11:00Z")
    )
    assert describe(env, "pod/web-1", "--history").shown == (
        "Pod shop/web-1 of cluster default: "
        "seen from 2026-11-20 09:10:00Z to 09:50:00Z (40m), 2 events, 41 occurrences. "
        "Started. Worst: BackOff (error), 40 times, last at 2026-11-20 09:50:00Z.\n"
        "\n"
        "TIME       SEVERITY   REASON    TIMES   UNTIL      RATE   MESSAGE\n"
        "09:10:00   info       Started       1   -             -   started\n"
        "09:11:00   error      BackOff      40   09:50:00    1/m   backoff\n"
    )


def test_a_rollout_is_told_in_order_of_cause(shared: Path, tmp_path: Path):
    env = real(shared, tmp_path, "capture-rollout.yaml")
    rows = json.loads(run("describe", "deploy/px", "--history", "--family", "--offline", "-o", "json", env=env).shown)
    told = [f"{'  ' * row['depth']}{row['object']} {row['reason']} {row['message']}" for row in rows]
    assert told == ROLLOUT.splitlines()
    shown = run("describe", "deploy/px", "--history", "--family", "--offline", env=env).shown
    assert "19 events of 1 Deployment, 2 ReplicaSets, 4 Pods" in shown
    assert "  SuccessfulCreate      ReplicaSet/px-5d567cc74c " in shown


@pytest.mark.parametrize("form", ["json", "jsonl", "yaml", "csv", "tsv", "markdown", "wide"])
@pytest.mark.parametrize("flags", [(), ("--history",), ("--family",)])
def test_every_format_writes_it(form, flags, store):
    shown = describe(store(event("Started", 10)), "pod/web-1", "-o", form, *flags)
    assert shown.status == 0
    assert "started" in shown.shown


def test_json_without_history_is_the_events_themselves(store):
    shown = json.loads(describe(store(event("Started", 10)), "pod", "web-1", "-o", "json").shown)
    assert [(item["kind"], item["message"]) for item in shown["items"]] == [("Event", "started")]


def test_a_window_without_events_is_answered_and_explained(store):
    env = store(event("Started", 10))
    shown = describe(env, "pod/web-1", "--since", "5m")
    assert (shown.status, shown.shown) == (0, "Events:  <none>\n")
    assert "Pod shop/web-1 has no such events: without --since and other filters there are some." in shown.said
    assert describe(env, "pod/web-1", "--history", "--since", "5m").shown == ""


def test_an_unknown_name_is_a_sentence_with_the_nearest(store):
    shown = describe(store(event("Started", 10)), "pod/web-2")
    assert (shown.status, shown.shown) == (5, "")
    assert shown.said == "kevents: the store knows no event of pod/web-2\n  Near it are pod/web-1 in shop.\n"


def test_an_empty_store_knows_nothing_and_says_so(store):
    shown = describe(store(), "pod/web-1")
    assert shown.status in {4, 5}
    assert "Traceback" not in shown.said


def test_hostile_text_and_names_reach_no_terminal(store):
    reference = {"kind": "Pod", "name": "web\x1b[2J", "namespace": "shop"}
    env = store(event("Bad\x1b[31m", 10, message="\x1b]0;owned\x07\n\u202e", involvedObject=reference))
    for flags in ((), ("--history",), ("--family",)):
        shown = describe(env, "pod", "web\x1b[2J", *flags)
        assert shown.status == 0
        assert not set("\x1b\x07\u202e") & set(shown.shown + shown.said)


@pytest.mark.parametrize("columns", [60, 80])
def test_it_fits_narrow_terminals(columns, store):
    class Tty(io.TextIOWrapper):
        def isatty(self) -> bool:
            return True

    env = store(*(event(f"Reason{n}", 10 + n, count=n + 1, message="word " * 30) for n in range(5)))
    env |= {"NO_COLOR": "1", "PAGER": "", "KEVENTS_PAGER": ""}
    shown, said = Tty(io.BytesIO(), encoding="utf-8"), io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    terminal = Terminal(io.TextIOWrapper(io.BytesIO()), shown, said, env, columns)
    assert main(["describe", "pod/web-1", "--history", "--offline", "--utc"], terminal) == 0
    shown.flush()
    lines = shown.buffer.getvalue().decode().splitlines()
    assert lines
    assert max(map(len, lines)) <= columns
