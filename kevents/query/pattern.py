"""The values of filters: `!` before a value excludes it, and `*` stands for any text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

EXCLUDE = "!"
WILDCARD = "*"


@dataclass(frozen=True)
class Pattern:
    """One value of a filter. is_excluded: the filter removes the events that match."""

    text: str
    is_excluded: bool = False

    @classmethod
    def parse(cls, value: str) -> Pattern:
        """The value as it was typed: `web-1`, `web-*`, `!web-1`."""
        return cls(value.removeprefix(EXCLUDE), value.startswith(EXCLUDE))

    @property
    def is_wildcard(self) -> bool:
        """Whether it can match more than one text."""
        return WILDCARD in self.text

    @property
    def is_exact(self) -> bool:
        """Whether it selects exactly one text: no wildcard, not excluded."""
        return not self.is_wildcard and not self.is_excluded

    def matches(self, text: str) -> bool:
        """Whether the complete text matches; is_excluded does not matter."""
        return re.fullmatch(".*".join(map(re.escape, self.text.split(WILDCARD))), text, re.DOTALL) is not None

    @property
    def like(self) -> str:
        r"""The pattern of SQL's `LIKE … ESCAPE '\'`, in which `%`, `_` and `\` of the value match themselves."""
        text = self.text
        for special in "\\%_":
            text = text.replace(special, "\\" + special)
        return text.replace(WILDCARD, "%")


def included(values: Iterable[str]) -> list[Pattern]:
    """The values that select events."""
    return [pattern for pattern in map(Pattern.parse, values) if not pattern.is_excluded]


def excluded(values: Iterable[str]) -> list[Pattern]:
    """The values that exclude events."""
    return [pattern for pattern in map(Pattern.parse, values) if pattern.is_excluded]


def exact(values: Iterable[str]) -> list[str]:
    """The values that each select exactly one text."""
    return [pattern.text for pattern in map(Pattern.parse, values) if pattern.is_exact]


def are_exact(values: Iterable[str]) -> bool:
    """Whether every value selects exactly one text, so that the values are all that is selected."""
    return all(Pattern.parse(value).is_exact for value in values)


def single_exact(values: Sequence[str]) -> str | None:
    """The text that a filter of exactly one exact value selects; None for any other filter."""
    return values[0] if len(values) == 1 and are_exact(values) else None
