"""Finds names in filters that don't exist in the store, and suggests similar ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from kevents.cli.flags import TYPES
from kevents.escape import escape
from kevents.query.kinds import parse_kind
from kevents.query.pattern import exact
from kevents.query.selection import split_object
from kevents.suggest import nearest

if TYPE_CHECKING:
    from kevents.cli.request import Request
    from kevents.store.names.lookup import Names

_MOST_OBJECTS = 3  # of those that start with the name
_MOST_NAMES = 6  # clusters, namespaces, reasons; more are not listed
_PATIENCE = 0.5  # seconds to wait until the names of a large store are indexed
_SMALL = 1_000_000  # observations; the names of a store up to this size are indexed at once
_FILTERS = {
    "cluster": "clusters",
    "namespace": "namespaces",
    "reason": "reasons",
    "node": "nodes",
    "component": "components",
}
NAME_TYPES = frozenset({*_FILTERS, "image"})


def unknown_names(request: Request, arguments: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each name that does not exist in the store.

    arguments: the names in a report's own arguments, by type.
    """
    selection, names = request.selection, _names(request)
    for type_, filter_ in _FILTERS.items():
        for value in exact(getattr(selection, filter_)):
            yield from _unknown_word(names, type_, value)
    for value in exact(selection.types):
        if value.lower() not in map(str.lower, TYPES) and (similar := nearest(value, TYPES)):
            yield _sentence("type", value, similar)
    for kind in exact(selection.kinds):
        yield from _unknown_kind(names, kind)
    for value in exact(selection.objects):
        typed_kind, name = split_object(value)
        kind = parse_kind(typed_kind).kind
        yield from _unknown_kind(names, typed_kind) or _unknown_object(names, [kind], name, kind)
    for name in exact(selection.names):
        kinds = [parse_kind(kind).kind for kind in exact(selection.kinds)]
        kinds = kinds or names.ask(lambda index: index.words("kind", ""))
        yield from _unknown_object(names, kinds, name, "object")
    for type_, value in arguments.items():
        yield from _unknown_image(names, value) if type_ == "image" else _unknown_word(names, type_, value)


def _names(request: Request) -> Names:
    from kevents.config import cache_directory
    from kevents.store.names.lookup import Names

    is_small = sum(file.rows for file in request.store.snapshot.files) <= _SMALL
    return Names(request.store.directory, cache_directory(), _PATIENCE, in_process=is_small)


def _unknown_word(names: Names, type_: str, value: str) -> list[str]:
    """A sentence if no event has the word. Only reasons are compared without case, as their filter does."""
    words = names.ask(lambda index: index.similar(type_, value))
    if value in words or (type_ == "reason" and value.lower() in map(str.lower, words)):
        return []
    if similar := nearest(value, words):
        return [_sentence(type_, value, similar)]
    every = names.ask(lambda index: index.words(type_, ""))
    listed = f" It has {', '.join(map(escape, every))}." if 0 < len(every) <= _MOST_NAMES else ""
    return [f"{sentence}{listed}" for sentence in _unknown(names, type_, value, None)]


def _unknown_kind(names: Names, typed: str) -> list[str]:
    """A sentence if neither the store nor Kubernetes has the kind. Plurals and kubectl's short names are known."""
    parsed = parse_kind(typed)
    stored = names.ask(lambda index: index.words("kind", ""))
    if parsed.is_known or parsed.kind.lower() in map(str.lower, stored):
        return []
    return _unknown(names, "kind", typed, nearest(typed, stored))


def _unknown_object(names: Names, kinds: Iterable[str], name: str, noun: str) -> list[str]:
    """A sentence if no object has the name, with the objects that start with it or else the most similar one."""
    longer: list[str] = []
    similar: list[str] = []
    for kind in kinds:
        objects = names.ask(lambda index, kind=kind: index.objects(kind, name, (), ()))  # type: ignore[misc]
        if name in objects:
            return []
        longer += objects
        similar += names.ask(lambda index, kind=kind: index.similar_objects(kind, name))  # type: ignore[misc]
    if longer:
        examples = ", ".join(map(escape, longer[:_MOST_OBJECTS])) + (", …" if len(longer) > _MOST_OBJECTS else "")
        return [f"{_sentence(noun, name, None)} --name '{escape(name)}*' matches {examples}"]
    return _unknown(names, noun, name, nearest(name, similar))


def _unknown_image(names: Names, typed: str) -> list[str]:
    """A sentence if no image has the name, with or without registry, tag and digest."""
    forms = {form: None for image in names.ask(lambda index: index.words("image", "")) for form in _forms(image)}
    return [] if typed in forms else _unknown(names, "image", typed, nearest(typed, forms))


def _forms(image: str) -> Iterator[str]:
    """`registry/shop/cart:2`, `registry/shop/cart`, `shop/cart:2`, `shop/cart`, `cart:2`, `cart`."""
    parts = image.split("@", maxsplit=1)[0].split("/")
    for start in range(len(parts)):
        form = "/".join(parts[start:])
        yield form
        yield form.rsplit(":", 1)[0] if ":" in parts[-1] else form


def _unknown(names: Names, noun: str, typed: str, similar: str | None) -> list[str]:
    """A sentence, unless the name may be one that is not indexed yet."""
    if similar is None and not names.is_complete:
        return []
    return [_sentence(noun, typed, similar)]


def _sentence(noun: str, typed: str, similar: str | None) -> str:
    sentence = f'No {noun} "{escape(typed)}" in the store.'
    return f"{sentence} Did you mean {escape(similar)}?" if similar else sentence
