"""The name index: a SQLite file in the user's cache directory, one for each store.

Completion has 0.3 s, and 20 million observations contain 700,000 names. Reading the segments takes longer than that,
and importing DuckDB takes a good part of it. But a segment never changes, so `learn` reads each one once, in the
background. The time for a prefix search in SQLite does not depend on the number of names.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

MAX_NAMES = 1000  # candidates for the shell

_TABLES = """
DROP TABLE IF EXISTS state;
DROP TABLE IF EXISTS segments;
DROP TABLE IF EXISTS objects;
DROP TABLE IF EXISTS words;
CREATE TABLE state (store_state TEXT);
CREATE TABLE segments (file TEXT PRIMARY KEY);
CREATE TABLE objects (
    kind TEXT, name TEXT, namespace TEXT, cluster TEXT, file TEXT, PRIMARY KEY (kind, name, namespace, cluster)
) WITHOUT ROWID;
CREATE TABLE words (category TEXT, word TEXT, file TEXT, PRIMARY KEY (category, word)) WITHOUT ROWID;
"""
_VERSION = 2
_MAX_SIMILAR = 5000  # candidates for the comparison with a mistyped word
_MAX_LENGTH_DIFFERENCE = 3  # letters
_HIGHEST = "\U0010ffff"  # sorts after every other character


def index_path(cache: Path, store: Path) -> Path:
    """The path of a store's index."""
    return cache / "names" / f"{hashlib.sha256(str(store.absolute()).encode()).hexdigest()[:16]}.sqlite"


def _similar_lengths(word: str) -> tuple[int, int]:
    """The minimum and maximum length of a word that was mistyped as this one."""
    return len(word) - _MAX_LENGTH_DIFFERENCE, len(word) + _MAX_LENGTH_DIFFERENCE


class Index:
    """An open index. The file of a name is the newest segment that contains it, or "" if it is not in a segment yet."""

    def __init__(self, path: Path, *, is_writer: bool = False) -> None:
        """Open the index; a writer creates it if needed. Raises sqlite3.Error or OSError."""
        if is_writer:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        mode = "rw" if is_writer else "ro"
        self._connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=0.1)
        if is_writer:
            # No sync: after a power failure the index is rebuilt. With the large cache, SQLite does not need to write
            # before the commit, which would lock out readers.
            self._connection.executescript("PRAGMA synchronous = OFF; PRAGMA cache_size = -65536")
            if self._single("PRAGMA user_version") != _VERSION:
                self._connection.executescript(f"{_TABLES} PRAGMA user_version = {_VERSION}")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @property
    def state(self) -> str | None:
        """The state of the store when the index was last complete; None if it is not complete yet."""
        if self._single("PRAGMA user_version") != _VERSION:
            return None
        state = self._single("SELECT store_state FROM state")
        return None if state is None else str(state)

    @property
    def segments(self) -> set[str]:
        """The indexed segments."""
        return {file for (file,) in self._connection.execute("SELECT file FROM segments")}

    def words(self, category: str, prefix: str) -> list[str]:
        """The words of a category with this prefix, sorted."""
        return self._with_prefix("word", "words WHERE category = ?", [category], prefix)

    def objects(self, kind: str, prefix: str, clusters: Sequence[str], namespaces: Sequence[str]) -> list[str]:
        """The object names with this prefix, sorted. Empty clusters or namespaces mean all."""
        where, values = "objects WHERE kind = ?", [kind]
        for column, allowed in (("cluster", clusters), ("namespace", namespaces)):
            if allowed:
                where += f" AND {column} IN ({', '.join('?' * len(allowed))})"
                values += allowed
        return self._with_prefix("name", where, values, prefix)

    def similar(self, category: str, word: str) -> list[str]:
        """The words of a category with a similar length, which include the word itself if it exists."""
        query = "SELECT word FROM words WHERE category = ? AND length(word) BETWEEN ? AND ? LIMIT ?"
        return self._column(query, [category, *_similar_lengths(word), _MAX_SIMILAR])

    def similar_objects(self, kind: str, name: str) -> list[str]:
        """The object names with the same first letter and a similar length."""
        query = """SELECT DISTINCT name FROM objects
            WHERE kind = ? AND name >= ? AND name < ? AND length(name) BETWEEN ? AND ? LIMIT ?"""
        return self._column(query, [kind, name[:1], name[:1] + _HIGHEST, *_similar_lengths(name), _MAX_SIMILAR])

    def keep(self, files: Iterable[str]) -> None:
        """Delete the segments that are not among these files, and the names last seen in them."""
        with self._connection as connection:
            connection.execute("CREATE TEMP TABLE IF NOT EXISTS present (file TEXT PRIMARY KEY)")
            connection.executemany("INSERT OR IGNORE INTO present VALUES (?)", ((file,) for file in files))
            connection.execute("DELETE FROM segments WHERE file NOT IN (SELECT file FROM present)")
            for table in ("objects", "words"):
                connection.execute(f"DELETE FROM {table} WHERE file NOT IN (SELECT file FROM segments)")

    def add(self, file: str, objects: Iterable[Sequence[str]], words: Iterable[Sequence[str]]) -> None:
        """Add the names of a segment. objects: (kind, name, namespace, cluster); words: (category, word)."""
        keep_newest = "ON CONFLICT DO UPDATE SET file = max(file, excluded.file)"
        with self._connection as connection:
            connection.executemany(f"INSERT INTO objects VALUES (?, ?, ?, ?, '{file}') {keep_newest}", objects)
            connection.executemany(f"INSERT INTO words VALUES (?, ?, '{file}') {keep_newest}", words)
            if file:
                connection.execute("INSERT OR IGNORE INTO segments VALUES (?)", [file])

    def complete(self, state: str) -> None:
        """Mark the index as complete for this state of the store."""
        with self._connection as connection:
            connection.execute("DELETE FROM state")
            connection.execute("INSERT INTO state VALUES (?)", [state])

    def _with_prefix(self, column: str, where: str, values: list[str], prefix: str) -> list[str]:
        """The first names and the last one. A shell inserts the common prefix of all names, which these also have."""
        query = f"SELECT DISTINCT {column} FROM {where} AND {column} >= ? AND {column} < ? ORDER BY {column}"
        parameters = [*values, prefix, prefix + _HIGHEST]
        names = self._column(f"{query} LIMIT {MAX_NAMES}", parameters)
        if len(names) == MAX_NAMES:
            names += self._column(f"{query} DESC LIMIT 1", parameters)
        return names

    def _column(self, query: str, values: Sequence[str | int]) -> list[str]:
        return [value for (value,) in self._connection.execute(query, values)]

    def _single(self, sql: str) -> str | int | None:
        row: tuple[str | int] | None = self._connection.execute(sql).fetchone()
        return row and row[0]
