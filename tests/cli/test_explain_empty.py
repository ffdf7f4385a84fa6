"""An empty result is explained: what was searched, which names are unknown, and which filters exclude events."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run, event

AT = ("--as-of", "2026-11-20T09:30:00Z", "--utc")


def explanation(kevents: Run, *arguments: str) -> list[str]:
    """The lines of standard error after the first."""
    screen = kevents(*arguments, *AT)
    assert (screen.status, screen.out) == (0, "")
    return [line.strip() for line in screen.err.splitlines()[1:]]


def test_the_first_line_is_the_same_as_in_kubectl(kevents: Run):
    assert kevents("list", *AT, "-n", "shpo").err.startswith("No events found in shpo namespace.\n")
    assert kevents("list", *AT, "--reason", "x").err.startswith("No events found.\n")


def test_it_shows_what_was_searched(kevents: Run, tmp_path: Path):
    store = tmp_path / "store"
    (searched, *_) = explanation(kevents, "list", "--grep", "zzz", "--since", "1h")
    assert searched == (
        f"Searched 3 observations in {store} (cluster default, all namespaces, since 2026-11-20 08:30:00Z)."
    )
    (searched, *_) = explanation(kevents, "list", "--grep", "zzz", "-n", "shop", "--until", "2026-11-19")
    assert searched == (
        f"Searched 0 observations in {store} (cluster default, namespace shop, until 2026-11-19 00:00:00Z)."
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["list", "-n", "shpo"], 'No namespace "shpo" in the store. Did you mean shop?'),
        (["list", "--reason", "BakcOff"], 'No reason "BakcOff" in the store. Did you mean BackOff?'),
        (["reasons", "--kind", "pdo"], 'No kind "pdo" in the store. Did you mean Pod?'),
        (["counts", "--node", "node_a"], 'No node "node_a" in the store. Did you mean node-a?'),
        (["list", "--component", "kublet"], 'No component "kublet" in the store. Did you mean kubelet?'),
        (["list", "--type", "warn"], 'No type "warn" in the store. Did you mean Warning?'),
        (["list", "--cluster", "prod"], 'No cluster "prod" in the store. It has default.'),
        (["list", "--name", "web-11"], 'No object "web-11" in the store. Did you mean web-1?'),
        (["list", "--for", "pod/we"], "No Pod \"we\" in the store. --name 'we*' matches web-1, web-2, web-3, …"),
        (["list", "--for", "pdo/web-1"], 'No kind "pdo" in the store. Did you mean Pod?'),
        (["images", "ngnix"], 'No image "ngnix" in the store. Did you mean nginx?'),
        (["rollouts", "--image", "ngnix:2"], 'No image "ngnix:2" in the store. Did you mean nginx:1?'),
        (["query", "SELECT 1 FROM events", "-n", "shpo"], 'No namespace "shpo" in the store. Did you mean shop?'),
    ],
)
def test_an_unknown_name_is_reported_with_a_similar_one(
    arguments: list[str], sentence: str, kevents: Run, tmp_path: Path
):
    pulling = event(4, "09:25:00", reason="Pulling", message='Pulling image "registry.example/nginx:1"')
    (tmp_path / "more.json").write_text(json.dumps(pulling))
    assert kevents("import", str(tmp_path / "more.json")).status == 0
    assert explanation(kevents, *arguments)[1] == sentence


def test_names_are_up_to_date_after_an_import(kevents: Run, tmp_path: Path):
    assert "No reason" in explanation(kevents, "list", "--reason", "Killed", "--kind", "Node")[1]
    (tmp_path / "more.json").write_text(json.dumps(event(4, "09:25:00", reason="Killed")))
    kevents("import", str(tmp_path / "more.json"))
    assert "No reason" not in " ".join(explanation(kevents, "list", "--reason", "Killed", "--kind", "Node"))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        # the store has web-2 at 09:10 and web-3 at 09:20 in shop
        (["--since", "5m"], "Without --since: 3 events, newest 2026-11-20 09:20:00Z."),
        (
            ["--type", "Warning", "--since", "15m"],
            "Without --type: 1 event; without --since: 1 event, newest 2026-11-20 09:10:00Z.",
        ),
        (["--grep", "zzz", "-n", "shop"], "Without --grep: 3 events."),
        (["--until", "2026-11-01"], "Without --until: 3 events, newest 2026-11-20 09:20:00Z."),
        (["--grep", "zzz", "--since", "5m"], "No events without --grep or without --since either."),
    ],
)
def test_events_are_counted_without_each_filter(arguments: list[str], sentence: str, kevents: Run):
    assert explanation(kevents, "list", *arguments)[1] == sentence


def test_many_filters_are_listed_instead_of_counting_without_each(kevents: Run):
    many = ("--grep", "z", "--type", "Warning", "--kind", "Pod", "-n", "shop", "--min-count", "2")
    assert explanation(kevents, "list", *many)[1] == (
        "Try again with -A, without --kind, without --type, without --grep or without --min-count."
    )


def test_formats_for_scripts_have_no_explanation(kevents: Run):
    for format_, output in (("json", "[]\n"), ("csv", "reason,"), ("jsonl", "")):
        screen = kevents("reasons", *AT, "-n", "shpo", "-o", format_)
        assert (screen.status, screen.err) == (0, "")
        assert screen.out.startswith(output)


def test_sql_without_filters_is_not_explained(kevents: Run):
    assert kevents("query", "SELECT 1 WHERE false", *AT).err == "No rows.\n"


def test_names_in_the_explanation_are_escaped(kevents: Run):
    assert "\x1b" not in kevents("list", *AT, "--reason", "\x1b[31mBackOf").err


@pytest.mark.parametrize("damage", [b"no parquet", None])
def test_an_empty_result_is_explained_although_a_file_is_damaged(damage: bytes | None, kevents: Run, tmp_path: Path):
    other_day = event(
        4, "09:25:00", reason="Failed", firstTimestamp="2026-11-19T09:25:00Z", lastTimestamp="2026-11-19T09:25:00Z"
    )
    (tmp_path / "more.json").write_text(json.dumps(other_day))
    assert kevents("import", str(tmp_path / "more.json")).status == 0
    (damaged,) = (tmp_path / "store").rglob("day=2026-11-19/*.parquet")
    damaged.write_bytes(damaged.read_bytes()[:-1] if damage is None else damage)
    lines = kevents("list", "--grep", "zzz", "--type", "Warning", *AT).err.splitlines()
    assert damaged.name in lines[0]
    assert lines[1] == "No events found."
    assert lines[2].strip().startswith("Searched 4 observations in ")
    assert lines[3:] == ["  Without --grep: 1 event."]
