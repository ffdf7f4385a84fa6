"""Restores events with joined keys, as log pipelines write them: `event.involvedObject.name`, `event_reason`."""

from __future__ import annotations

from typing import Any

from kevents.event.fields import PATHS, REFERENCE, RELATED, TYPE_META, Path

_MAPS = ("labels", "annotations")  # their keys hold dots themselves
_PATHS: tuple[Path, ...] = (
    *((name,) for name in TYPE_META),
    *PATHS,
    *(("metadata", name) for name in ("selfLink", "generateName")),
    *((RELATED, name) for name in REFERENCE),
)


def _snake(path: tuple[str, ...]) -> str:
    return "".join("_" + char.lower() if char.isupper() else char for char in "_".join(path))


_SNAKE = {_snake(path): path for path in _PATHS}


def unflattened(document: dict[str, Any]) -> dict[str, Any] | None:
    """The document with its event (and old event) nested again; None if it has no joined keys."""
    nested: dict[str, Any] = {}
    has_joined_keys = False
    for key, value in document.items():
        path = _path(key)
        if path is None:
            nested[key] = value
            continue
        has_joined_keys = True
        parent = nested
        for part in path[:-1]:
            inner = parent.setdefault(part, {})
            if not isinstance(inner, dict):
                return None
            parent = inner
        parent[path[-1]] = value
    if not has_joined_keys:
        return None
    nested.setdefault("verb", "")
    return nested


def _path(key: str) -> list[str] | None:
    """The nested keys that a joined key stands for."""
    for event in ("event", "old_event"):
        if key.startswith(event + "."):
            parts = key.split(".")
            for index, part in enumerate(parts):
                if part in _MAPS and index + 1 < len(parts):
                    return [*parts[: index + 1], ".".join(parts[index + 1 :])]
            return parts
        rest = key.removeprefix(event + "_")
        if rest != key and rest in _SNAKE:
            return [event, *_SNAKE[rest]]
    return None
