"""The table of ratings: the built-in severity.toml, extended and overridden by the user's file of the same format."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from kevents.event.severity import CATEGORIES, SEVERITIES, UNKNOWN_CATEGORY, Override, Rating, Ratings
from kevents.suggest import nearest

FILE = "severity.toml"

_RATING_KEYS = ("severity", "category", "by", "unless")
_OVERRIDE_KEYS = ("severity", "category", "message", "kind", "component")

Entry = Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """The ratings of one or more files. problems: a sentence for each entry that is ignored."""

    ratings: Ratings
    problems: tuple[str, ...] = ()


class _EntryError(Exception):
    """An entry is invalid; the message says why."""


@cache
def builtin_ratings() -> Ratings:
    """The ratings that kevents ships with, by reason."""
    return parse_ratings(files("kevents.event").joinpath(FILE).read_text("utf-8")).ratings


def load_ratings(directory: Path) -> Table:
    """The built-in ratings, overridden by the user's severity.toml in the directory if there is one."""
    path = directory / FILE
    try:
        user_table = parse_ratings(path.read_text("utf-8"), builtin_ratings())
    except (FileNotFoundError, NotADirectoryError):
        return Table(builtin_ratings())
    except OSError as error:
        return Table(builtin_ratings(), (f"cannot read {path}: {error.strerror}",))
    except UnicodeDecodeError:
        return Table(builtin_ratings(), (f"{path} is ignored: it is not UTF-8 text",))
    except tomllib.TOMLDecodeError as error:
        return Table(builtin_ratings(), (f"{path} is ignored: it is not valid TOML: {error}",))
    ratings = {**builtin_ratings(), **user_table.ratings}
    return Table(ratings, tuple(f"{path}: {problem}" for problem in user_table.problems))


def parse_ratings(text: str, base: Ratings | None = None) -> Table:
    """The ratings in the text of a severity.toml.

    base: existing ratings. An entry with a severity replaces the existing rating of its reason. One without keeps the
    severity, and its overrides take precedence over the existing ones.
    """
    ratings, problems = {}, []
    for reason, entry in tomllib.loads(text).items():
        try:
            ratings[reason] = _rating(reason, entry, (base or {}).get(reason))
            if base is not None:  # a test checks the built-in ones
                _check_patterns(ratings[reason])
        except _EntryError as problem:
            ratings.pop(reason, None)
            problems.append(f"[{reason}] is ignored: {problem}")
    return Table(ratings, tuple(problems))


def _rating(reason: str, entry: Any, existing: Rating | None) -> Rating:
    if not isinstance(entry, dict):
        raise _EntryError(f'not a table; write [{reason}], and severity = "warning" on the next line')
    _check_keys(entry, _RATING_KEYS)
    sender = _text(entry, "by") or (existing.sender if existing else "")
    category = _one_of(entry, "category", CATEGORIES) or (existing.category if existing else UNKNOWN_CATEGORY)
    severity = _one_of(entry, "severity", SEVERITIES)
    if severity:
        return Rating(reason, severity, category, sender, tuple(_overrides(entry, severity, category)))
    if existing is None:
        raise _EntryError("missing severity")
    overrides = (*_overrides(entry, existing.severity, category), *existing.overrides)
    return replace(existing, category=category, sender=sender, overrides=overrides)


def _overrides(entry: Entry, severity: str, category: str) -> Iterator[Override]:
    """The overrides of an entry. severity, category: of the reason, for an override that has none."""
    unless = entry.get("unless", [])
    if not isinstance(unless, list) or not all(isinstance(override, dict) for override in unless):
        raise _EntryError('unless must be a list of tables: unless = [{ message = "^…", severity = "error" }]')
    for override in unless:
        _check_keys(override, _OVERRIDE_KEYS)
        message, kind, component = (_text(override, key) for key in ("message", "kind", "component"))
        if message is None and kind is None and component is None:
            raise _EntryError("an entry of unless needs a message, a kind or a component")
        yield Override(
            _one_of(override, "severity", SEVERITIES) or severity,
            _one_of(override, "category", CATEGORIES) or category,
            message,
            kind,
            component,
        )


def _check_keys(entry: Entry, allowed: Iterable[str]) -> None:
    for key in entry:
        if key not in allowed:
            raise _EntryError(f'unknown key "{key}"; {_advice(key, allowed)}')


def _one_of(entry: Entry, key: str, allowed: Iterable[str]) -> str | None:
    value = _text(entry, key)
    if value is not None and value not in allowed:
        raise _EntryError(f'unknown {key} "{value}"; {_advice(value, allowed)}')
    return value


def _advice(typed: str, allowed: Iterable[str]) -> str:
    near = nearest(typed, allowed)
    return f"did you mean {near}?" if near else f"one of: {', '.join(allowed)}"


def _text(entry: Entry, key: str) -> str | None:
    value = entry.get(key)
    if value is not None and (not isinstance(value, str) or "\0" in value):
        raise _EntryError(f"{key} must be a string")
    return value


def _check_patterns(rating: Rating) -> None:
    from kevents import duck

    patterns = [override.message for override in rating.overrides if override.message is not None]
    if fault := duck.pattern_fault(patterns):
        raise _EntryError(f"invalid pattern {fault}")
