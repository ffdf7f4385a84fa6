"""The flags that say how long what is kept, the same for `kevents store prune` and `kevents record`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import typer

from kevents.cli.flags import Texts

if TYPE_CHECKING:
    from kevents.maintenance.retention import Rules


@dataclass(frozen=True)
class RetentionFlags:
    """Which days go."""

    panel: ClassVar[str] = "Retention"

    older_than: Annotated[
        str | None, typer.Option(metavar="TIME", help="Delete days that ended longer ago: 120d, 8w.")
    ] = None
    max_size: Annotated[
        str | None, typer.Option(metavar="SIZE", help="Delete the oldest days until the rest takes no more: 20GB.")
    ] = None
    keep_severity: Annotated[
        Texts,
        typer.Option(
            metavar="LEVEL=TIME", help="With --older-than: what is so bad, or worse, stays so long: warning=365d."
        ),
    ] = None


def rules_of(flags: RetentionFlags) -> Rules:
    """The rules that the flags say."""
    from kevents.maintenance import retention

    return retention.rules(flags.older_than, flags.max_size, flags.keep_severity or ())
