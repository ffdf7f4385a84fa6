"""Words of a command line that are text anyway pass as they are.

typer 0.29 makes a pydantic adapter of each flag of a command, used or not, which takes 0.1 s of every start. That is
left to flags that are given and are more than text: numbers, paths, choices.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


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
        is_plain = self._descriptor.parameter_info.parser is None
        if value is None:
            return () if param.multiple or param.nargs == -1 else None
        if is_plain and self._descriptor.annotation is str and type(value) is str and not param.multiple:
            return value
        if is_plain and self._descriptor.annotation == list[str] and _are_texts(value):
            return list(value)
        from typer._coercion import build_runtime_param

        return build_runtime_param(self._descriptor).coerce(value, param=param, ctx=ctx)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(type(one) is str for one in value)
