"""Events whose nested keys a log pipeline has joined: `event.involvedObject.name`, `event_involved_object_name`."""

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
    """The document with its event (and old event) nested again, or None if it holds no such keys."""
    nested: dict[str, Any] = {}
    joined = False
    for key, value in document.items():
        path = _path(key)
        if path is None:
            nested[key] = value
            continue
        joined = True
        place = nested
        for part in path[:-1]:
            inner = place.setdefault(part, {})
            if not isinstance(inner, dict):
                return None
            place = inner
        place[path[-1]] = value
    if not joined:
        return None
    nested.setdefault("verb", "")
    return nested


def _path(key: str) -> list[str] | None:
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
