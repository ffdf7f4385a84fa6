"""The words of a command line that say again what flags said, for a command that is offered as the next one."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import fields
from typing import Any, get_type_hints


def retyped(flags: object, without: Collection[str] = ()) -> list[str]:
    """The flags of a group that are not at their defaults, as they would be typed."""
    hints = get_type_hints(type(flags), include_extras=True)
    words: list[str] = []
    for field in fields(flags):  # type: ignore[arg-type]
        value = getattr(flags, field.name)
        if field.name not in without and value != field.default:
            words += _words(_option(field.name, hints[field.name]), value)
    return words


def _option(name: str, hint: Any) -> str:
    """The flag as its declaration names it, else as typer does."""
    (option,) = hint.__metadata__
    # typer keeps the first word as the default, since Annotated leaves that to the field
    words = [word for word in (option.default, *(option.param_decls or ())) if isinstance(word, str)]
    return min(words, key=len, default=f"--{name.replace('_', '-')}")


def _words(option: str, value: Any) -> Iterator[str]:
    if value is True:
        yield option
    else:
        for one in value if isinstance(value, list) else [value]:
            yield from (option, str(one))
