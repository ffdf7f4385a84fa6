"""Words of a command line that are text anyway pass as they are.

typer 0.29 makes a pydantic adapter of each flag of a command, used or not, which takes 0.1 s of every start. That is
left to flags that are given and are more than a text, a switch or a number as everybody writes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

_NUMBER = re.compile(r"-?[0-9]{1,15}")


def spare(parameters: Iterable[Any]) -> None:
    """Let each parameter make its adapter only for a value that needs one."""
    for parameter in parameters:
        if getattr(parameter, "_runtime_param", ...) is None:
            parameter._runtime_param = _Sparing(parameter.type_descriptor)


class _Sparing:
    """In the place of typer's RuntimeParam."""

    def __init__(self, descriptor: Any) -> None:
        self._descriptor = descriptor

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        if value is None:
            return () if param.multiple or param.nargs == -1 else None
        if self._descriptor.parameter_info.parser is None:
            annotation = self._descriptor.annotation
            if annotation in {str, bool} and type(value) is annotation:
                return value
            if annotation == list[str] and _are_texts(value):
                return list(value)
            if annotation is int and _NUMBER.fullmatch(f"{value}") and self._holds(int(value)):
                return int(value)
        from typer._coercion import build_runtime_param

        return build_runtime_param(self._descriptor).coerce(value, param=param, ctx=ctx)

    def _holds(self, number: int) -> bool:
        """Whether the parameter's bounds hold it."""
        bounds = self._descriptor.parameter_info
        return (bounds.min is None or number >= bounds.min) and (bounds.max is None or number <= bounds.max)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(type(one) is str for one in value)
