"""Names that filters ask for and nothing in the store has, with the one that was probably meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from kevents.cli.flags import TYPES
from kevents.escape import escape
from kevents.query.kinds import parse_kind
from kevents.query.selection import split_object
from kevents.suggest import nearest

if TYPE_CHECKING:
    from kevents.cli.request import Request
    from kevents.store.names.lookup import Names

_BEGUN = 3  # objects that are named of those that begin as typed
_LISTED = 6  # clusters, namespaces, reasons: so few are listed where none looks like what was typed
_PATIENCE = 0.5  # seconds for names of a large store that are still being learned
_SMALL = 1_000_000  # observations of which all names are learned on the spot
_FILTERS = {
    "cluster": "clusters",
    "namespace": "namespaces",
    "reason": "reasons",
    "node": "nodes",
    "component": "components",
}
_ELSE = {"namespace": " -A asks of all."}
NAME_TYPES = frozenset({*_FILTERS, "image"})


def unknown_names(request: Request, own: Mapping[str, str]) -> Iterator[str]:
    """A sentence on each name that nothing in the store has. own: names of a report's own flags, by their type."""
    selection, names = request.selection, _names(request)
    for type_, filter_ in _FILTERS.items():
        for value in _plain(getattr(selection, filter_)):
            yield from (sentence + _ELSE.get(type_, "") for sentence in _word(names, type_, value))
    for value in _plain(selection.types):
        if value.lower() not in map(str.lower, TYPES) and (near := nearest(value, TYPES)):
            yield _sentence("type", value, near)
    for typed in _plain(selection.kinds):
        yield from _kind(names, typed)
    for named in _plain(selection.objects):
        kind, name = split_object(named)
        known = parse_kind(kind).kind
        yield from _kind(names, kind) or _object(names, [known], name, known)
    for value in _plain(selection.names):
        kinds = [parse_kind(kind).kind for kind in _plain(selection.kinds)]
        kinds = kinds or names.ask(lambda index: index.words("kind", ""))
        yield from _object(names, kinds, value, "object")
    for type_, value in own.items():
        yield from _image(names, value) if type_ == "image" else _word(names, type_, value)


def _names(request: Request) -> Names:
    from kevents.config import cache_directory
    from kevents.store.names.lookup import Names

    is_small = sum(file.rows for file in request.store.snapshot.files) <= _SMALL
    return Names(request.store.directory, cache_directory(), _PATIENCE, in_process=is_small)


def _plain(values: Iterable[str]) -> Iterator[str]:
    """The values that are whole names: no patterns, and nothing that is left out."""
    return (value for value in values if "*" not in value and not value.startswith("!"))


def _word(names: Names, sort: str, value: str) -> list[str]:
    """A sentence if no event has the word, in any case where the filter does not mind it."""
    is_reason = sort == "reason"
    found = names.ask(lambda index: index.similar(sort, value))
    if value in found or (is_reason and value.lower() in map(str.lower, found)):
        return []
    if near := nearest(value, found):
        return [_sentence(sort, value, near)]
    every = names.ask(lambda index: index.words(sort, ""))
    listed = f" It has {', '.join(map(escape, every))}." if 0 < len(every) <= _LISTED else ""
    return [f"{one}{listed}" for one in _told(names, sort, value, None)]


def _kind(names: Names, typed: str) -> list[str]:
    """A sentence if neither the store nor Kubernetes has the kind; a plural or kubectl's short name is one."""
    meant = parse_kind(typed)
    held = names.ask(lambda index: index.words("kind", ""))
    if meant.is_known or meant.kind.lower() in map(str.lower, held):
        return []
    return _told(names, "kind", typed, nearest(typed, held))


def _object(names: Names, kinds: Iterable[str], name: str, noun: str) -> list[str]:
    """A sentence if no object has the name: those that begin with it, else the one that looks like it."""
    begun: list[str] = []
    alike: list[str] = []
    for kind in kinds:
        found = names.ask(lambda index, of=kind: index.objects(of, name, (), ()))  # type: ignore[misc]
        if name in found:
            return []
        begun += found
        alike += names.ask(lambda index, of=kind: index.similar_objects(of, name))  # type: ignore[misc]
    if begun:
        shown = ", ".join(map(escape, begun[:_BEGUN])) + (", …" if len(begun) > _BEGUN else "")
        return [f"The store has no {noun} \"{escape(name)}\". --name '{escape(name)}*' means {shown}"]
    return _told(names, noun, name, nearest(name, alike))


def _image(names: Names, typed: str) -> list[str]:
    """A sentence if no image is called so, with or without registry, tag and digest."""
    forms = {form: None for image in names.ask(lambda index: index.words("image", "")) for form in _forms(image)}
    return [] if typed in forms else _told(names, "image", typed, nearest(typed, forms))


def _forms(image: str) -> Iterator[str]:
    """`registry/shop/cart:2`, `registry/shop/cart`, `shop/cart:2`, `shop/cart`, `cart:2`, `cart`."""
    parts = image.split("@", maxsplit=1)[0].split("/")
    for start in range(len(parts)):
        form = "/".join(parts[start:])
        yield form
        yield form.rsplit(":", 1)[0] if ":" in parts[-1] else form


def _told(names: Names, noun: str, typed: str, near: str | None) -> list[str]:
    if near is None and not names.is_complete:
        return []
    return [_sentence(noun, typed, near)]


def _sentence(noun: str, typed: str, near: str | None) -> str:
    said = f'The store has no {noun} "{escape(typed)}".'
    return f"{said} Did you mean {escape(near)}?" if near else said
