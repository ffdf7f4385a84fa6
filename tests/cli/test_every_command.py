"""Every command that reads the store, on an incident, an empty store, one event, and hostile text."""

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

# by the name of the golden file: a command line for the incident, and one for the event of pod web-1
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
NEEDS_OBJECT = {"correlate", "describe", "describe-history", "describe-family"}  # which must be in the store
# commands with an empty result for a pod that was killed once
EMPTY = {"counts", "images", "image", "correlate", "nodes", "rollouts", "restarts", "diff"}

every_command = pytest.mark.parametrize("name", COMMANDS)


@pytest.fixture(scope="module")
def stores(tmp_path_factory) -> dict[str, dict[str, str]]:
    """Environments that select a store, by the content of the store."""
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
    environments = {}
    for name in ("empty", *dumps):
        directory = tmp_path_factory.mktemp(name)
        environments[name] = {"KEVENTS_STORE": str(directory / "store"), "HOME": str(directory), "NO_COLOR": "1"}
        if name in dumps:
            (directory / "dump.json").write_text(dumps[name])
            assert run("import", str(directory / "dump.json"), env=environments[name]).status == 0
        else:
            store = Store(directory / "store")
            with store.writing(lambda _: None):
                store.publish([])
    return environments


@every_command
def test_the_output_for_an_incident_is_the_golden_file(name, stores):
    screen = run(*COMMANDS[name][0], *AT, env=stores["incident"])
    assert screen.status == 0, screen.err
    assert screen.out == (GOLDEN / f"{name}.txt").read_text("utf-8")


@every_command
def test_an_empty_store_is_reported(name, stores):
    screen = run(*COMMANDS[name][1], *AT, env=stores["empty"])
    assert screen.status == (5 if name in NEEDS_OBJECT else 0)
    assert (
        f"The store in {stores['empty']['KEVENTS_STORE']} is empty" in screen.err
        or "no events for pod/web-1 in the store" in screen.err
    )
    assert "Traceback" not in screen.err
    assert not screen.out or name == "diff"  # which prints what it compared


@every_command
def test_a_store_with_one_event_works(name, stores):
    screen = run(*COMMANDS[name][1], *AT, "-o", "json", env=stores["one"])
    assert screen.status == 0, screen.err
    rows = json.loads(screen.out)
    assert bool(rows) != (name in EMPTY)


@every_command
def test_hostile_text_is_escaped_and_fits_60_columns(name, stores):
    screen = on_a_terminal(60, *COMMANDS[name][1], *AT, env=stores["hostile"])
    assert screen.status == 0, screen.err
    assert not set("\x1b\x07\u202e\x9b") & set(screen.out + screen.err)
    if name != "describe":  # whose lines are not wrapped, as in kubectl
        assert [line for line in screen.out.splitlines() if len(line) > 60] == []


def on_a_terminal(columns: int, *arguments: str, env: dict[str, str]) -> Screen:
    stdout, stderr = Stream(is_terminal=True), Stream()
    env = {"KEVENTS_PAGER": "", "PAGER": "cat", **env}
    status = main(arguments, Terminal(io.TextIOWrapper(io.BytesIO()), stdout, stderr, env, columns))
    return Screen(status, stdout.written, stderr.written)
