"""An object's events as `kubectl describe` prints them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from kevents.query.answer import Rows
from kevents.report.catalog import Report, parse
from kevents.report.run import Question
from kevents.result import Result

if TYPE_CHECKING:
    from kevents.query.engine import Engine

_TITLE = "Events"


def events_of(engine: Engine, *, wants_documents: bool) -> Result:
    """The newest state of each event that the engine's selection holds, the latest last."""
    question = Question(_report(), Rows(limit=0), wants_documents=wants_documents)
    return replace(question.answer(engine), section=_TITLE)


@cache
def _report() -> Report:
    return parse("describe", files("kevents.report.describe").joinpath("events.sql").read_text("utf-8"))
