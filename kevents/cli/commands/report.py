"""`kevents query`: the user's own SQL over the same views as the reports."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    pass
