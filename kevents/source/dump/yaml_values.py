"""Loads YAML as JSON values: a loader with the scalars of YAML 1.2 and without Python types."""

from __future__ import annotations

import math
import re
from typing import Any, ClassVar

import yaml

from kevents.escape import escape
from kevents.json_depth import TOO_DEEP, value_is_too_deep
from kevents.source.dump.pieces import Problem
from kevents.source.json_text import Json

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MAY_BE_ALIAS = re.compile(r"(?:^|[\s\[{,:-])\*\S", re.MULTILINE)


class InvalidYaml(Exception):  # noqa: N818 - it does not leave this package: who catches it reports the problem
    """Text that cannot be loaded. line: counted from 0 in that text."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self._reason = reason
        self._line = line

    def problem(self, first_line: int) -> Problem:
        """The problem of a text that starts at this line of the file."""
        return Problem(f"invalid YAML: {self._reason}", first_line + self._line, None)


def load(text: str) -> Json:
    """The single document in the text; raises InvalidYaml."""
    try:
        if _MAY_BE_ALIAS.search(text):
            _refuse_aliases(text)
        value: Json = yaml.load(text, Loader=_Loader)  # noqa: S506 - the safe loader with fewer types
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise InvalidYaml(escape(error.problem or "unreadable"), mark.line if mark else 0) from None
    except yaml.YAMLError as error:
        raise InvalidYaml(escape(str(error).partition("\n")[0])) from None
    except RecursionError:
        raise InvalidYaml(TOO_DEEP) from None
    if value_is_too_deep(value):
        raise InvalidYaml(TOO_DEEP)
    return value


def _refuse_aliases(text: str) -> None:
    for token in yaml.scan(text, Loader=_Loader):
        if isinstance(token, yaml.AliasToken):
            raise InvalidYaml("aliases are not supported", token.start_mark.line)


class _Loader(_Base):  # type: ignore[misc]
    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}
    yaml_constructors: ClassVar[dict[str | None, Any]] = {}


def _mapping(loader: Any, node: yaml.MappingNode) -> dict[str, Json]:
    return {_key(key): loader.construct_object(value, deep=True) for key, value in node.value}


def _key(node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise yaml.constructor.ConstructorError(None, None, "a key is not a string", node.start_mark)
    return str(node.value)


def _sequence(loader: Any, node: yaml.SequenceNode) -> list[Json]:
    return [loader.construct_object(item, deep=True) for item in node.value]


def _number(_: object, node: yaml.ScalarNode) -> Json:
    try:
        number = float(node.value) if re.search(r"[.eE]", node.value) else int(node.value)
    except ValueError:  # Python refuses to convert integers of thousands of digits
        return str(node.value)
    return number if math.isfinite(number) else str(node.value)


def _other(loader: Any, node: yaml.Node) -> Json:
    """A value of a type that JSON does not have: scalars become strings, exactly as written."""
    if isinstance(node, yaml.MappingNode):
        return _mapping(loader, node)
    return _sequence(loader, node) if isinstance(node, yaml.SequenceNode) else str(node.value)


for _tag, _pattern, _first, _constructor in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""], lambda *_: None),
    ("bool", r"true|True|TRUE|false|False|FALSE", [*"tTfF"], lambda _, node: node.value in ("true", "True", "TRUE")),
    ("int", r"-?(0|[1-9][0-9]*)", [*"-0123456789"], _number),
    ("float", r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?", [*"-0123456789"], _number),
):
    _name = f"tag:yaml.org,2002:{_tag}"
    _Loader.add_implicit_resolver(_name, re.compile(rf"(?:{_pattern})\Z"), _first)
    _Loader.add_constructor(_name, _constructor)
_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
_Loader.add_constructor("tag:yaml.org,2002:seq", _sequence)
_Loader.add_constructor(None, _other)
