"""What was meant by a word that is not among those allowed."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(typed: str, allowed: Iterable[str]) -> str | None:
    """The allowed word that looks most like the one typed, in any case; None where none does."""
    words = {word.lower(): word for word in allowed}
    begun = [word for word in words if typed and word.startswith(typed.lower())]
    near = begun if len(begun) == 1 else difflib.get_close_matches(typed.lower(), words, n=1)
    return words[near[0]] if near else None


def meant(typed: str, allowed: Iterable[str], advice: str) -> str:
    """The advice, behind the word that was probably meant if there is one: `Did you mean list? See kevents --help.`."""
    near = nearest(typed, allowed)
    return f"Did you mean {near}? {advice}" if near else advice


def hint(typed: str, allowed: Iterable[str]) -> str:
    """A sentence on what can be said instead: `Did you mean warning? Allowed are critical, error, warning.`."""
    allowed = tuple(allowed)
    return meant(typed, allowed, f"Allowed are {', '.join(allowed)}.")
