"""What the reports must show first for real dumps. The expectations come from reading the dumps."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.screen import Screen, run

OUT_OF_MEMORY = "Node/ip-172-31-13-4.us-east-2.compute.internal"
REMOVED = {"Node/ip-172-31-38-82.us-east-2.compute.internal", "Node/ip-172-31-2-49.us-east-2.compute.internal"}
UNMOUNTED = "Pod/troubleshoot-copyfromhost-4m79m-psdjm"
UNPULLED = "Pod/no-image-deployment-849c4c4958-rxqmt"
CRASHING = {"Pod/crash-loop-app-67586446fc-6fgz5", "Pod/crash-loop-app-67586446fc-2w49s"}


@dataclass(frozen=True)
class Expected:
    """What each command must show first. The rows of a set can be in any order.

    overview: object, severity and reason, or only the object. patterns: reason, count and objects. images: image,
    pulls, cached, failed and back-offs. around: the event that the timeline centers on. timeline: offset in seconds,
    object and reason of some rows, in this order. describe: the object, parts of the summary, and all reasons.
    """

    overview: tuple[object, ...]
    patterns: tuple[object, ...]
    images: tuple[tuple[str, int, int, int, int], ...]
    around: str
    timeline: tuple[tuple[int, str, str], ...]
    describe: tuple[str, tuple[str, ...], tuple[str, ...]]


EXPECTED = {
    # Three nodes are drained, become NotReady and are removed at 14:43. The pods cannot be scheduled until 15:08. One
    # of the new nodes runs out of memory at 15:15:54 and is NotReady 48 s later; its pods are evicted at 15:21:48.
    "gke-cluster-info-dump.txt": Expected(
        overview=((OUT_OF_MEMORY, "critical", "NodeNotReady"), REMOVED),
        patterns=(("NodeNotReady", 9, 3), ("BackOff", 5, 1), ("FailedCreatePodSandBox", 6, 4)),
        images=(("gcr.io/speedscale/goproxy:v1.0.130", 15, 0, 0, 0),),
        around=f"NodeNotReady on {OUT_OF_MEMORY} (critical)",
        timeline=(
            (-463, OUT_OF_MEMORY, "NodeReady"),
            (-48, OUT_OF_MEMORY, "SystemOOM"),
            (0, OUT_OF_MEMORY, "NodeNotReady"),
            (306, "Pod/accounts-db-0", "TaintManagerEviction"),
        ),
        describe=(
            "pod/accounts-db-0",
            (
                "13 events, 39 occurrences, 2 incarnations. Incarnation 1: stopped. Incarnation 2: scheduled to",
                "after 27m47.",  # 15:08:59 after 14:41:12
                "image pulled in 31.8s",
            ),
            (
                *(
                    "(incarnation 1 of 2)",
                    "Killing",
                    "(incarnation 2 of 2)",
                    "TaintManagerEviction x5",
                    "FailedScheduling x2",
                ),
                *("FailedScheduling x6", "FailedScheduling x17", "Scheduled", "FailedCreatePodSandBox"),
                *("SandboxChanged", "Pulling", "Pulled", "Created", "Started", "NodeNotReady"),
            ),
        ),
    ),
    # Crash loops on two of the nodes until the end of the dump. The first pods started before the network was up.
    "k3s-cluster-info-dump.txt": Expected(
        overview=({"Pod/kube-vip-f96xr", "Pod/kube-vip-slgmj"},),
        patterns=(("BackOff", 186, 2), ("FailedCreatePodSandBox", 12, 2)),
        images=(("ghcr.io/kube-vip/kube-vip:v0.4.0", 3, 9, 0, 0),),
        around="BackOff on Pod/kube-vip-f96xr (error)",
        timeline=((-28, "Pod/kube-vip-slgmj", "BackOff"), (0, "Pod/kube-vip-f96xr", "BackOff")),
        describe=(
            "pod/kube-vip-slgmj",
            (
                *("Scheduled to k8s-4", "image pulled in 2.7s"),
                "Worst: BackOff (error), 94 times, last at 2021-12-11 06:42:32Z.",
            ),
            ("Scheduled", "Pulling", "Pulled", "Created x5", "Started x5", "Pulled x4", "BackOff x94"),
        ),
    ),
    # 287 failed mounts up to the last second. The 1,464 restarts of init-demo2 ended 28 minutes earlier, the 1,235
    # failed pulls of six pods 11 minutes earlier.
    "failed-mount.json": Expected(
        overview=((UNMOUNTED, "error", "FailedMount"), ("Pod/init-demo2", "error", "BackOff")),
        patterns=(("FailedMount", 109, 1), ("FailedMount", 178, 1), ("BackOff", 1235, 6)),
        images=(("noimage.com/no-such-image", 0, 0, 12, 1235), ("busybox", 4, 0, 0, 0)),
        around=f"FailedMount on {UNMOUNTED} (error)",
        timeline=((-257, UNMOUNTED, "FailedMount"), (-85, "Pod/init-demo2", "BackOff"), (0, UNMOUNTED, "FailedMount")),
        describe=(
            UNMOUNTED,
            (
                "(5h50m), 2 events, 287 occurrences.",
                "Worst: FailedMount (error), 287 times, last at 2023-07-10 05:43:47Z.",
            ),
            ("FailedMount x178", "FailedMount x109"),
        ),
    ),
    # an image that cannot be pulled, up to the last second; a job that failed 52 minutes earlier
    "image-pull-fail.json": Expected(
        overview=((UNPULLED, "error", "Failed"), ("Job/oom-kill-job3", "error", "BackoffLimitExceeded")),
        patterns=({("BackOff", 5, 1), ("Failed", 5, 1)}, ("Failed", 4, 1), ("Failed", 4, 1)),
        images=(
            ("noimage.com/no-such-image", 0, 0, 4, 5),
            ("us-central1-docker.pkg.dev/genuine-flight-317411/devel/memory-eater:1.0", 1, 0, 0, 0),
        ),
        around=f"Failed on {UNPULLED} (error)",
        timeline=(
            (-2, "Deployment/no-image-deployment", "ScalingReplicaSet"),
            (-2, "ReplicaSet/no-image-deployment-849c4c4958", "SuccessfulCreate"),
            (-1, UNPULLED, "Pulling"),
            (0, UNPULLED, "Failed"),
        ),
        describe=(
            UNPULLED,
            ("Scheduled to minikube", "Worst: Failed (error), 13 times, last at 2023-07-11 05:36:25Z."),
            ("Scheduled", "Pulling x4", "Failed x4", "Failed x4", "BackOff x5", "Failed x5"),
        ),
    ),
    # An init container restarted 111 times until 5 minutes before the end; another one starts to. The 814 failed mounts
    # ended 29 minutes before the end.
    "pod-init-crashloop.json": Expected(
        overview=(("Pod/init-demo", "error", "BackOff"),),
        patterns=(("BackOff", 112, 2), ("Failed", 7, 2), ("FailedMount", 490, 1), ("FailedMount", 324, 1)),
        images=(("nginx", 5, 0, 0, 0), ("busybox:1.28", 0, 2, 0, 0)),
        around="BackOff on Pod/init-demo2 (error)",
        timeline=(
            (-7, "Pod/init-demo2", "Scheduled"),
            (-7, "Pod/init-demo2", "Failed"),
            (0, "Pod/init-demo2", "BackOff"),
        ),
        describe=(
            "pod/init-demo",
            ("(25m), 10 events, 132 occurrences.", "image pulled in 2.6s", "Worst: BackOff (error), 111 times"),
            (
                *("Scheduled", "Pulling x5", "Pulled", "Created x5", "Failed x5", "Pulled", "Pulled", "BackOff x111"),
                *("Pulled", "Pulled"),
            ),
        ),
    ),
    # two pods of one deployment; only the starts of pulls are left, without results
    "test-crash.json": Expected(
        overview=(CRASHING,),
        patterns=(("BackOff", 630, 2),),
        images=(),
        around="BackOff on Pod/crash-loop-app-67586446fc-2w49s (error)",
        timeline=(
            (-15, "Pod/crash-loop-app-67586446fc-6fgz5", "Pulling"),
            (0, "Pod/crash-loop-app-67586446fc-2w49s", "BackOff"),
        ),
        describe=(
            "pod/crash-loop-app-67586446fc-6fgz5",
            ("2 events, 341 occurrences.", "Worst: BackOff (error), 318 times, last at 2025-08-10 02:06:13Z."),
            ("Pulling x23", "BackOff x318"),
        ),
    ),
}

Run = Callable[..., Screen]


@pytest.fixture(scope="module", params=EXPECTED)
def dump(request: pytest.FixtureRequest, shared: Path, tmp_path_factory) -> Iterator[tuple[Expected, Run]]:
    """What is expected for a dump, and a function that runs commands on a store of the dump as of its newest event."""
    directory = tmp_path_factory.mktemp("dump")
    env = {"KEVENTS_STORE": str(directory / "store"), "HOME": str(directory)}
    assert run("import", str(shared / "dumps" / "public" / request.param), env=env).status == 0
    yield EXPECTED[request.param], lambda *words: run(*words, "--as-of", "last", "--utc", env=env)
    shutil.rmtree(directory)


def rows(run_command: Run, command: str) -> list[dict[str, Any]]:
    finished = run_command(command, "-o", "json")
    assert finished.status == 0, finished.err
    answer: list[dict[str, Any]] = json.loads(finished.out)
    return answer


def starts_with(values: list[Any], expected: tuple[object, ...]) -> bool:
    """Whether the values start as expected; the values of a set can be in any order."""
    for item in expected:
        size = len(item) if isinstance(item, set) else 1
        front, values = values[:size], values[size:]
        if (set(front) if isinstance(item, set) else front) != (item if isinstance(item, set) else [item]):
            return False
    return True


def test_overview_shows_ongoing_problems_first(dump: tuple[Expected, Run]):
    expected, run_command = dump
    overview = rows(run_command, "overview")
    objects = tuple(item if isinstance(item, set) else item[0] for item in expected.overview)  # type: ignore[index]
    assert starts_with([row["object"] for row in overview], objects)
    details = [item for item in expected.overview if isinstance(item, tuple)]
    assert details == [(row["object"], row["severity"], row["reason"]) for row in overview[: len(details)]]


def test_patterns_shows_the_main_problem_first(dump: tuple[Expected, Run]):
    expected, run_command = dump
    patterns = [(row["reason"], row["count"], row["objects"]) for row in rows(run_command, "patterns")]
    assert starts_with(patterns, expected.patterns), patterns[:5]


def test_images_shows_failing_images_first_then_those_with_most_pulls(dump: tuple[Expected, Run]):
    expected, run_command = dump
    names = ("image", "pulls", "cached", "failed", "backoff")
    images = [tuple(row[name] for name in names) for row in rows(run_command, "images")]
    assert images[: len(expected.images)] == list(expected.images)
    assert bool(images) == bool(expected.images)


def test_the_timeline_centers_on_the_worst_event_and_shows_what_led_to_it(dump: tuple[Expected, Run]):
    expected, run_command = dump
    heading = run_command("timeline").out.splitlines()[0]
    assert f": start of {expected.around}, the worst event found." in heading
    timeline = iter([(round(row["offset"]), row["object"], row["reason"]) for row in rows(run_command, "timeline")])
    assert [row for row in expected.timeline if row not in timeline] == []  # in this order


def test_describe_summarizes_the_history_of_an_object(dump: tuple[Expected, Run]):
    expected, run_command = dump
    subject, sentences, reasons = expected.describe
    summary, _, table = run_command("describe", subject, "--history", "--offline").out.partition("\n\n")
    assert [sentence for sentence in sentences if sentence not in summary] == []
    header, *lines = table.splitlines()
    starts = [header.index(label) for label in ("REASON", "TIMES", "UNTIL")]
    cells = [(line[starts[0] : starts[1]].strip(), line[starts[1] : starts[2]].strip()) for line in lines]
    assert tuple(f"{reason} x{times}" if times not in {"-", "1"} else reason for reason, times in cells) == reasons
