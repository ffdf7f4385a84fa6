"""Completion at the prompt."""

from __future__ import annotations

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from kevents.cli.prompt.completer import SqlCompleter


def completions(text: str, cursor: int | None = None) -> list[str]:
    document = Document(text, len(text) if cursor is None else cursor)
    return [completion.text for completion in SqlCompleter().get_completions(document, CompleteEvent())]


def test_views_are_completed_after_from():
    assert sorted(completions("SELECT * FROM o")) == ["observations", "occurrences"]


@pytest.mark.parametrize(("typed", "word"), [("sel", "SELECT"), ("SELECT rea", "reason"), ("SELECT happ", "happened")])
def test_keywords_columns_and_functions_are_completed(typed, word):
    assert word in completions(typed)


def test_columns_are_those_of_the_used_view():
    assert "took" in completions("SELECT t FROM pulls", 8)
    assert "took" not in completions("SELECT t FROM events", 8)


def test_commands_formats_and_views_are_completed_after_a_backslash():
    assert "d" in completions("\\")
    assert completions("\\o cs") == ["csv"]
    assert completions("\\d pu") == ["pulls"]
