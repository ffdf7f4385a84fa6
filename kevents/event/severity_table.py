"""The table of ratings: severity.toml as it ships, and the user's own of the same shape before it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from kevents.event.severity import CATEGORIES, SEVERITIES, UNKNOWN_CATEGORY, Case, Rating, Ratings
from kevents.suggest import nearest

FILE = "severity.toml"

_OF_REASON = ("severity", "category", "by", "unless")
_OF_CASE = ("severity", "category", "message", "kind", "component")


@dataclass(frozen=True)
class Table:
    """The ratings of a file, or of several; problems: a sentence on each entry that was left out."""

    ratings: Ratings
    problems: tuple[str, ...] = ()


class _EntryError(Exception):
    """An entry that cannot be used, and why."""


@cache
def ratings() -> Ratings:
    """The rating of every reason that ships with kevents, by the reason."""
    return read(files("kevents.event").joinpath(FILE).read_text("utf-8")).ratings


def with_own(directory: Path) -> Table:
    """The ratings that ship and those of the user's severity.toml in the directory, which need not be there."""
    path = directory / FILE
    try:
        own = read(path.read_text("utf-8"), ratings())
    except (FileNotFoundError, NotADirectoryError):
        return Table(ratings())
    except OSError as error:
        return Table(ratings(), (f"{path} cannot be read: {error.strerror}",))
    except UnicodeDecodeError:
        return Table(ratings(), (f"{path} is left out: it is not UTF-8 text",))
    except tomllib.TOMLDecodeError as error:
        return Table(ratings(), (f"{path} is left out: it is no TOML: {error}",))
    return Table({**ratings(), **own.ratings}, tuple(f"{path}: {problem}" for problem in own.problems))


def read(text: str, known: Ratings | None = None) -> Table:
    """The ratings that a file's text holds.

    known: ratings that an entry may build upon. An entry with a severity replaces what is known of its reason; one
    without keeps it, and its exceptions come first.
    """
    found, problems = {}, []
    for reason, told in tomllib.loads(text).items():
        try:
            found[reason] = _rating(reason, told, (known or {}).get(reason))
            if known is not None:  # a test looks at what ships
                _check_patterns(found[reason])
        except _EntryError as wrong:
            found.pop(reason, None)
            problems.append(f"[{reason}] is left out: {wrong}")
    return Table(found, tuple(problems))


def _rating(reason: str, told: Any, known: Rating | None) -> Rating:
    if not isinstance(told, dict):
        raise _EntryError(f'it must be a table: [{reason}] with a line severity = "warning" below it')
    _check_keys(told, _OF_REASON)
    by = _text(told, "by") or (known.by if known else "")
    category = _one_of(told, "category", CATEGORIES) or (known.category if known else UNKNOWN_CATEGORY)
    severity = _one_of(told, "severity", SEVERITIES)
    if severity:
        return Rating(reason, severity, category, by, tuple(_cases(told, severity, category)))
    if known is None:
        raise _EntryError("it has no severity")
    unless = (*_cases(told, known.severity, category), *known.unless)
    return replace(known, category=category, by=by, unless=unless)


def _cases(told: Mapping[str, Any], severity: str, category: str) -> Iterator[Case]:
    """The exceptions; what one leaves unsaid is as in its reason."""
    unless = told.get("unless", [])
    if not isinstance(unless, list) or not all(isinstance(one, dict) for one in unless):
        raise _EntryError('unless must be a list of tables: unless = [{ message = "^…", severity = "error" }]')
    for one in unless:
        _check_keys(one, _OF_CASE)
        message, kind, component = (_text(one, key) for key in ("message", "kind", "component"))
        if message is None and kind is None and component is None:
            raise _EntryError("an exception needs a message, a kind or a component")
        yield Case(
            _one_of(one, "severity", SEVERITIES) or severity,
            _one_of(one, "category", CATEGORIES) or category,
            message,
            kind,
            component,
        )


def _check_keys(told: Mapping[str, Any], allowed: Iterable[str]) -> None:
    for key in told:
        if key not in allowed:
            raise _EntryError(f'there is no "{key}"{_instead(key, allowed)}')


def _one_of(told: Mapping[str, Any], key: str, allowed: Iterable[str]) -> str | None:
    value = _text(told, key)
    if value is not None and value not in allowed:
        raise _EntryError(f'{key} cannot be "{value}"{_instead(value, allowed)}')
    return value


def _instead(typed: str, allowed: Iterable[str]) -> str:
    meant = nearest(typed, allowed)
    return f", did you mean {meant}?" if meant else f"; allowed are {', '.join(allowed)}"


def _text(told: Mapping[str, Any], key: str) -> str | None:
    value = told.get(key)
    if value is not None and (not isinstance(value, str) or "\0" in value):
        raise _EntryError(f"{key} must be text in quotes")
    return value


def _check_patterns(rating: Rating) -> None:
    from kevents import duck

    patterns = [case.message for case in rating.unless if case.message is not None]
    if fault := duck.pattern_fault(patterns):
        raise _EntryError(fault)
