"""What an engineer must see first in real dumps: expectations written from reading the dumps, and what answers them."""

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
GONE = {"Node/ip-172-31-38-82.us-east-2.compute.internal", "Node/ip-172-31-2-49.us-east-2.compute.internal"}
UNMOUNTED = "Pod/troubleshoot-copyfromhost-4m79m-psdjm"
UNPULLED = "Pod/no-image-deployment-849c4c4958-rxqmt"
CRASHING = {"Pod/crash-loop-app-67586446fc-6fgz5", "Pod/crash-loop-app-67586446fc-2w49s"}


@dataclass(frozen=True)
class Expected:
    """What each command must put first; a set stands for rows in any order.

    overview: object, severity and reason, or the object alone. patterns: reason, count and objects. images: image,
    pulls, cached, failed and back-offs. around: the event that a time line is about, told: its offsets in seconds,
    objects and reasons, in this order among others. describe: the object, parts of the paragraph, and the reasons.
    """

    overview: tuple[object, ...]
    patterns: tuple[object, ...]
    images: tuple[tuple[str, int, int, int, int], ...]
    around: str
    told: tuple[tuple[int, str, str], ...]
    describe: tuple[str, tuple[str, ...], tuple[str, ...]]


EXPECTED = {
    # Three nodes are drained, go NotReady and are removed at 14:43, with nowhere to go for the pods until 15:08. Of the
    # new nodes one runs out of memory at 15:15:54, is NotReady 48 s later, and its pods are evicted at 15:21:48.
    "gke-cluster-info-dump.txt": Expected(
        overview=((OUT_OF_MEMORY, "critical", "NodeNotReady"), GONE),
        patterns=(("NodeNotReady", 9, 3), ("BackOff", 5, 1), ("FailedCreatePodSandBox", 6, 4)),
        images=(("gcr.io/speedscale/goproxy:v1.0.130", 15, 0, 0, 0),),
        around=f"NodeNotReady of {OUT_OF_MEMORY} (critical)",
        told=(
            (-463, OUT_OF_MEMORY, "NodeReady"),
            (-48, OUT_OF_MEMORY, "SystemOOM"),
            (0, OUT_OF_MEMORY, "NodeNotReady"),
            (306, "Pod/accounts-db-0", "TaintManagerEviction"),
        ),
        describe=(
            "pod/accounts-db-0",
            (
                "13 events, 39 occurrences, 2 lives. Life 1: stopped. Life 2: scheduled to",
                "after 27m47.",  # 15:08:59 after 14:41:12
                "image pulled in 31.8s",
            ),
            (
                *("(life 1 of 2)", "Killing", "(life 2 of 2)", "TaintManagerEviction x5", "FailedScheduling x2"),
                *("FailedScheduling x6", "FailedScheduling x17", "Scheduled", "FailedCreatePodSandBox"),
                *("SandboxChanged", "Pulling", "Pulled", "Created", "Started", "NodeNotReady"),
            ),
        ),
    ),
    # Crash loops until the end of the dump on two of the nodes. The network was not there yet when the first pods came.
    "k3s-cluster-info-dump.txt": Expected(
        overview=({"Pod/kube-vip-f96xr", "Pod/kube-vip-slgmj"},),
        patterns=(("BackOff", 186, 2), ("FailedCreatePodSandBox", 12, 2)),
        images=(("ghcr.io/kube-vip/kube-vip:v0.4.0", 3, 9, 0, 0),),
        around="BackOff of Pod/kube-vip-f96xr (error)",
        told=((-28, "Pod/kube-vip-slgmj", "BackOff"), (0, "Pod/kube-vip-f96xr", "BackOff")),
        describe=(
            "pod/kube-vip-slgmj",
            (
                *("Scheduled to k8s-4", "image pulled in 2.7s"),
                "Worst: BackOff (error), 94 times, last at 2021-12-11 06:42:32Z.",
            ),
            ("Scheduled", "Pulling", "Pulled", "Created x5", "Started x5", "Pulled x4", "BackOff x94"),
        ),
    ),
    # 287 failed mounts up to the last second. init-demo2's 1,464 restarts ended 28 minutes before, the 1,235 vain pulls
    # of six pods 11 minutes before.
    "failed-mount.json": Expected(
        overview=((UNMOUNTED, "error", "FailedMount"), ("Pod/init-demo2", "error", "BackOff")),
        patterns=(("FailedMount", 109, 1), ("FailedMount", 178, 1), ("BackOff", 1235, 6)),
        images=(("noimage.com/no-such-image", 0, 0, 12, 1235), ("busybox", 4, 0, 0, 0)),
        around=f"FailedMount of {UNMOUNTED} (error)",
        told=((-257, UNMOUNTED, "FailedMount"), (-85, "Pod/init-demo2", "BackOff"), (0, UNMOUNTED, "FailedMount")),
        describe=(
            UNMOUNTED,
            (
                "(5h50m), 2 events, 287 occurrences.",
                "Worst: FailedMount (error), 287 times, last at 2023-07-10 05:43:47Z.",
            ),
            ("FailedMount x178", "FailedMount x109"),
        ),
    ),
    # an image that cannot be pulled, up to the last second; a job that failed 52 minutes before
    "image-pull-fail.json": Expected(
        overview=((UNPULLED, "error", "Failed"), ("Job/oom-kill-job3", "error", "BackoffLimitExceeded")),
        patterns=({("BackOff", 5, 1), ("Failed", 5, 1)}, ("Failed", 4, 1), ("Failed", 4, 1)),
        images=(
            ("noimage.com/no-such-image", 0, 0, 4, 5),
            ("us-central1-docker.pkg.dev/genuine-flight-317411/devel/memory-eater:1.0", 1, 0, 0, 0),
        ),
        around=f"Failed of {UNPULLED} (error)",
        told=(
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
    # An init container that restarted 111 times until 5 minutes before the end, another that begins to. The 814 failed
    # mounts ended 29 minutes before.
    "pod-init-crashloop.json": Expected(
        overview=(("Pod/init-demo", "error", "BackOff"),),
        patterns=(("BackOff", 112, 2), ("Failed", 7, 2), ("FailedMount", 490, 1), ("FailedMount", 324, 1)),
        images=(("nginx", 5, 0, 0, 0), ("busybox:1.28", 0, 2, 0, 0)),
        around="BackOff of Pod/init-demo2 (error)",
        told=(
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
    # two pods of one deployment; of pulls only the beginnings are left, and those have no result
    "test-crash.json": Expected(
        overview=(CRASHING,),
        patterns=(("BackOff", 630, 2),),
        images=(),
        around="BackOff of Pod/crash-loop-app-67586446fc-2w49s (error)",
        told=(
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

Asked = Callable[..., Screen]


@pytest.fixture(scope="module", params=EXPECTED)
def dump(request: pytest.FixtureRequest, shared: Path, tmp_path_factory) -> Iterator[tuple[Expected, Asked]]:
    """What is expected of a dump, and a way to ask a store of it alone as of its newest event."""
    directory = tmp_path_factory.mktemp("dump")
    env = {"KEVENTS_STORE": str(directory / "store"), "HOME": str(directory)}
    assert run("import", str(shared / "dumps" / "public" / request.param), env=env).status == 0
    yield EXPECTED[request.param], lambda *words: run(*words, "--as-of", "last", "--utc", env=env)
    shutil.rmtree(directory)


def rows(asked: Asked, command: str) -> list[dict[str, Any]]:
    ended = asked(command, "-o", "json")
    assert ended.status == 0, ended.said
    found: list[dict[str, Any]] = json.loads(ended.shown)
    return found


def stand_first(found: list[Any], expected: tuple[object, ...]) -> bool:
    """Whether rows begin as expected, those of a set in any order."""
    for one in expected:
        size = len(one) if isinstance(one, set) else 1
        front, found = found[:size], found[size:]
        if (set(front) if isinstance(one, set) else front) != (one if isinstance(one, set) else [one]):
            return False
    return True


def test_overview_puts_first_what_is_wrong_and_goes_on(dump: tuple[Expected, Asked]):
    expected, asked = dump
    found = rows(asked, "overview")
    objects = tuple(one if isinstance(one, set) else one[0] for one in expected.overview)  # type: ignore[index]
    assert stand_first([row["object"] for row in found], objects)
    told = [one for one in expected.overview if isinstance(one, tuple)]
    assert told == [(row["object"], row["severity"], row["reason"]) for row in found[: len(told)]]


def test_patterns_fold_it_into_the_first_lines(dump: tuple[Expected, Asked]):
    expected, asked = dump
    found = [(row["reason"], row["count"], row["objects"]) for row in rows(asked, "patterns")]
    assert stand_first(found, expected.patterns), found[:5]


def test_images_put_first_what_cannot_be_pulled_then_what_is_pulled_most(dump: tuple[Expected, Asked]):
    expected, asked = dump
    found = [
        tuple(row[name] for name in ("image", "pulls", "cached", "failed", "backoff")) for row in rows(asked, "images")
    ]
    assert found[: len(expected.images)] == list(expected.images)
    assert bool(found) == bool(expected.images)


def test_the_time_line_is_about_the_worst_and_tells_what_led_to_it(dump: tuple[Expected, Asked]):
    expected, asked = dump
    assert f", when {expected.around} began: the worst event there is." in asked("timeline").shown.splitlines()[0]
    found = iter([(round(row["offset"]), row["object"], row["reason"]) for row in rows(asked, "timeline")])
    assert [one for one in expected.told if one not in found] == []  # in this order


def test_describe_says_in_its_paragraph_what_became_of_the_object(dump: tuple[Expected, Asked]):
    expected, asked = dump
    named, sentences, reasons = expected.describe
    paragraph, _, table = asked("describe", named, "--history", "--offline").shown.partition("\n\n")
    assert [one for one in sentences if one not in paragraph] == []
    header, *lines = table.splitlines()
    starts = [header.index(head) for head in ("REASON", "TIMES", "UNTIL")]
    cells = [(line[starts[0] : starts[1]].strip(), line[starts[1] : starts[2]].strip()) for line in lines]
    assert tuple(f"{reason} x{times}" if times not in {"-", "1"} else reason for reason, times in cells) == reasons
