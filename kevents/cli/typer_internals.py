"""All private parts of typer that kevents uses. Written for typer 0.29.2.

typer creates a pydantic adapter for each parameter, which adds 0.1 s to every start, and writes its own messages for
invalid values. Parameters with a converter from here avoid both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kevents.errors import UsageError

_NUMBER = re.compile(r"-?[0-9]{1,15}")


def use_own_converters(parameters: Iterable[Any]) -> None:
    """Make the parameters convert their values without pydantic."""
    for parameter in parameters:
        if getattr(parameter, "_runtime_param", ...) is None:
            parameter._runtime_param = _Converter(parameter.type_descriptor)


def value_type(parameter: Any) -> type:
    """The type of a parameter's value: bool, int or str."""
    annotation = parameter.type_descriptor.annotation
    return annotation if annotation in {bool, int} else str


class _Converter:
    """Replaces typer's RuntimeParam: converts the text of the command line, or a default, to a value."""

    def __init__(self, descriptor: Any) -> None:
        self._descriptor = descriptor

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """The value in the type that the command declares. Raises UsageError if it is not valid."""
        if value is None:
            return () if param.multiple or param.nargs == -1 else None
        annotation = self._descriptor.annotation
        if annotation == list[str]:
            return [str(each) for each in value]
        if annotation is int:
            return self._number(value, param, ctx)
        if annotation in {str, bool, Path}:
            return annotation(value)
        raise TypeError(f"no conversion to {annotation}")

    def _number(self, value: Any, param: Any, ctx: Any) -> int:
        bounds = self._descriptor.parameter_info
        least, most = bounds.min, bounds.max
        if _NUMBER.fullmatch(f"{value}"):
            number = int(value)
            if (least is None or number >= least) and (most is None or number <= most):
                return number
        if least is not None and most is not None:
            allowed = f" from {least} to {most}"
        else:
            allowed = f" of at least {least}" if least is not None else ""
        name = max(param.opts, key=len)
        raise UsageError(f'{name} must be a whole number{allowed}, not "{value}"', f"See {ctx.command_path} --help.")
