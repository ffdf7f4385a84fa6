"""What people read above a table: the result's heading, folded to the terminal, a legend, and a blank line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kevents.render.fold import fold
from kevents.render.legend import legend

if TYPE_CHECKING:
    from kevents.render.look import Look
    from kevents.result import Result


def heading(result: Result, look: Look) -> Iterator[str]:
    """The heading as one chunk, if there is one."""
    texts = [look.text(line) for line in result.heading]
    lines = [part for text in texts for part in (fold(text, look.width) if look.width else [text])]
    lines += legend(result, look)
    if lines:
        yield "\n".join(lines) + "\n\n"
