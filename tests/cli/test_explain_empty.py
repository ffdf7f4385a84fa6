"""An empty answer says what was looked at, what was probably meant, and what would find something."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run, event

AT = ("--as-of", "2026-11-20T09:30:00Z", "--utc")


def said(kevents: Run, *arguments: str) -> list[str]:
    """What stands on standard error under the first line."""
    ended = kevents(*arguments, *AT)
    assert (ended.status, ended.out) == (0, "")
    return [line.strip() for line in ended.err.splitlines()[1:]]


def test_the_first_line_is_kubectls(kevents: Run):
    assert kevents("list", *AT, "-n", "shpo").err.startswith("No events found in shpo namespace.\n")
    assert kevents("list", *AT, "--reason", "x").err.startswith("No events found.\n")


def test_it_says_what_was_looked_at(kevents: Run, tmp_path: Path):
    (looked, *_) = said(kevents, "list", "--grep", "zzz", "--since", "1h")
    assert looked == (
        "Looked at 3 observations of cluster default, all namespaces, since 2026-11-20 08:30:00Z, "
        f"in {tmp_path / 'store'}."
    )
    (looked, *_) = said(kevents, "list", "--grep", "zzz", "-n", "shop", "--until", "2026-11-19")
    assert looked.startswith("Looked at 0 observations of cluster default, namespace shop, until 2026-11-19 00:00:00Z,")


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["list", "-n", "shpo"], 'The store has no namespace "shpo". Did you mean shop? -A asks of all.'),
        (["list", "--reason", "BakcOff"], 'The store has no reason "BakcOff". Did you mean BackOff?'),
        (["reasons", "--kind", "pdo"], 'The store has no kind "pdo". Did you mean Pod?'),
        (["counts", "--node", "node_a"], 'The store has no node "node_a". Did you mean node-a?'),
        (["list", "--component", "kublet"], 'The store has no component "kublet". Did you mean kubelet?'),
        (["list", "--type", "warn"], 'The store has no type "warn". Did you mean Warning?'),
        (["list", "--cluster", "prod"], 'The store has no cluster "prod". It has default.'),
        (["list", "--name", "web-11"], 'The store has no object "web-11". Did you mean web-1?'),
        (["list", "--for", "pod/we"], "The store has no Pod \"we\". --name 'we*' means web-1, web-2, web-3"),
        (["list", "--for", "pdo/web-1"], 'The store has no kind "pdo". Did you mean Pod?'),
        (["images", "ngnix"], 'The store has no image "ngnix". Did you mean nginx?'),
        (["rollouts", "--image", "ngnix:2"], 'The store has no image "ngnix:2". Did you mean nginx:1?'),
        (["query", "SELECT 1 FROM events", "-n", "shpo"], 'The store has no namespace "shpo". Did you mean shop?'),
    ],
)
def test_a_name_that_nothing_has_is_answered_with_the_nearest(
    arguments: list[str], meant: str, kevents: Run, tmp_path: Path
):
    pulling = event(4, "09:25:00", reason="Pulling", message='Pulling image "registry.example/nginx:1"')
    (tmp_path / "more.json").write_text(json.dumps(pulling))
    assert kevents("import", str(tmp_path / "more.json")).status == 0
    assert said(kevents, *arguments)[1].startswith(meant)


def test_the_index_follows_the_store(kevents: Run, tmp_path: Path):
    assert "no reason" in said(kevents, "list", "--reason", "Killed", "--kind", "Node")[1]
    (tmp_path / "more.json").write_text(json.dumps(event(4, "09:25:00", reason="Killed")))
    kevents("import", str(tmp_path / "more.json"))
    assert "no reason" not in " ".join(said(kevents, "list", "--reason", "Killed", "--kind", "Node"))


@pytest.mark.parametrize(
    ("arguments", "widened"),
    [
        # web-2 at 09:10 and web-3 at 09:20 in shop; the filters beside it let them through
        (["--since", "5m"], "Without --since there are 3 events, the newest of 2026-11-20 09:20:00Z."),
        (["--type", "Warning", "--since", "15m"], "Without --type there is 1 event; without --since there is 1 event"),
        (["--grep", "zzz", "-n", "shop"], "Without --grep there are 3 events."),
        (["--until", "2026-11-01"], "Without --until there are 3 events, the newest of 2026-11-20 09:20:00Z."),
        (["--grep", "zzz", "--since", "5m"], "There are none with"),
    ],
)
def test_it_says_what_there_is_with_a_filter_less(arguments: list[str], widened: str, kevents: Run):
    assert said(kevents, "list", *arguments)[1].startswith(widened)


def test_many_filters_are_named_and_not_tried_one_by_one(kevents: Run):
    many = ("--grep", "z", "--type", "Warning", "--kind", "Pod", "-n", "shop", "--min-count", "2")
    assert said(kevents, "list", *many)[1] == (
        "Ask again with -A or without --kind or without --type or without --grep or without --min-count."
    )


def test_machines_get_nothing_of_it(kevents: Run):
    for format_, written in (("json", "[]\n"), ("csv", "reason,"), ("jsonl", "")):
        ended = kevents("reasons", *AT, "-n", "shpo", "-o", format_)
        assert (ended.status, ended.err) == (0, "")
        assert ended.out.startswith(written)


def test_sql_without_filters_says_only_that_it_has_no_rows(kevents: Run):
    assert kevents("query", "SELECT 1 WHERE false", *AT).err == "No rows.\n"


def test_names_are_harmless_where_they_are_quoted(kevents: Run):
    assert "\x1b" not in kevents("list", *AT, "--reason", "\x1b[31mBackOf").err
