"""The views and macros over the rows of a store. Each is created when SQL first uses it.

Creating all of them takes 0.1 s, and most queries need a third.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

from kevents import duck
from kevents.event.severity import Ratings
from kevents.event.severity_table import builtin_ratings
from kevents.query.filter_sql import candidate_rows, create_macros
from kevents.query.selection import Selection
from kevents.query.severity_sql import define_rating_index, set_rating_values

_DIR = Path(__file__).parent / "views"  # importlib.resources would add 20 ms to every start
# each file only needs files before it
_FILES = (
    "macros",
    "shape",
    "severity",
    "document",
    "observations",
    "events",
    "window",
    "no_window",
    "occurrences",
    "pulls",
    "relation_sources",
    "relations",
)
_WITH_WINDOW, _WITHOUT_WINDOW = "window", "no_window"  # only one of the two is used
_STATEMENT = re.compile(r"^(?=CREATE )", re.MULTILINE)
_CREATED = re.compile(r"CREATE (?P<temporary>TEMP )?(?:VIEW|MACRO) (?P<name>(?:stored\.)?\w+)")
_WORD = re.compile(r"(?:\bstored\.)?\w+", re.IGNORECASE)
_COMMENT = re.compile(r"/[*].*?[*]/", re.DOTALL)
# SQL that lists tables and views
_LISTING = re.compile(
    r"(?:^|[(;])\s*(?:show|describe|desc|summarize|pragma)\b"  # DESC also means descending
    r"|\b(?:information_schema|sqlite_\w+|duckdb_\w+|pg_\w+)\b",
    re.IGNORECASE | re.MULTILINE,
)
_RATING = "stored.rating_index"
_NO_RATING = "CREATE OR REPLACE MACRO stored.rating_index(reason, kind, component, message) AS NULL::INTEGER"


class Views:
    """Creates the views and macros that SQL in one session needs, over the view stored.rows of its database."""

    def __init__(
        self,
        connection: duck.Connection,
        selection: Selection,
        now: datetime,
        ratings: Ratings | None = None,
        shared: set[str] | None = None,
    ) -> None:
        """ratings: of reasons; None for the built-in ones. shared: the definitions that exist in the database."""
        self._connection = connection
        self._given_ratings = ratings
        self._definitions = _definitions(has_window=bool(selection.since or selection.until))
        self._shared = set() if shared is None else shared
        self._of_session: set[str] = set()
        connection.execute(f"CREATE TEMP MACRO candidate_rows() AS TABLE {candidate_rows(selection)}")
        create_macros(connection, selection, now)
        connection.execute("CREATE TEMP MACRO is_recent(moment, date) AS true")

    def define_for(self, sql: str) -> None:
        """Create what the SQL uses, directly and indirectly."""
        code = _code(sql)
        if _LISTING.search(code):
            self.define_all()
        else:
            self._define(_needed(_words(code), self._definitions))

    def define_all(self) -> bool:
        """Create everything; False if everything existed already."""
        return self._define({definition.name for definition in self._definitions})

    def _define(self, names: set[str]) -> bool:
        missing = [
            definition for definition in self._definitions if definition.name in names - self._shared - self._of_session
        ]
        if missing:
            self._create(missing)
        if _RATING in names and _RATING not in self._of_session:
            set_rating_values(self._connection, self._ratings)
            self._of_session.add(_RATING)
        return bool(missing)

    def _create(self, missing: list[_Definition]) -> None:
        if _RATING in self._shared:
            self._connection.execute(_NO_RATING)  # else each new view would bind all patterns of the ratings
        self._connection.execute("".join(definition.text for definition in missing))
        for definition in missing:
            (self._of_session if definition.is_temporary else self._shared).add(definition.name)
        if _RATING in self._shared:
            define_rating_index(self._connection, self._ratings)

    @cached_property
    def _ratings(self) -> Ratings:
        return builtin_ratings() if self._given_ratings is None else self._given_ratings


class _Definition(NamedTuple):
    """A view or macro: its name, its CREATE statement, the words in it, and whether it belongs to a session."""

    name: str
    text: str
    words: set[str]
    is_temporary: bool


def _needed(words: set[str], definitions: list[_Definition]) -> set[str]:
    """The names of the definitions that the words mention, and of those that these need."""
    names: set[str] = set()
    for definition in reversed(definitions):
        if definition.name in words:
            names.add(definition.name)
            words = words | definition.words
    return names


@cache
def _definitions(*, has_window: bool) -> list[_Definition]:
    """All definitions for a selection with or without a time window, each after those that it needs."""
    unused = _WITHOUT_WINDOW if has_window else _WITH_WINDOW
    return [
        _Definition(created["name"].lower(), text, _words(_code(text)), bool(created["temporary"]))
        for name in _FILES
        if name != unused
        for text in _STATEMENT.split((_DIR / f"{name}.sql").read_text("utf-8"))
        if (created := _CREATED.match(text))
    ]


def _code(sql: str) -> str:
    """The SQL without /* comments */ and comment lines."""
    lines = _COMMENT.sub(" ", sql).splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("--"))


def _words(sql: str) -> set[str]:
    return set(map(str.lower, _WORD.findall(sql)))
