"""Suggestions for a word that is not one of those allowed."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(typed: str, allowed: Iterable[str]) -> str | None:
    """The allowed word that is most similar to the one typed, ignoring case; None if none is similar."""
    words = {word.lower(): word for word in allowed}
    completed = [word for word in words if typed and word.startswith(typed.lower())]
    near = completed if len(completed) == 1 else difflib.get_close_matches(typed.lower(), words, n=1)
    return words[near[0]] if near else None


def did_you_mean(typed: str, allowed: Iterable[str], advice: str) -> str:
    """The advice, after a suggestion if there is one: `Did you mean list? See kevents --help.`."""
    near = nearest(typed, allowed)
    return f"Did you mean {near}? {advice}" if near else advice


def hint(typed: str, allowed: Iterable[str]) -> str:
    """A hint that names what is allowed: `Did you mean warning? One of: critical, error, warning.`."""
    allowed = tuple(allowed)
    return did_you_mean(typed, allowed, f"One of: {', '.join(allowed)}.")
