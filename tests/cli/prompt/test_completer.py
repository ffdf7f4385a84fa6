"""What is offered at the prompt."""

from __future__ import annotations

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from kevents.cli.prompt.completer import SqlCompleter


def offered(text: str, cursor: int | None = None) -> list[str]:
    document = Document(text, len(text) if cursor is None else cursor)
    return [one.text for one in SqlCompleter().get_completions(document, CompleteEvent())]


def test_views_follow_from():
    assert offered("SELECT * FROM o") == ["occurrences", "observations"] or offered("SELECT * FROM o") == [
        "observations",
        "occurrences",
    ]


@pytest.mark.parametrize(("typed", "word"), [("sel", "SELECT"), ("SELECT rea", "reason"), ("SELECT happ", "happened")])
def test_words_columns_and_functions_are_known(typed, word):
    assert word in offered(typed)


def test_columns_are_those_of_the_view_that_is_named():
    assert "took" in offered("SELECT t FROM pulls", 8)
    assert "took" not in offered("SELECT t FROM events", 8)


def test_commands_formats_and_views_follow_a_backslash():
    assert "d" in offered("\\")
    assert offered("\\o cs") == ["csv"]
    assert offered("\\d pu") == ["pulls"]
