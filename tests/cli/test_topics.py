"""`kevents help`: topics and commands."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from kevents.cli.topics import TOPICS, page_of
from kevents.cli.topics.coverage import STATES
from kevents.cli.topics.page import formatted
from kevents.cli.topics.times import FORMS
from kevents.clock import parse_time
from kevents.errors import ExitStatus
from kevents.event.severity import CATEGORIES, SEVERITIES
from kevents.query.view_docs import FUNCTIONS, VIEWS
from kevents.render.formats import NAMES
from kevents.store.coverage import State
from tests.cli.conftest import Run
from tests.screen import run

NOW = datetime(2026, 11, 21, 21, 30, tzinfo=UTC)


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_fits_the_width(topic: str):
    status, text, errors = run("help", topic)
    assert (status, errors) == (0, "")
    assert max(map(len, text.splitlines())) <= 80
    assert max(map(len, formatted(page_of(topic), 60).splitlines())) <= 80  # some lines can't be wrapped


def test_help_topics_lists_every_topic_with_a_summary(kevents: Run):
    for topic, summary in TOPICS.items():
        assert summary.endswith(".")
        assert re.search(rf"^  {topic} +{re.escape(summary)}$", kevents("help", "topics").out, re.MULTILINE)


def test_every_documented_form_of_a_time_is_valid():
    for forms, _ in FORMS:
        for form in forms.split(", "):
            assert parse_time(form, NOW, UTC) <= NOW


def test_the_topics_are_complete(kevents: Run):
    views = kevents("help", "views").out
    for view in VIEWS:
        for field in view.columns:
            assert re.search(rf"^  {field.name}\b", views, re.MULTILINE), field.name
    assert all(one.call in views for one in FUNCTIONS)
    assert all(f"  {word} " in kevents("help", "severities").out for word in (*SEVERITIES, *CATEGORIES))
    assert set(STATES) == set(State)
    assert all(f"  {name} " in kevents("help", "formats").out for name in NAMES)
    assert all(f"  {status} " in kevents("help", "exit-codes").out for status in ExitStatus)


def test_the_documented_variables_set_defaults(kevents: Run):
    text = kevents("help", "environment").out
    assert re.search(r"^  KEVENTS_HISTORY +history file", text, re.MULTILINE)
    for variable, value in (("KEVENTS_OUTPUT", "csv"), ("KEVENTS_NO_HEADERS", "true"), ("KEVENTS_CONTEXT", "x")):
        assert f"  {variable}\n" in text
        assert kevents("reasons", **{variable: value}).status == 0


def test_the_examples_of_the_topics_run(kevents: Run):
    import shlex

    for topic in TOPICS:
        for block in page_of(topic):
            for line in block if isinstance(block, list) else ():
                if line.startswith("kevents ") and line != "kevents config init":
                    assert kevents(*shlex.split(line)[1:]).status == 0, line


def test_help_for_a_command_is_the_same_as_its_help_flag(kevents: Run, capsys: pytest.CaptureFixture[str]):
    for words in ((), ("list",), ("store", "prune")):
        assert kevents("help", *words).status == 0
        text = capsys.readouterr().out
        assert kevents(*words, "--help").status == 0
        assert text == capsys.readouterr().out


def test_an_unknown_topic_or_command_is_an_error_with_a_similar_name(kevents: Run):
    screen = kevents("help", "tiems")
    assert (screen.status, screen.out) == (2, "")
    assert screen.err.startswith('kevents: unknown topic or command "tiems"\n  Did you mean times?')
    assert "Did you mean list?" in kevents("help", "lst").err
    assert 'unknown command "prun"' in kevents("help", "store", "prun").err
