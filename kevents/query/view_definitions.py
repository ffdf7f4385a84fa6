"""The views and macros over the rows of a store, each defined when SQL first speaks of it.

To bind all of them takes 0.1 s, of which most questions need a third.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

from kevents import duck
from kevents.event.severity import Ratings
from kevents.event.severity_table import ratings
from kevents.query.filter_sql import create_macros, rows_named
from kevents.query.selection import Selection
from kevents.query.severity_sql import define_ratings, tell_ratings

_DIR = Path(__file__).parent / "views"  # importlib.resources would take 20 ms of every start
# each needs some of those before it
_FILES = (
    "macros",
    "shape",
    "severity",
    "document",
    "observations",
    "events",
    "around",
    "whole",
    "occurrences",
    "pulls",
    "kinship",
    "relations",
)
_WITH_WINDOW, _WITHOUT = "around", "whole"  # one of the two
_STATEMENT = re.compile(r"^(?=CREATE )", re.MULTILINE)
_CREATED = re.compile(r"CREATE (?P<own>TEMP )?(?:VIEW|MACRO) (?P<name>(?:stored\.)?\w+)")
_WORD = re.compile(r"(?:\bstored\.)?\w+", re.IGNORECASE)
_COMMENT = re.compile(r"/[*].*?[*]/", re.DOTALL)
# SQL that asks what there is
_LISTING = re.compile(
    r"(?:^|[(;])\s*(?:show|describe|desc|summarize|pragma)\b"  # DESC is also downwards
    r"|\b(?:information_schema|sqlite_\w+|duckdb_\w+|pg_\w+)\b",
    re.IGNORECASE | re.MULTILINE,
)
_RATING = "stored.rating_of"
_UNRATED = "CREATE OR REPLACE MACRO stored.rating_of(reason, kind, component, message) AS NULL::INTEGER"


class Views:
    """What SQL over a session of a database can ask, over the rows that the database has as stored.rows."""

    def __init__(
        self,
        connection: duck.Connection,
        selection: Selection,
        now: datetime,
        rated: Ratings | None = None,
        shared: set[str] | None = None,
    ) -> None:
        """rated: what each reason means; None for what ships with kevents. shared: what its database has already."""
        self._connection = connection
        self._rated = rated
        self._definitions = _definitions(has_window=bool(selection.since or selection.until))
        self._shared = set() if shared is None else shared
        self._own: set[str] = set()
        connection.execute(f"CREATE TEMP MACRO rows_named() AS TABLE {rows_named(selection)}")
        create_macros(connection, selection, now)
        connection.execute("CREATE TEMP MACRO lately(moment, date) AS true")

    def define_for(self, sql: str) -> None:
        """Define what the SQL speaks of, and what that needs."""
        code = _code(sql)
        if _LISTING.search(code):
            self.define_all()
        else:
            self._define(_needed(_words(code), self._definitions))

    def define_all(self) -> bool:
        """Define everything; False if that was done before."""
        return self._define({one.name for one in self._definitions})

    def _define(self, names: set[str]) -> bool:
        missing = [one for one in self._definitions if one.name in names - self._shared - self._own]
        if missing:
            self._create(missing)
        if _RATING in names and _RATING not in self._own:
            tell_ratings(self._connection, self._ratings)
            self._own.add(_RATING)
        return bool(missing)

    def _create(self, missing: list[_Definition]) -> None:
        if _RATING in self._shared:
            self._connection.execute(_UNRATED)  # each view that is created would bind all patterns of the ratings
        self._connection.execute("".join(one.text for one in missing))
        for one in missing:
            (self._own if one.is_own else self._shared).add(one.name)
        if _RATING in self._shared:
            define_ratings(self._connection, self._ratings)

    @cached_property
    def _ratings(self) -> Ratings:
        return ratings() if self._rated is None else self._rated


class _Definition(NamedTuple):
    """A view or macro: its name, what creates it, all words in that, and whether each session has its own."""

    name: str
    text: str
    words: set[str]
    is_own: bool


def _needed(words: set[str], definitions: list[_Definition]) -> set[str]:
    """The names of the definitions that the words speak of, and of those that these need."""
    found: set[str] = set()
    for one in reversed(definitions):
        if one.name in words:
            found.add(one.name)
            words = words | one.words
    return found


@cache
def _definitions(*, has_window: bool) -> list[_Definition]:
    """All that a selection with or without a window needs, each after those that it needs itself."""
    left_out = _WITHOUT if has_window else _WITH_WINDOW
    return [
        _Definition(created["name"].lower(), text, _words(_code(text)), bool(created["own"]))
        for name in _FILES
        if name != left_out
        for text in _STATEMENT.split((_DIR / f"{name}.sql").read_text("utf-8"))
        if (created := _CREATED.match(text))
    ]


def _code(text: str) -> str:
    """Without comments between /* and */, and without lines of comment."""
    lines = _COMMENT.sub(" ", text).splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("--"))


def _words(sql: str) -> set[str]:
    return set(map(str.lower, _WORD.findall(sql)))
