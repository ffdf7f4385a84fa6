"""What people read above a table: the lines of the result's heading, folded to the terminal, and a blank line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kevents.render.fold import fold

if TYPE_CHECKING:
    from kevents.render.look import Look
    from kevents.result import Result


def heading(result: Result, look: Look) -> Iterator[str]:
    """The heading as one chunk, if there is one."""
    if result.heading:
        texts = [look.text(line) for line in result.heading]
        lines = [part for text in texts for part in (fold(text, look.width) if look.width else [text])]
        yield "\n".join(lines) + "\n\n"
