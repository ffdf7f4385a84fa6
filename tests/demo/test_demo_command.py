"""`kevents demo` prints and runs the real commands, and deletes its store."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from kevents.cli.actions import demo
from tests.screen import run


@pytest.fixture(scope="module")
def output() -> str:
    """The standard output of the demo."""
    screen = run("demo")
    assert screen.status == 0, screen.err
    assert screen.err.startswith("Busiest bucket: "), "the hint of histogram, and nothing else"
    assert screen.err.count("\n") == 1
    return screen.out


def test_each_command_is_printed_before_its_result(output: str) -> None:
    for step in demo.STEPS:
        _, _, rest = output.partition(f"# {step.question}\n$ kevents {demo.command_line(step.arguments)}\n")
        assert rest.split("\n", 1)[0], f"kevents {step.arguments[0]} prints nothing"
        assert not rest.startswith("#")


def test_the_demo_goes_from_an_overview_to_the_cause_and_to_sql() -> None:
    commands = "import overview rollouts describe nodes list counts histogram images query"
    assert [step.arguments[0] for step in demo.STEPS] == commands.split()


def test_the_results_show_the_incident(output: str) -> None:
    assert "236" in output, "every event of the dump is new in the empty store"
    for text in ("checkout:1.42.1", "NodeNotReady", "Back-off restarting failed container cart", "x4316 over 16h"):
        assert text in output


def test_the_printed_commands_can_be_typed_into_a_shell() -> None:
    for step in demo.STEPS:
        assert tuple(shlex.split(demo.command_line(step.arguments))) == step.arguments
        assert not {"$", "`", '"', "\\"} & set("".join(step.arguments)), "these are special inside double quotes"


def test_the_texts_fit_80_columns() -> None:
    texts = [f"# {step.question}" for step in demo.STEPS] + demo.NEXT.splitlines()
    texts += [f"$ kevents {demo.command_line(step.arguments)}" for step in demo.STEPS if step.arguments[0] != "import"]
    assert max(len(line) for text in texts for line in text.splitlines()) <= 80


def test_commands_are_bold_with_color_and_plain_in_a_pipe(output: str) -> None:
    assert "\x1b" not in output
    assert "\x1b[1m$ kevents nodes --as-of last\x1b[0m\n" in run("demo", env={"FORCE_COLOR": "1"}).out


def test_the_temporary_store_is_deleted_at_the_end(output: str) -> None:
    store = Path(output.split("$ export KEVENTS_STORE=")[1].split("\n", maxsplit=1)[0])
    assert store.name.startswith("kevents-demo-")
    assert not store.exists()


def test_the_end_suggests_commands_for_the_users_own_cluster(output: str) -> None:
    assert output.endswith(demo.NEXT + "\n")
    assert "kubectl get events -A -o json | kevents import -" in demo.NEXT


def test_keep_keeps_the_store(tmp_path: Path) -> None:
    store = tmp_path / "kept"
    screen = run("demo", "--keep", str(store))
    assert screen.status == 0
    assert screen.out.splitlines()[-1].endswith(f"export KEVENTS_STORE={store}")
    answer = run("query", "SELECT count(*) AS n FROM events", "-o", "csv", env={"KEVENTS_STORE": str(store)})
    assert answer.out.split() == ["n", "236"]


def test_keep_refuses_a_directory_that_is_not_empty(tmp_path: Path) -> None:
    (tmp_path / "something").touch()
    screen = run("demo", "--keep", str(tmp_path))
    assert (screen.status, screen.out) == (2, "")
    assert screen.err.startswith(f"kevents: {tmp_path} is not an empty directory\n")


def test_the_demo_stops_with_the_exit_status_of_a_failing_step(monkeypatch: pytest.MonkeyPatch) -> None:
    failing = demo.DemoStep("Does it stop?", ("query", "SELECT nothing FROM nowhere"))
    monkeypatch.setattr(demo, "STEPS", (demo.STEPS[0], failing, demo.STEPS[1]))
    screen = run("demo")
    assert screen.status == 5
    assert "nowhere" in screen.err
    assert "kevents overview" not in screen.out
