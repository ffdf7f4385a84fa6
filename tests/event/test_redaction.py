"""Redaction of all fields that a sender controls, in documents and in tables, in linear time."""

from __future__ import annotations

import json
import time
from typing import Any

import pyarrow as pa
import pytest

from kevents.errors import UsageError
from kevents.event import fields, raw
from kevents.event.redaction import MARK, Redaction, Redactor

SECRET = "s3cr3t"
TIME = "2026-11-20T09:00:00Z"
NAMES = {name: f"{SECRET}-{name}" for name in ("apiVersion", "kind", "name", "namespace", "resourceVersion", "uid")}
EVENT: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Event",
    "metadata": {
        **{name: NAMES[name] for name in ("name", "namespace", "uid", "resourceVersion")},
        "creationTimestamp": TIME,
        "labels": {f"{SECRET}/app": SECRET, "tier": f"a-{SECRET}"},
        "annotations": {"note": f"x {SECRET}"},
        "ownerReferences": [{"kind": "Pod", "name": SECRET}],
    },
    "involvedObject": {**NAMES, "fieldPath": f"spec.containers{{{SECRET}}}", "other": SECRET},
    "related": {"kind": "Node", "name": f"n-{SECRET}"},
    "source": {"component": f"c-{SECRET}", "host": f"h-{SECRET}", "zone": SECRET},
    "series": {"count": 3, "lastObservedTime": f"at {SECRET}", "state": SECRET},
    "firstTimestamp": TIME,
    "lastTimestamp": f"{SECRET} o'clock",
    "eventTime": TIME,
    "count": 7,
    "message": f"password={SECRET} refused",
    "reason": SECRET,
    "type": SECRET,
    "action": SECRET,
    "reportingComponent": f"example.com/{SECRET}",
    "reportingInstance": f"i-{SECRET}",
    "note": SECRET,
    SECRET: [1, {"deep": [SECRET]}],
}
KEPT = {"metadata", "involvedObject"}


def row_of(event: dict[str, Any]) -> dict[str, Any]:
    (row,) = raw.from_documents([(event, None)]).to_pylist()
    return dict(row)


def redacted(event: dict[str, Any], pattern: str = SECRET) -> dict[str, Any]:
    return dict(json.loads(Redaction(pattern).document(json.dumps(event).encode())))


def test_only_identifiers_keep_text_that_matches() -> None:
    event = redacted(EVENT)
    for group in ("metadata", "involvedObject"):
        kept = {name: value for name, value in event[group].items() if SECRET in json.dumps(value)}
        assert kept == {name: value for name, value in NAMES.items() if name in event[group]}
    assert SECRET not in json.dumps({key: value for key, value in event.items() if key not in KEPT})


def test_a_table_and_a_document_are_redacted_alike() -> None:
    (row,) = Redactor(SECRET)(raw.from_documents([(EVENT, None)])).to_pylist()
    assert row == row_of(redacted(EVENT))


def test_the_columns_of_a_store_are_redacted_too() -> None:
    names = ("reason", "type", "source_component", "source_host", "reporting_controller", "reporting_instance")
    names = (*names, "message", "action", "field_path", "time_fields")
    table = pa.table({name: [f"a {SECRET}", None] for name in names})
    expected = {name: [f"a {MARK}", None] for name in names}
    assert Redactor(SECRET)(table).to_pydict() == expected


@pytest.mark.parametrize("pattern", [r"\d+", "[A-Za-z]{4,}", "[A-Za-z0-9]{20,}", r"[0-9TZ:.+-]+"])
def test_times_counts_known_reasons_and_field_names_survive_every_pattern(pattern: str) -> None:
    event = {
        "involvedObject": {"kind": "Pod", "name": "web-1234"},
        "metadata": {"name": "web-1234.17a1b2c3", "annotations": {}, "creationTimestamp": TIME},
        "firstTimestamp": "2026-11-20T11:00:00+02:00",
        "count": 12,
        "series": {"count": 12, "lastObservedTime": "2026-11-20T09:00:00.000000Z"},
        "reason": "FailedCreatePodSandBox",
        "type": "Warning",
    }
    assert redacted(event, pattern) == event
    table = raw.from_documents([(event, None)])
    assert Redactor(pattern)(table).to_pylist() == table.to_pylist()


def test_times_that_have_no_column_survive_in_an_export() -> None:
    extra = '{"firstTimestamp":"2026-11-20T11:00:00+02:00","pin":4111}'
    (row,) = Redactor(r"\d{4}")(pa.table({"extra": [extra]})).to_pylist()
    assert json.loads(row["extra"]) == {"firstTimestamp": "2026-11-20T11:00:00+02:00", "pin": MARK}


def test_redacted_keys_stay_different() -> None:
    event = redacted({"metadata": {"labels": {"a1": "x", "a2": "y", "a3": "z"}}}, r"a\d")
    assert sorted(event["metadata"]["labels"].values()) == ["x", "y", "z"]


@pytest.mark.parametrize("text", ["\ud83d secret", "naïve secret", "secret\0\n secret", "secret 日本語"])
def test_any_text_can_be_redacted(text: str) -> None:
    expected = text.replace("secret", MARK).replace("\ud83d", "\ufffd")
    assert Redaction("secret").text(text) == expected


@pytest.mark.parametrize("document", [b"[1,", b'["secret"]', b'"secret"', b"\xff secret", b"[" * 100_000 + b"secret"])
def test_documents_that_are_no_objects_are_redacted_as_well(document: bytes) -> None:
    assert b"secret" not in Redaction("secret").document(document)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(a+)*b", "([a-z]+)*!", "a.*b|c"])
@pytest.mark.parametrize("text", ["a" * 200_000, "ca" * 200_000], ids=["one letter", "two letters"])
def test_no_text_makes_a_pattern_run_without_end(pattern: str, text: str) -> None:
    started = time.process_time()
    Redaction(pattern).text(text + "!")
    assert time.process_time() - started < 10  # Python's re would take years for some of these


def test_after_a_thousand_matches_the_rest_is_redacted() -> None:
    assert Redaction("x").text("xy" * 1_000 + "!") == f"{MARK}y" * 1_000 + "!"
    assert Redaction("x").text("xy" * 5_000 + "tail").endswith(f"y{MARK}")
    assert "tail" not in Redaction("x").text("xy" * 5_000 + "tail")


@pytest.mark.parametrize("pattern", ["x*", r"\b", "^", "a|", r"\B", "$"])
def test_a_pattern_that_matches_empty_text_is_refused(pattern: str) -> None:
    with pytest.raises(UsageError, match="matches empty text"):
        Redaction(pattern)


@pytest.mark.parametrize("pattern", ["(", "(?=x)", r"(x)\1", "[z-a]", "x{2000}", "\udcff"])
def test_an_invalid_pattern_is_one_sentence(pattern: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError, match="invalid --redact pattern"):
        Redaction(pattern)
    assert capfd.readouterr().err == ""  # RE2 has a log of its own


def test_every_field_is_either_kept_or_redacted_as_documented() -> None:
    event: dict[str, Any] = {}
    for path in fields.PATHS:
        parent = event.setdefault(path[0], {}) if len(path) == 2 else event
        parent[path[-1]] = f"{SECRET} {'.'.join(path)}"
    row = row_of(redacted(event))
    extra = json.dumps(row.pop("extra"))
    kept = {name for name, value in row.items() if value and SECRET in value}
    assert kept == {
        *("metadata.name", "metadata.namespace", "metadata.uid", "metadata.resourceVersion"),
        *("involvedObject.apiVersion", "involvedObject.kind", "involvedObject.name", "involvedObject.namespace"),
        *("involvedObject.resourceVersion", "involvedObject.uid"),
    }
    assert SECRET not in extra
