"""Only paths.py knows where the files of a store are, and only disk.py accesses them.

Another backend needs changes only in these two modules.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

STORE = Path(__file__).parents[2] / "kevents" / "store"
# Not part of the rule: locks and file systems, which the kernel provides, and names/, which is in the user's cache.
EXCEPTIONS = {"disk.py", "lock.py", "reader_lock.py", "filesystem.py", "free_space.py"}
MODULES = [
    path for path in sorted(STORE.rglob("*.py")) if path.name not in EXCEPTIONS and path.parent != STORE / "names"
]
CALLS = {"rename", "unlink", "mkdir", "rmdir", "touch", "glob", "rglob", "iterdir", "hardlink_to", "symlink_to"}
CALLS |= {"chmod", "read_bytes", "write_bytes", "read_text", "write_text", "open", "stat"}


def file_accesses(tree: ast.AST) -> Iterator[str]:
    """The file system calls of a module, except on files that are already open."""
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
            case ast.Call(func=ast.Attribute(attr="replace"), args=[_], keywords=[]):  # str.replace has two arguments
                yield "replace"


def path_joins(tree: ast.AST) -> Iterator[int]:
    """The lines where a module joins a path and a literal name."""
    for node in ast.walk(tree):
        match node:
            case ast.BinOp(op=ast.Div(), right=ast.JoinedStr() | ast.Constant(value=str())):
                yield node.lineno


def test_only_the_disk_module_accesses_the_files_of_a_store() -> None:
    by_module = {path: list(file_accesses(ast.parse(path.read_text("utf-8")))) for path in MODULES}
    assert {path.relative_to(STORE).as_posix(): calls for path, calls in by_module.items() if calls} == {}


def test_only_the_paths_module_knows_where_they_are() -> None:
    by_module = {path: list(path_joins(ast.parse(path.read_text("utf-8")))) for path in MODULES}
    assert [path.relative_to(STORE).as_posix() for path, lines in by_module.items() if lines] == ["paths.py"]


def test_the_checks_find_what_they_should() -> None:
    code = "import shutil; path.unlink(); path.replace(other); 'a'.replace('b', 'c'); Store.open(x); path.open()"
    assert sorted(file_accesses(ast.parse(code))) == ["import shutil", "open", "replace", "unlink"]
    assert list(path_joins(ast.parse("directory / 'lock'\ndirectory / name"))) == [1]
