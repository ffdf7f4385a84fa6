"""The values of the built-in reports, calculated by hand."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from kevents.errors import UsageError
from kevents.query.user_sql import RowOptions
from tests.observations import at, colliding_names, observation
from tests.report.conftest import RunReport


def test_list_shows_the_newest_last_and_uses_the_clock_in_the_name_within_a_second(report: RunReport):
    rows = [
        observation(at("09:30"), name="b", clock_ns=300),
        observation(at("09:30"), name="c", clock_ns=100),
        observation(at("09:31"), name="a", clock_ns=1),
        observation(at("09:30"), name="d", clock_ns=200),
        observation(at("09:29"), name="z", clock_ns=1),
    ]
    assert [row["object"] for row in report("list", rows)] == ["Pod/z", "Pod/c", "Pod/d", "Pod/b", "Pod/a"]


def test_list_shows_each_event_once_in_its_newest_state(report: RunReport):
    rows = [
        observation(at(f"09:{n}0"), first_seen=at("09:00"), count=n, field_path="spec.containers{app}")
        for n in (1, 2, 3)
    ]
    (row,) = report("list", rows)
    assert (row["count"], row["first_seen"], row["last_seen"]) == (3, at("09:00"), at("09:30"))
    assert (row["source"], row["subobject"]) == ("kubelet, node-a", "spec.containers{app}")


def test_a_limit_keeps_the_newest_of_a_list_and_the_first_of_a_ranking(report: RunReport):
    rows = [observation(at(f"09:0{n}"), name=f"p{n}", reason=f"R{n}", count=n + 1, clock_ns=n) for n in range(5)]
    assert [row["object"] for row in report("list", rows, RowOptions(limit=2))] == ["Pod/p3", "Pod/p4"]
    assert [row["reason"] for row in report("reasons", rows, RowOptions(limit=2))] == ["R4", "R3"]
    assert len(report("list", rows, RowOptions(limit=0))) == 5


def test_documents_are_the_original_events(report: RunReport):
    time_fields = "firstTimestamp lastTimestamp count creationTimestamp"
    rows = [
        observation(
            at("09:30"),
            first_seen=at("09:00"),
            count=2,
            time_fields=time_fields,
            extra='{"metadata":{"labels":{"a":"<b>"}}}',
        )
    ]
    (row,) = report("list", rows, wants_documents=True)
    assert json.loads(row["document"]) == {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {
            "name": "web-1.18e9b53cfb24a001",
            "namespace": "shop",
            "uid": "00000000-0000-4000-8000-000000000001",
            "resourceVersion": "1",
            "creationTimestamp": "2026-11-20T09:00:00Z",
            "labels": {"a": "<b>"},
        },
        "involvedObject": {"kind": "Pod", "namespace": "shop", "name": "web-1", "apiVersion": "v1"},
        "reason": "Started",
        "message": "Started container app",
        "source": {"component": "kubelet", "host": "node-a"},
        "firstTimestamp": "2026-11-20T09:00:00Z",
        "lastTimestamp": "2026-11-20T09:30:00Z",
        "eventTime": None,
        "count": 2,
        "type": "Normal",
        "reportingComponent": "",
        "reportingInstance": "",
    }


def test_documents_of_new_style_events_have_a_series_and_no_count(report: RunReport):
    columns = {"time_fields": "eventTime series", "source_component": None, "source_host": None, "count": 7}
    sender = {
        "reporting_controller": "default-scheduler",
        "reporting_instance": "default-scheduler-a",
        "action": "Binding",
    }
    related = {"related": '{"kind":"Node","name":"a"}'}
    rows = [
        observation(
            at("09:30:00.25"), first_seen=at("09:00:00.5"), created=at("09:00:01"), **columns, **sender, **related
        )
    ]
    document = json.loads(report("list", rows, wants_documents=True)[0]["document"])
    assert document["eventTime"] == "2026-11-20T09:00:00.500000Z"
    assert document["series"] == {"count": 7, "lastObservedTime": "2026-11-20T09:30:00.250000Z"}
    assert document["metadata"]["creationTimestamp"] == "2026-11-20T09:00:01Z"
    assert (document["firstTimestamp"], document["lastTimestamp"], document["source"]) == (None, None, {})
    assert (document["reportingComponent"], document["reportingInstance"]) == (
        "default-scheduler",
        "default-scheduler-a",
    )
    assert (document["action"], document["related"]) == ("Binding", {"kind": "Node", "name": "a"})
    assert "count" not in document


def test_documents_keep_fields_without_a_column_and_do_not_invent_a_name(report: RunReport):
    extra = '{"lastTimestamp":"2026-11-20T10:30:00+01:00","involvedObject":{"resourceVersion":"0x1"},"kubeconfig":[1]}'
    rows = [observation(at("09:30"), name=None, event_name="web-1.odd", clock_ns=None, time_fields=None, extra=extra)]
    document = json.loads(report("list", rows, wants_documents=True)[0]["document"])
    assert document["lastTimestamp"] == "2026-11-20T10:30:00+01:00"
    assert "name" not in document["involvedObject"]
    assert document["involvedObject"]["resourceVersion"] == "0x1"
    assert document["metadata"]["creationTimestamp"] is None
    assert document["kubeconfig"] == [1]


def test_reasons_counts_occurrences_and_not_observations(report: RunReport):
    rows = [
        observation(at("09:10"), first_seen=at("09:00"), count=25, reason="BackOff", clock_ns=1),
        observation(at("09:15"), first_seen=at("09:00"), count=30, reason="BackOff", clock_ns=1),
        observation(at("09:20"), name="web-2", reason="BackOff"),
        observation(at("09:20"), name="web-2", reason="Started", clock_ns=2),
    ]
    backoff, started = report("reasons", rows)
    assert (backoff["reason"], backoff["occurrences"], backoff["objects"]) == ("BackOff", 31, 2)
    assert (backoff["first_seen"], backoff["last_seen"]) == (at("09:00"), at("09:20"))
    assert backoff["share"] == pytest.approx(100 * 31 / 32)
    assert (started["reason"], started["occurrences"], started["objects"]) == ("Started", 1, 1)


def test_nodes_with_the_same_hash_are_counted_separately(report: RunReport):
    names = colliding_names()
    assert len(names) == 42
    rows = [observation(at("09:00"), kind="Node", name=name, source_host=name, reason="Rebooted") for name in names]
    assert report("reasons", rows)[0]["objects"] == 42
    (row,) = report("overview", rows, by="kind")
    assert row["objects"] == 42


def test_the_trend_of_a_reason_adds_up_to_its_occurrences(report: RunReport):
    rows = [
        observation(at("11:00"), first_seen=at("08:00"), count=37, reason="BackOff"),
        observation(at("10:00"), reason="Killing", name="web-2"),
    ]
    for row in report("reasons", rows):
        assert len(row["trend"]) == 24
        assert sum(row["trend"]) == row["occurrences"]
    # 37 in 3 h are one every 5 min; 24 slots from 08:00 to 11:00 are 7.5 min each
    assert set(report("reasons", rows)[0]["trend"]) == {1, 2}


def test_the_trend_covers_the_complete_window(report: RunReport):
    # now is 12:00: with --since 10:00 a slot is 5 min, so 11:00 is in slot 12
    (row,) = report("reasons", [observation(at("11:00"))], since=at("10:00"))
    assert row["trend"] == [0] * 12 + [1] + [0] * 11


def test_impossible_times_do_not_affect_first_and_last_seen(report: RunReport):
    impossible = datetime(2482, 3, 20, tzinfo=UTC)
    rows = [observation(at("09:00")), observation(impossible, name="odd", clock_ns=None, event_name="odd.1")]
    (row,) = report("reasons", rows)
    assert (row["occurrences"], row["first_seen"], row["last_seen"]) == (2, at("09:00"), at("09:00"))


def test_reasons_can_be_grouped_only_by_known_columns(report: RunReport):
    rows = [observation(at("09:00"), source_host="node-b"), observation(at("09:00"), name="web-2", count=4)]
    assert [(row["node"], row["occurrences"]) for row in report("reasons", rows, by="node")] == [
        ("node-a", 4),
        ("node-b", 1),
    ]
    with pytest.raises(UsageError, match='cannot group by "name"'):
        report("reasons", rows, by="name")


def test_counts_shows_the_rate_and_trend_of_repeated_events(report: RunReport):
    rows = [
        # 61 in an hour, evenly
        observation(at("10:00"), first_seen=at("09:00"), count=61, name="even"),
        # 11 in the first half hour, then 40 more until 10:00
        observation(at("09:30"), first_seen=at("09:00"), count=11, name="worse", clock_ns=2),
        observation(at("10:00"), first_seen=at("09:00"), count=51, name="worse", clock_ns=2),
        observation(at("10:00"), name="single"),
    ]
    even, worse = report("counts", rows)
    assert (even["object"], even["occurrences"], even["change"]) == ("Pod/even", 61, "steady")
    assert even["rate"] == pytest.approx(1)
    assert (worse["object"], worse["occurrences"], worse["change"]) == ("Pod/worse", 51, "rising")


def test_counts_in_a_window_has_rates_over_the_window(report: RunReport):
    rows = [observation(at("23:00", 19), count=4524, first_seen=at("06:00", 19))]
    (row,) = report("counts", rows, since=at("10:00", 19), until=at("11:00", 19))
    # 4523 intervals in 17 h: 13.53 s each, so 266 of them in an hour
    assert row["occurrences"] == 266
    assert row["rate"] == pytest.approx(266 / 60)
    assert (row["count"], row["change"]) == (4524, "steady")


def test_images_sums_pulls_and_computes_quantiles_of_durations(report: RunReport):
    def pulled(n: int, seconds: int):
        durations = f"in {seconds}s ({seconds + 1}s including waiting). Image size: 2048 bytes."
        message = f'Successfully pulled image "web:1" {durations}'
        return observation(at(f"09:{n:02}"), name=f"web-{n}", reason="Pulled", message=message)

    rows = [
        *(pulled(n, n) for n in range(1, 21)),
        observation(
            at("09:30"), reason="Pulled", message='Container image "web:1" already present on machine', count=3
        ),
        observation(at("09:40"), reason="Failed", message='Failed to pull image "web:1": no', source_host="node-b"),
        observation(
            at("09:41"),
            reason="BackOff",
            message='Back-off pulling image "web:1"',
            count=9,
            first_seen=at("09:40"),
            clock_ns=2,
        ),
    ]
    (row,) = report("images", rows)
    assert (row["pulls"], row["cached"], row["failed"], row["backoff"]) == (20, 3, 1, 9)
    assert (row["took_median"], row["waited_median"]) == (10.5, 11.5)
    assert row["took_p95"] == pytest.approx(19.05)  # the 0.95 quantile of 1 … 20, interpolated: 1 + 0.95 * 19
    assert (row["size"], row["nodes"], row["last_pulled"]) == (2048, 2, at("09:20"))


@pytest.mark.parametrize(
    ("name", "matches"),
    [
        ("docker.io/library/nginx:1.29", True),
        ("nginx", True),
        ("nginx:1.29", True),
        ("library/nginx", True),
        ("docker.io/library/nginx", True),
        ("docker.io/library/nginx:1.29@sha256:abc", True),
        ("ginx", False),
        ("nginx:1.2", False),
        ("docker.io", False),
        ("%", False),
    ],
)
def test_an_image_matches_by_complete_parts_of_its_name(name, matches, report: RunReport):
    message = 'Successfully pulled image "docker.io/library/nginx:1.29@sha256:abc" in 2s'
    rows = [observation(at("09:00"), reason="Pulled", message=message)]
    assert [row["took"] for row in report("image", rows, name=name)] == ([2.0] if matches else [])


def test_reasons_shows_the_worst_severity_and_can_be_grouped_by_it(report: RunReport) -> None:
    unhealthy = {"reason": "Unhealthy", "type": "Warning"}
    rows = [
        observation(at("09:00"), message="Startup probe failed: x", count=4, clock_ns=1, **unhealthy),
        observation(at("09:01"), message="Liveness probe failed: x", clock_ns=2, **unhealthy),
        observation(at("09:02"), reason="Started", clock_ns=3),
    ]
    assert [(row["reason"], row["occurrences"], row["worst"]) for row in report("reasons", rows)] == [
        ("Unhealthy", 5, "error"),
        ("Started", 1, "info"),
    ]
    assert [(row["severity"], row["occurrences"], row["worst"]) for row in report("reasons", rows, by="severity")] == [
        ("notice", 4, None),
        ("error", 1, None),
        ("info", 1, None),
    ]
    assert [(row["category"], row["occurrences"]) for row in report("reasons", rows, by="category")] == [
        ("probe", 5),
        ("lifecycle", 1),
    ]


def test_list_has_severity_and_category_in_rows_but_not_in_documents(report: RunReport) -> None:
    (row,) = report("list", [observation(at("09:00"), reason="NodeNotReady", kind="Node")])
    assert (row["severity"], row["category"]) == ("critical", "node")
    (row,) = report("list", [observation(at("09:00"), clock_ns=1)], wants_documents=True)
    assert "severity" not in row["document"]
