"""ARCHITECTURE.md and CONTRIBUTING.md name files that exist, and all rooms of the package."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
_NAME = re.compile(r"`((?:kevents|tests|completions)/[\w./*-]*|[\w-]+\.(?:md|toml)|\.ci/run)`")


@pytest.mark.parametrize("document", ["ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"])
def test_every_file_that_a_document_names_exists(document: str) -> None:
    names = _NAME.findall((CHECKOUT / document).read_text(encoding="utf-8"))
    assert names
    assert [name for name in names if not list(CHECKOUT.glob(name.rstrip("/")))] == []


def test_every_room_of_the_package_is_described() -> None:
    text = (
        (CHECKOUT / "ARCHITECTURE.md").read_text(encoding="utf-8").partition("## Rooms")[2].partition("## Glossary")[0]
    )
    rooms = [path for path in sorted((CHECKOUT / "kevents").iterdir()) if not path.name.startswith("_")]
    missing = [path.name for path in rooms if f"`kevents/{path.name}`" not in text and path.suffix in {"", ".py"}]
    assert missing == ["demo"]  # data


def test_every_inner_room_of_source_and_store_is_described() -> None:
    text = (CHECKOUT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    for room in ("source", "store"):
        for path in (CHECKOUT / "kevents" / room).iterdir():
            if path.is_dir() and not path.name.startswith("_"):
                assert f"`{path.name}/`" in text, path


def test_no_two_classes_have_the_same_name() -> None:
    names = Counter(
        node.name
        for path in (CHECKOUT / "kevents").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert [name for name, count in names.items() if count > 1] == []
