"""`kevents demo` runs the real commands, says each one, and leaves nothing behind."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from kevents.cli.commands import demo
from tests.screen import run


@pytest.fixture(scope="module")
def walk() -> str:
    screen = run("demo")
    assert screen.status == 0, screen.said
    assert screen.said.startswith("The tallest bar: "), "what histogram says beside its answer, and nothing else"
    assert screen.said.count("\n") == 1
    return screen.shown


def test_each_command_is_said_before_its_answer(walk: str) -> None:
    for step in demo.STEPS:
        _, _, rest = walk.partition(f"# {step.why}\n$ kevents {demo.command_line(step.arguments)}\n")
        assert rest.split("\n", 1)[0], f"kevents {step.arguments[0]} answers nothing"
        assert not rest.startswith("#")


def test_the_walk_goes_from_what_mattered_to_its_cause_and_to_a_question_of_ones_own() -> None:
    walked = "import overview rollouts describe nodes list counts histogram images query"
    assert [step.arguments[0] for step in demo.STEPS] == walked.split()


def test_the_answers_tell_the_incident(walk: str) -> None:
    assert "236" in walk, "every event of the dump is new to the empty store"
    for told in ("checkout:1.42.1", "NodeNotReady", "Back-off restarting failed container cart", "x4316 over 16h"):
        assert told in walk


def test_what_is_said_can_be_typed_into_a_shell() -> None:
    for step in demo.STEPS:
        assert tuple(shlex.split(demo.command_line(step.arguments))) == step.arguments
        assert not {"$", "`", '"', "\\"} & set("".join(step.arguments)), "these mean something inside double quotes"


def test_narration_fits_eighty_columns() -> None:
    said = [f"# {step.why}" for step in demo.STEPS] + demo.NEXT.splitlines()
    said += [f"$ kevents {demo.command_line(step.arguments)}" for step in demo.STEPS if step.arguments[0] != "import"]
    assert max(len(line) for text in said for line in text.splitlines()) <= 80


def test_a_pipe_gets_no_escapes_and_a_terminal_that_wants_colour_gets_bold_commands(walk: str) -> None:
    assert "\x1b" not in walk
    assert "\x1b[1m$ kevents nodes --as-of last\x1b[0m\n" in run("demo", env={"FORCE_COLOR": "1"}).shown


def test_the_throw_away_store_is_gone_at_the_end(walk: str) -> None:
    store = Path(walk.split("$ export KEVENTS_STORE=")[1].split("\n", maxsplit=1)[0])
    assert store.name.startswith("kevents-demo-")
    assert not store.exists()


def test_the_end_says_what_to_try_on_ones_own_cluster(walk: str) -> None:
    assert walk.endswith(demo.NEXT + "\n")
    assert "kubectl get events -A -o json | kevents import -" in demo.NEXT


def test_keep_leaves_the_store_for_more_questions(tmp_path: Path) -> None:
    store = tmp_path / "kept"
    screen = run("demo", "--keep", str(store))
    assert screen.status == 0
    assert screen.shown.splitlines()[-1].endswith(f"export KEVENTS_STORE={store}")
    answer = run("query", "SELECT count(*) AS n FROM events", "-o", "csv", env={"KEVENTS_STORE": str(store)})
    assert answer.shown.split() == ["n", "236"]


def test_keep_never_mixes_invented_events_with_real_ones(tmp_path: Path) -> None:
    (tmp_path / "something").touch()
    screen = run("demo", "--keep", str(tmp_path))
    assert (screen.status, screen.shown) == (2, "")
    assert screen.said.startswith(f"kevents: {tmp_path} is not an empty directory\n")


def test_the_exit_status_of_a_failing_step_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    failing = demo.Step("Does it stop?", ("query", "SELECT nothing FROM nowhere"))
    monkeypatch.setattr(demo, "STEPS", (demo.STEPS[0], failing, demo.STEPS[1]))
    screen = run("demo")
    assert screen.status == 5
    assert "nowhere" in screen.said
    assert "kevents overview" not in screen.shown
