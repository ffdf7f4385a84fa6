"""The index of names: a SQLite file in the user's cache directory, one for each store.

Completion has 0.3 s, and 20 million observations hold 700,000 names: reading the segments takes longer than that, and
importing DuckDB a good part of it. The names of a segment never change, so each segment is read once, by `learn`,
beside the prompt; how long SQLite then needs for a prefix does not depend on how much there is.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

MOST = 1000  # candidates that a shell is given

_LAYOUT = """
DROP TABLE IF EXISTS state;
DROP TABLE IF EXISTS segments;
DROP TABLE IF EXISTS objects;
DROP TABLE IF EXISTS words;
CREATE TABLE state (told TEXT);
CREATE TABLE segments (file TEXT PRIMARY KEY);
CREATE TABLE objects (
    kind TEXT, name TEXT, namespace TEXT, cluster TEXT, file TEXT, PRIMARY KEY (kind, name, namespace, cluster)
) WITHOUT ROWID;
CREATE TABLE words (of TEXT, word TEXT, file TEXT, PRIMARY KEY (of, word)) WITHOUT ROWID;
"""
_VERSION = 1
_SIMILAR = 5000  # candidates that are compared letter by letter
_SLIPS = 3  # letters too many or too few
_BEHIND = "\U0010ffff"  # sorts behind whatever begins alike


def place(cache: Path, store: Path) -> Path:
    """Where the index of a store is."""
    return cache / "names" / f"{hashlib.sha256(str(store.absolute()).encode()).hexdigest()[:16]}.sqlite"


def _about(word: str) -> tuple[int, int]:
    """The lengths that a word may have which was mistyped as this one."""
    return len(word) - _SLIPS, len(word) + _SLIPS


class Index:
    """An index that is open. The file of a name is the newest segment that has it; "" is what is no segment yet."""

    def __init__(self, path: Path, *, is_writer: bool = False) -> None:
        """Opens what is there; a writer makes it, private to its user. Raises sqlite3.Error or OSError."""
        if is_writer:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600)  # names are secrets less often than messages are, but they are the user's alone
        mode = "rw" if is_writer else "ro"
        self._connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=0.1)
        if is_writer:
            # It can be made again: a power cut may break it. The large cache keeps readers from waiting for a spill.
            self._connection.executescript("PRAGMA synchronous = OFF; PRAGMA cache_size = -65536")
            if self._one("PRAGMA user_version") != _VERSION:
                self._connection.executescript(f"{_LAYOUT} PRAGMA user_version = {_VERSION}")

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    @property
    def state(self) -> str | None:
        """What the store was like when all of it had been learned; None while it is not."""
        if self._one("PRAGMA user_version") != _VERSION:
            return None
        told = self._one("SELECT told FROM state")
        return None if told is None else str(told)

    @property
    def segments(self) -> set[str]:
        """The segments that were learned."""
        return {file for (file,) in self._connection.execute("SELECT file FROM segments")}

    def words(self, of: str, prefix: str) -> list[str]:
        """The words of a sort that begin so, sorted."""
        return self._beginning("word", "words WHERE of = ?", [of], prefix)

    def objects(self, kind: str, prefix: str, clusters: Sequence[str], namespaces: Sequence[str]) -> list[str]:
        """The names of objects that begin so, sorted; of these clusters and namespaces, none for all."""
        where, values = "objects WHERE kind = ?", [kind]
        for column, allowed in (("cluster", clusters), ("namespace", namespaces)):
            if allowed:
                where += f" AND {column} IN ({', '.join('?' * len(allowed))})"
                values += allowed
        return self._beginning("name", where, values, prefix)

    def similar(self, of: str, word: str) -> list[str]:
        """The words of a sort that are about as long; the word itself is one of them if it is there."""
        query = "SELECT word FROM words WHERE of = ? AND length(word) BETWEEN ? AND ? LIMIT ?"
        return self._listed(query, [of, *_about(word), _SIMILAR])

    def similar_objects(self, kind: str, name: str) -> list[str]:
        """Names of objects that begin with the same letter and are about as long."""
        query = """SELECT DISTINCT name FROM objects
            WHERE kind = ? AND name >= ? AND name < ? AND length(name) BETWEEN ? AND ? LIMIT ?"""
        return self._listed(query, [kind, name[:1], name[:1] + _BEHIND, *_about(name), _SIMILAR])

    def keep(self, files: Iterable[str]) -> None:
        """Forget the segments that are no longer among the files, and the names that were last seen in them."""
        with self._connection as connection:
            connection.execute("CREATE TEMP TABLE IF NOT EXISTS present (file TEXT PRIMARY KEY)")
            connection.executemany("INSERT OR IGNORE INTO present VALUES (?)", ((file,) for file in files))
            connection.execute("DELETE FROM segments WHERE file NOT IN (SELECT file FROM present)")
            for table in ("objects", "words"):
                connection.execute(f"DELETE FROM {table} WHERE file NOT IN (SELECT file FROM segments)")

    def take(self, file: str, objects: Iterable[Sequence[str]], words: Iterable[Sequence[str]]) -> None:
        """Enter the names of a segment: (kind, name, namespace, cluster), and (of, word)."""
        newest = "ON CONFLICT DO UPDATE SET file = max(file, excluded.file)"
        with self._connection as connection:
            connection.executemany(f"INSERT INTO objects VALUES (?, ?, ?, ?, '{file}') {newest}", objects)
            connection.executemany(f"INSERT INTO words VALUES (?, ?, '{file}') {newest}", words)
            if file:
                connection.execute("INSERT OR IGNORE INTO segments VALUES (?)", [file])

    def complete(self, state: str) -> None:
        """Remember that this is all there is in a store of that state."""
        with self._connection as connection:
            connection.execute("DELETE FROM state")
            connection.execute("INSERT INTO state VALUES (?)", [state])

    def _beginning(self, column: str, where: str, values: list[str], prefix: str) -> list[str]:
        """The first of them, and the very last: a shell inserts what all have in common, and those two have no more."""
        query = f"SELECT DISTINCT {column} FROM {where} AND {column} >= ? AND {column} < ? ORDER BY {column}"
        values = [*values, prefix, prefix + _BEHIND]
        found = [one for (one,) in self._connection.execute(f"{query} LIMIT {MOST}", values)]
        if len(found) == MOST:
            found += [one for (one,) in self._connection.execute(f"{query} DESC LIMIT 1", values)]
        return found

    def _listed(self, query: str, values: list[str | int]) -> list[str]:
        return [one for (one,) in self._connection.execute(query, values)]

    def _one(self, sql: str) -> str | int | None:
        row: tuple[str | int] | None = self._connection.execute(sql).fetchone()
        return row and row[0]
