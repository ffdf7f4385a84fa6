"""What the prompt does with what was typed."""

from __future__ import annotations

import pytest

from kevents.cli.prompt.shell import Next, Shell, is_whole
from kevents.errors import KeventsError, QueryError


class Asked:
    def __init__(self) -> None:
        self.heard: list[object] = []

    def sql(self, text: str, output: str | None) -> None:
        if text == "oops":
            raise QueryError("no such thing")
        if text == "slow":
            raise KeyboardInterrupt
        self.heard.append((text, output))

    def views(self) -> None:
        self.heard.append("views")

    def view(self, name: str) -> None:
        self.heard.append(f"view {name}")

    def functions(self) -> None:
        self.heard.append("functions")

    def say(self, text: str) -> None:
        self.heard.append(text)

    def fail(self, error: KeventsError) -> None:
        self.heard.append(f"{error} {error.hint or ''}".strip())


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def shell(asked: Asked) -> Shell:
    return Shell(asked)


def test_sql_is_asked_without_its_semicolon(shell, asked):
    assert shell.take("  FROM events ;\n") is Next.GO_ON
    assert asked.heard == [("FROM events", None)]


def test_a_mistake_is_told_and_the_session_goes_on(shell, asked):
    assert shell.take("oops;") is Next.GO_ON
    assert asked.heard == ["no such thing"]


def test_a_stopped_question_is_said_and_the_session_goes_on(shell, asked):
    assert shell.take("slow;") is Next.GO_ON
    assert asked.heard == ["Stopped."]


@pytest.mark.parametrize(
    ("typed", "heard"),
    [("\\d", "views"), ("\\d pulls", "view pulls"), ("\\d pulls;", "view pulls"), ("\\df", "functions")],
)
def test_views_and_functions_are_described(shell, asked, typed, heard):
    shell.take(typed)
    assert asked.heard == [heard]


def test_the_format_stays_until_another_is_chosen(shell, asked):
    shell.take("\\o csv")
    shell.take("FROM a;")
    shell.take("\\x")
    shell.take("FROM b;")
    shell.take("\\x")
    shell.take("FROM c;")
    assert [one for one in asked.heard if isinstance(one, tuple)] == [
        ("FROM a", "csv"),
        ("FROM b", "yaml"),
        ("FROM c", "csv"),
    ]


def test_a_format_that_is_none_is_answered_with_those_there_are(shell, asked):
    shell.take("\\o html")
    assert "Allowed are table" in asked.heard[0]
    assert shell.output is None


def test_a_file_is_run_and_one_that_is_not_there_is_named(shell, asked, tmp_path):
    (tmp_path / "a.sql").write_text("FROM events;\n")
    shell.take(f"\\i {tmp_path}/a.sql")
    shell.take(f"\\i {tmp_path}/b.sql")
    assert asked.heard[0] == ("FROM events", None)
    assert f"cannot read {tmp_path}/b.sql" in asked.heard[1]


def test_an_unknown_command_is_answered_with_the_nearest(shell, asked):
    shell.take("\\dd")
    assert asked.heard[0].startswith("there is no \\dd Did you mean d")


@pytest.mark.parametrize("typed", ["\\q", "exit", "quit;"])
def test_it_is_left_in_every_usual_way(shell, typed):
    assert shell.take(typed) is Next.LEAVE


def test_the_last_sql_can_be_edited(shell):
    shell.take("FROM events;")
    assert shell.take("\\e") is Next.EDIT
    assert shell.last == "FROM events"


@pytest.mark.parametrize(
    ("typed", "whole"),
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
def test_enter_asks_only_what_is_whole(typed, whole):
    assert is_whole(typed) is whole
