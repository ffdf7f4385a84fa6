"""One module names what lies in a store, and one touches it: whoever moves the store elsewhere changes those two."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

STORE = Path(__file__).parents[2] / "kevents" / "store"
# What is no part of it: locks and file systems are the kernel's, names/ is in the user's cache.
ASIDE = {"disk.py", "lock.py", "reader_lock.py", "filesystem.py", "free_space.py"}
MODULES = [path for path in sorted(STORE.rglob("*.py")) if path.name not in ASIDE and path.parent != STORE / "names"]
CALLS = {"rename", "unlink", "mkdir", "rmdir", "touch", "glob", "rglob", "iterdir", "hardlink_to", "symlink_to"}
CALLS |= {"chmod", "read_bytes", "write_bytes", "read_text", "write_text", "open", "stat"}


def deeds(tree: ast.AST) -> Iterator[str]:
    """Each way in which a module touches a disk by itself, but for files that are open already."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names) if any(name.name == "shutil" for name in names):
                yield "import shutil"
            case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr="open")) if owner[0].isupper():
                pass  # Store.open, Journal.open
            case ast.Call(func=ast.Attribute(value=ast.Name(id="os"), attr="remove" | "replace" as name)):
                yield name
            case ast.Call(func=ast.Attribute(attr=name)) if name in CALLS:
                yield name
            case ast.Call(func=ast.Attribute(attr="replace"), args=[_], keywords=[]):  # of a path; a text's takes two
                yield "replace"


def places(tree: ast.AST) -> Iterator[int]:
    """The lines where a module joins a path and a name of its own."""
    for node in ast.walk(tree):
        match node:
            case ast.BinOp(op=ast.Div(), right=ast.JoinedStr() | ast.Constant(value=str())):
                yield node.lineno


def test_only_one_module_touches_the_files_of_a_store() -> None:
    found = {path.relative_to(STORE).as_posix(): list(deeds(ast.parse(path.read_text("utf-8")))) for path in MODULES}
    assert {name: done for name, done in found.items() if done} == {}


def test_only_one_module_says_where_they_lie() -> None:
    found = {path.relative_to(STORE).as_posix(): list(places(ast.parse(path.read_text("utf-8")))) for path in MODULES}
    assert [name for name, lines in found.items() if lines] == ["paths.py"]


def test_the_rule_sees_what_it_is_meant_to_see() -> None:
    code = "import shutil; path.unlink(); path.replace(other); 'a'.replace('b', 'c'); Store.open(x); path.open()"
    assert sorted(deeds(ast.parse(code))) == ["import shutil", "open", "replace", "unlink"]
    assert list(places(ast.parse("directory / 'lock'\ndirectory / name"))) == [1]
