"""The views and macros over the rows of a store, each file of them defined when SQL first speaks of what is in it.

To bind all of them takes 0.1 s, of which most questions need a third.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path

from kevents import duck
from kevents.event.ratings import ratings
from kevents.event.severity import Ratings
from kevents.query.conditions import create_macros, rows_named
from kevents.query.failure import unreadable
from kevents.query.rating import set_ratings
from kevents.query.selection import Selection

_FOLDER = Path(__file__).parent / "views"  # importlib.resources would take 20 ms of every start
# each needs some of those before it
_FILES = (
    "macros",
    "shape",
    "severity",
    "document",
    "observations",
    "events",
    "around",
    "occurrences",
    "pulls",
    "kinship",
    "relations",
)
_CREATED = re.compile(r"^CREATE (?:VIEW|MACRO) (?:stored\.)?(\w+)", re.MULTILINE)
_WORD = re.compile(r"\w+")
# SQL that asks what there is
_LISTING = re.compile(
    r"\b(?:show|describe|desc|summarize|pragma|information_schema|sqlite_\w+|duckdb_\w+|pg_\w+)\b", re.IGNORECASE
)
_UNRATED = "CREATE OR REPLACE MACRO stored.rating_of(reason, kind, component, message) AS NULL::INTEGER"


class Views:
    """What SQL over a connection can ask, over rows with the columns of the files and of their folders."""

    def __init__(
        self, connection: duck.Connection, rows: str, selection: Selection, now: datetime, rated: Ratings | None = None
    ) -> None:
        """rows: a SELECT. rated: what each reason means; None for what ships with kevents."""
        self._connection = connection
        self._rated = ratings() if rated is None else rated
        self._has_window = bool(selection.since or selection.until)
        self._defined: set[str] = set()
        connection.execute("CREATE SCHEMA IF NOT EXISTS stored")
        try:
            connection.execute(f"CREATE VIEW stored.rows AS {rows}")
        except duck.Error as error:
            raise unreadable(str(error)) from error
        connection.execute(f"CREATE VIEW stored.named AS {rows_named(selection)}")
        create_macros(connection, selection, now)
        connection.execute("CREATE MACRO stored.lately(moment, date) AS true")

    def define_for(self, sql: str) -> None:
        """Define what the SQL speaks of, and what that needs."""
        if _LISTING.search(sql):
            self.define_all()
        else:
            self._define(_needed(_words(sql)))

    def define_all(self) -> bool:
        """Define everything; False if that was done before."""
        return self._define(set(_FILES))

    def _define(self, names: set[str]) -> bool:
        missing = [name for name in _FILES if name in names - self._defined]
        if not missing:
            return False
        if "severity" in self._defined:
            self._connection.execute(_UNRATED)  # each view that is created would bind all patterns of the ratings
        for name in missing:
            self._connection.execute(self._text(name))
        self._defined.update(missing)
        if "severity" in self._defined:
            set_ratings(self._connection, self._rated)
        return True

    def _text(self, name: str) -> str:
        if name == "around" and not self._has_window:
            # which is planned faster
            return "CREATE MACRO stored.rows_around(wanted) AS TABLE FROM stored.of_selected WHERE wanted"
        return _text_of(name)


def _needed(words: set[str]) -> set[str]:
    """The files that define one of the words, and those that these need."""
    found: set[str] = set()
    for name in reversed(_FILES):
        created, spoken = _told(name)
        if created & words:
            found.add(name)
            words = words | spoken
    return found


@cache
def _told(name: str) -> tuple[set[str], set[str]]:
    """The names that a file creates, and all words in it."""
    text = _text_of(name)
    return set(map(str.lower, _CREATED.findall(text))), _words("\n".join(_code(text)))


def _code(text: str) -> Iterator[str]:
    return (line for line in text.splitlines() if not line.lstrip().startswith("--"))


def _words(sql: str) -> set[str]:
    return set(map(str.lower, _WORD.findall(sql)))


@cache
def _text_of(name: str) -> str:
    return (_FOLDER / f"{name}.sql").read_text("utf-8")
