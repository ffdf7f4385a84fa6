"""FORMAT.md describes the store as the code writes it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from kevents.event.observe import IDENTITY
from kevents.event.schema import PARTITION, SCHEMA, STORED
from kevents.store import paths
from kevents.store.catalog import FORMAT, StoreFile
from kevents.store.coverage import State
from kevents.store.journal import control_lines
from kevents.store.segments.segment import ORDERS
from kevents.store.store import Store
from tests.store.damaged_files import run_command, store_in
from tests.store.small_recorder import open_journal, record
from tests.store.test_versions import OLDER

TEXT = (Path(__file__).parents[2] / "FORMAT.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return re.split(r"^## ", TEXT.partition(f"\n## {title}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> Iterator[list[str]]:
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| ") and len(cells) > 1:
            yield cells


def code_spans(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def test_it_lists_the_columns_of_the_files() -> None:
    documented = [tuple(cells) for cells in rows(section("Columns of a segment")) if cells[0].startswith("`")]
    stored = [(f"`{field.name}`", field.stored, field.meaning) for field in STORED]
    assert documented == stored + [(f"`{field.name}`", field.type, field.meaning) for field in PARTITION]
    (identity,) = re.findall(r"Two rows are the same observation where (.*?) are the same", TEXT, re.DOTALL)
    assert code_spans(identity) == list(IDENTITY)


def test_it_has_the_current_versions_and_a_row_for_each_version() -> None:
    assert f"Today: catalog format {FORMAT}, schema {SCHEMA}." in TEXT
    numbers = [int(cells[0]) for cells in rows(section("Versions")) if cells[0].isdecimal()]
    assert numbers == [*range(1, FORMAT + 1), *range(1, SCHEMA + 1)]
    assert sorted(path.name for path in OLDER.iterdir() if path.is_dir()) == [
        f"format-{n}" for n in range(1, FORMAT + 1)
    ]


def test_it_lists_all_keys_words_states_and_orders(tmp_path: Path) -> None:
    catalog = section("Catalog")
    store = store_in(tmp_path)
    document = json.loads(paths.catalog_of(store.directory).read_bytes())
    tables = [code_spans(cells[0]) for cells in rows(catalog) if cells[0].startswith("`")]
    keys = [key for row in tables for key in row]
    assert set(keys) == {*document, *(field.name for field in fields(StoreFile))} - {"crc32"}
    assert set(document["files"][0]) <= set(keys)
    assert set(next(iter(document["clusters"].values()))) == {"sealed", "checkpoints", "coverage", "counts"}
    assert {state.value for state in State} <= set(code_spans(catalog))
    assert f"Order 1 is by `{ORDERS[1]}`" in catalog
    assert ORDERS[2].startswith("reason, ")
    words = {code_spans(cells[0])[0] for cells in rows(section("Journal")) if cells[0].startswith("`#")}
    assert words == {f"#{word}" for word in (*control_lines.WORDS, "sum")}


@pytest.fixture
def full(tmp_path: Path) -> Store:
    """A store with every kind of file that a store can have."""
    store = store_in(tmp_path)
    journal = open_journal(store)
    record(journal, 100)
    with store.writing(lambda _: None):
        run_command(store, "list")
    journal.close()
    run_command(store, "store", "compact")
    return store


def test_it_lists_every_file_of_a_store(full: Store) -> None:
    documented = [word for cells in rows(section("Directory")) for word in code_spans(cells[0])]
    patterns = [
        re.compile(re.escape(word).replace("…", "[^/]+").replace(r"\*", ".*").rstrip("/")) for word in documented
    ]
    for path in full.directory.rglob("*"):
        place = path.relative_to(full.directory).as_posix()
        is_documented = any(
            p.fullmatch(place) or p.fullmatch(path.name) or p.pattern.startswith(re.escape(place)) for p in patterns
        )
        assert is_documented or path.is_dir(), place


def test_other_tools_can_read_a_store_exactly_with_the_catalog(full: Store) -> None:
    """Read the files as FORMAT.md describes, without kevents."""
    duckdb = pytest.importorskip("duckdb")
    shutil.copyfile(full.files()[0].path, full.files()[0].path.with_name("0123456789abcdef.parquet"))  # not listed
    document = json.loads((full.directory / "catalog.json").read_bytes())
    files = [
        str(full.directory / "observations" / f"cluster={file['cluster']}" / f"day={file['day']}" / file["path"])
        for file in document["files"]
    ]
    ((count, clusters),) = duckdb.sql(
        f"SELECT count(*), max(cluster) FROM read_parquet({files}, hive_partitioning = true, union_by_name = true)"
    ).fetchall()
    assert (count, clusters) == (60, "prod")
