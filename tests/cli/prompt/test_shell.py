"""How the prompt interprets its input."""

from __future__ import annotations

import pytest

from kevents.cli.prompt.shell import NextStep, Shell, is_complete
from kevents.errors import KeventsError, QueryError


class RecordingBackend:
    """Records its calls."""

    def __init__(self) -> None:
        self.calls: list[object] = []

    def sql(self, text: str, output: str | None) -> None:
        if text == "oops":
            raise QueryError("no such thing")
        if text == "slow":
            raise KeyboardInterrupt
        self.calls.append((text, output))

    def views(self) -> None:
        self.calls.append("views")

    def view(self, name: str) -> None:
        self.calls.append(f"view {name}")

    def functions(self) -> None:
        self.calls.append("functions")

    def note(self, text: str) -> None:
        self.calls.append(text)

    def fail(self, error: KeventsError) -> None:
        self.calls.append(f"{error} {error.hint or ''}".strip())


@pytest.fixture
def backend() -> RecordingBackend:
    return RecordingBackend()


@pytest.fixture
def shell(backend: RecordingBackend) -> Shell:
    return Shell(backend)


def test_sql_runs_without_its_semicolon(shell, backend):
    assert shell.handle("  FROM events ;\n") is NextStep.CONTINUE
    assert backend.calls == [("FROM events", None)]


def test_an_error_is_reported_and_the_session_continues(shell, backend):
    assert shell.handle("oops;") is NextStep.CONTINUE
    assert backend.calls == ["no such thing"]


def test_a_canceled_query_is_reported_and_the_session_continues(shell, backend):
    assert shell.handle("slow;") is NextStep.CONTINUE
    assert backend.calls == ["Canceled."]


@pytest.mark.parametrize(
    ("typed", "call"),
    [("\\d", "views"), ("\\d pulls", "view pulls"), ("\\d pulls;", "view pulls"), ("\\df", "functions")],
)
def test_views_and_functions_are_described(shell, backend, typed, call):
    shell.handle(typed)
    assert backend.calls == [call]


def test_the_output_format_is_kept_until_it_is_changed(shell, backend):
    shell.handle("\\o csv")
    shell.handle("FROM a;")
    shell.handle("\\x")
    shell.handle("FROM b;")
    shell.handle("\\x")
    shell.handle("FROM c;")
    assert [call for call in backend.calls if isinstance(call, tuple)] == [
        ("FROM a", "csv"),
        ("FROM b", "yaml"),
        ("FROM c", "csv"),
    ]


def test_an_unknown_format_is_an_error(shell, backend):
    shell.handle("\\o html")
    assert "One of: table, wide," in backend.calls[0]
    assert shell.output is None


def test_the_sql_of_a_file_runs_and_a_missing_file_is_an_error(shell, backend, tmp_path):
    (tmp_path / "a.sql").write_text("FROM events;\n")
    shell.handle(f"\\i {tmp_path}/a.sql")
    shell.handle(f"\\i {tmp_path}/b.sql")
    assert backend.calls[0] == ("FROM events", None)
    assert f"cannot read {tmp_path}/b.sql" in backend.calls[1]
    shell.handle("\\i")
    assert backend.calls[2] == "\\i needs a file name"


def test_an_unknown_command_is_an_error_with_a_similar_command(shell, backend):
    shell.handle("\\dd")
    shell.handle("\\timing")
    assert backend.calls == ["unknown command \\dd; try \\? Did you mean \\d?", "unknown command \\timing; try \\?"]


@pytest.mark.parametrize("typed", ["\\q", "exit", "quit;"])
def test_the_prompt_can_be_quit_in_several_ways(shell, typed):
    assert shell.handle(typed) is NextStep.QUIT


def test_the_last_sql_can_be_edited(shell):
    shell.handle("FROM events;")
    assert shell.handle("\\e") is NextStep.EDIT
    assert shell.last_sql == "FROM events"


@pytest.mark.parametrize(
    ("text", "complete"),
    [
        ("FROM events;", True),
        ("FROM events", False),
        ("FROM events; ", True),
        ("SELECT ';'", False),
        ("SELECT ';';", True),
        ("SELECT 'it''s;", False),
        ('SELECT 1 AS "a;', False),
        ("SELECT 1 -- done;", False),
        ("SELECT 1 -- done\n;", True),
        ("SELECT 1; -- done", True),
        ("SELECT /* ; */ 1", False),
        ("SELECT /* ;", False),
        ("\\d", True),
        ("", True),
        ("exit", True),
    ],
)
def test_enter_runs_only_complete_input(text, complete):
    assert is_complete(text) is complete
