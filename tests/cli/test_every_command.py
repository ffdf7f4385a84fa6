"""What every command that answers from the store owes: on an incident, on nothing, on one event, on hostile text."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from kevents.cli.main import main
from kevents.cli.terminal import Terminal
from kevents.store.store import Store
from tests.cli.conftest import Stream, event
from tests.cli.incident import BAD, incident
from tests.screen import Screen, run

GOLDEN = Path(__file__).with_name("golden")
AT = ("--as-of", "2026-11-20T10:00:00Z", "--utc")

# by the name of its golden: a command line over the incident, and the same over one pod's event
COMMANDS = {
    "list": (("list",), ("list",)),
    "reasons": (("reasons",), ("reasons",)),
    "counts": (("counts",), ("counts",)),
    "images": (("images",), ("images",)),
    "image": (("images", "shop/web"), ("images", "shop/web")),
    "overview": (("overview",), ("overview",)),
    "overview-family": (("overview", "--by", "family"), ("overview", "--by", "family")),
    "histogram": (("histogram", "--bucket", "10m"), ("histogram",)),
    "timeline": (("timeline",), ("timeline",)),
    "correlate": (("correlate", f"pod/{BAD}"), ("correlate", "pod/web-1")),
    "patterns": (("patterns", "--min-events", "2"), ("patterns", "--min-events", "1", "--min-rate", "0")),
    "nodes": (("nodes",), ("nodes",)),
    "rollouts": (("rollouts",), ("rollouts",)),
    "restarts": (("restarts",), ("restarts",)),
    "diff": (("diff", "--before", "deploy/web"), ("diff", "--before", "09:30")),
    "describe": (("describe", f"pod/{BAD}", "--offline"), ("describe", "pod/web-1", "--offline")),
    "describe-history": (
        ("describe", f"pod/{BAD}", "--history", "--offline"),
        ("describe", "pod/web-1", "--history", "--offline"),
    ),
    "describe-family": (
        ("describe", "deploy/web", "--family", "--offline"),
        ("describe", "pod/web-1", "--family", "--offline"),
    ),
}
NAMED = {"correlate", "describe", "describe-history", "describe-family"}  # an object, which must be known
# with nothing to say of a pod that was killed once
SILENT = {"counts", "images", "image", "correlate", "nodes", "rollouts", "restarts", "diff"}

every_command = pytest.mark.parametrize("name", COMMANDS)


@pytest.fixture(scope="module")
def stores(tmp_path_factory) -> dict[str, dict[str, str]]:
    """Stores by what they hold, each as the environment that chooses it."""
    hostile = "\x1b[31m[/red]\u202e\n=cmd()'\x9b"
    dumps = {
        "incident": incident(),
        "one": json.dumps(event(1, "09:30:00", reason="Killing", message="Stopping container app")),
        "hostile": json.dumps(
            [
                event(
                    number,
                    f"09:{10 * number}:00",
                    reason=reason,
                    type="Warning",
                    message=f'{hostile} image "{hostile}" {"long " * 40}',
                    count=3,
                    firstTimestamp="2026-11-20T09:00:00Z",
                    involvedObject={
                        "kind": kind,
                        "name": "web-1",
                        "namespace": "shop",
                        "fieldPath": f"s.c{{{hostile}}}",
                    },
                    source={"component": hostile, "host": hostile},
                )
                for number, (kind, reason) in enumerate(
                    [("Pod", "BackOff"), ("Pod", hostile), ("Node", "NodeNotReady"), ("Pod", "Failed")], 1
                )
            ]
        ),
    }
    found = {}
    for name in ("empty", *dumps):
        directory = tmp_path_factory.mktemp(name)
        found[name] = {"KEVENTS_STORE": str(directory / "store"), "HOME": str(directory), "NO_COLOR": "1"}
        if name in dumps:
            (directory / "dump.json").write_text(dumps[name])
            assert run("import", str(directory / "dump.json"), env=found[name]).status == 0
        else:
            store = Store(directory / "store")
            with store.writing(lambda _: None):
                store.publish([])
    return found


@every_command
def test_an_incident_is_told_as_it_was_read_line_by_line(name, stores):
    ended = run(*COMMANDS[name][0], *AT, env=stores["incident"])
    assert ended.status == 0, ended.said
    assert ended.shown == (GOLDEN / f"{name}.txt").read_text("utf-8")


@every_command
def test_a_store_that_holds_nothing_is_answered_in_a_sentence(name, stores):
    ended = run(*COMMANDS[name][1], *AT, env=stores["empty"])
    assert ended.status == (5 if name in NAMED else 0)
    assert "holds no events yet" in ended.said or "the store knows no event of pod/web-1" in ended.said
    assert "Traceback" not in ended.said
    assert not ended.shown or name == "diff"  # which says what it compared


@every_command
def test_one_event_is_enough(name, stores):
    ended = run(*COMMANDS[name][1], *AT, "-o", "json", env=stores["one"])
    assert ended.status == 0, ended.said
    found = json.loads(ended.shown)
    assert bool(found) != (name in SILENT)


@every_command
def test_hostile_text_stays_text_and_fits_sixty_columns(name, stores):
    ended = on_a_terminal(60, *COMMANDS[name][1], *AT, env=stores["hostile"])
    assert ended.status == 0, ended.said
    assert not set("\x1b\x07\u202e\x9b") & set(ended.shown + ended.said)
    if name != "describe":  # which kubectl writes as long as it is
        assert [line for line in ended.shown.splitlines() if len(line) > 60] == []


def on_a_terminal(columns: int, *arguments: str, env: dict[str, str]) -> Screen:
    shown, said = Stream(is_terminal=True), Stream()
    env = {"KEVENTS_PAGER": "", "PAGER": "cat", **env}
    status = main(arguments, Terminal(io.TextIOWrapper(io.BytesIO()), shown, said, env, columns))
    return Screen(status, shown.written, said.written)
