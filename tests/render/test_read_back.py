"""Random text in every format for scripts, read back by a parser that is not ours."""

from __future__ import annotations

import csv
import io
import json
import re

import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from kevents.escape import escape
from kevents.render import formats
from kevents.render.look import Look
from kevents.result import Column, Kind, Result
from tests.render.results import NOW, column_of, rendered

# what breaks parsers: line breaks of Unicode, BOM, tag characters, C0, DEL, C1, indicators of YAML, CSV and Markdown
SPECIAL = "\n\n\n\r\t\x0b\x0c\x1c\x1e\x85\u2028\u2029\ufeff\ufffe\uffff\x00\x1b\x7f\x9b\u202e\u200b\U000e0041\U0010ffff"
INDICATORS = " -:#|>?'\"\\%,;&*!{}[]<`~=+@._/0ax\U0001f680"
TEXT = st.text(st.one_of(st.sampled_from(SPECIAL + INDICATORS), st.characters(exclude_categories=["Cs"])), max_size=20)
TEXTS = st.lists(TEXT, min_size=1, max_size=4)
WITH_SURROGATES = st.text(st.one_of(st.sampled_from(SPECIAL + "\ud83d\udfff"), st.characters()), max_size=20)

YAML_LOADERS = [yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)]

quickly = settings(deadline=None, database=None)


def rows(names: list[str], texts: list[str]) -> Result:
    """Two rows, in which the last text of a row is the last one of its column."""
    arrays = [pa.array([text, text], pa.string()) for text in texts]
    return Result(tuple(map(Column, names)), [pa.RecordBatch.from_arrays(arrays, names=names)])


def documents(events: list[object]) -> Result:
    """A result whose rows are Events."""
    texts = [json.dumps(event) for event in events]
    return Result((Column("document"),), [pa.record_batch({"document": texts})], document="document")


@quickly
@given(TEXTS)
@example(["x\n\n"])
@example(["\n"])
@example([" \n\n"])
def test_json_and_yaml_of_rows_read_back(texts: list[str]) -> None:
    names = [f"c{number}" for number in range(len(texts))]
    expected = [dict(zip(names, texts, strict=True))] * 2
    assert json.loads(rendered(rows(names, texts), "json")) == expected
    lines = rendered(rows(names, texts), "jsonl").split("\n")
    assert [json.loads(line) for line in lines[:-1]] == expected
    text = rendered(rows(names, texts), "yaml")
    for loader in YAML_LOADERS:
        assert yaml.load(text, loader) == expected


@quickly
@given(st.lists(TEXT, min_size=1, max_size=3, unique=True))
@example(["x\n\n"])
def test_column_names_read_back(names: list[str]) -> None:
    expected = [dict.fromkeys(names, "x")] * 2
    result = rows(names, ["x"] * len(names))
    assert json.loads(rendered(result, "json")) == expected
    for loader in YAML_LOADERS:
        assert yaml.load(rendered(result, "yaml"), loader) == expected
    header, *_ = csv.reader(io.StringIO(rendered(result, "csv", csv_guard=False)))
    assert header == list(map(escape, names))


@quickly
@given(st.lists(st.dictionaries(WITH_SURROGATES, WITH_SURROGATES, max_size=3), min_size=1, max_size=2))
@example([{"message": "x\n\n"}, {"message": "y"}])
@example([{"message": "half \ud83d"}])
def test_events_read_back(events: list[dict[str, str]]) -> None:
    r"""A lone surrogate, which only the JSON text of an Event can contain, becomes the text `\ud83d`."""
    printable = [{_printable(key): _printable(text) for key, text in event.items()} for event in events]
    printable = json.loads(json.dumps(printable))  # a pair of surrogates is one character
    lines = rendered(documents(list(events)), "jsonl").split("\n")
    assert [json.loads(line) for line in lines[:-1]] == json.loads(json.dumps(events))
    assert json.loads(rendered(documents(list(events)), "json").encode())["items"] == json.loads(json.dumps(events))
    text = rendered(documents(list(events)), "yaml")
    text.encode()
    for loader in YAML_LOADERS:
        assert yaml.load(text, loader)["items"] == printable


def _printable(text: str) -> str:
    joined = json.loads(json.dumps(text))
    return re.sub("[\ud800-\udfff]", lambda half: f"\\u{ord(half.group()):04x}", joined)


@quickly
@given(TEXTS)
def test_csv_and_tsv_read_back_as_escaped_text(texts: list[str]) -> None:
    names = [f"c{number}" for number in range(len(texts))]
    expected = [names, *[[escape(text) for text in texts]] * 2]
    assert list(csv.reader(io.StringIO(rendered(rows(names, texts), "csv", csv_guard=False)))) == expected
    lines = rendered(rows(names, texts), "tsv", csv_guard=False).split("\n")
    assert [line.split("\t") for line in lines[:-1]] == expected


@quickly
@given(TEXTS)
def test_parquet_reads_back(texts: list[str]) -> None:
    chunks = formats.find("parquet").chunks(column_of(Kind.TEXT, texts), Look(NOW))
    table = pq.read_table(io.BytesIO(b"".join(bytes(chunk) for chunk in chunks)))  # type: ignore[arg-type]
    assert table.column("x").to_pylist() == texts


@quickly
@given(TEXTS)
def test_markdown_reads_back_as_escaped_text(texts: list[str]) -> None:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    text = rendered(rows([f"c{number}" for number in range(len(texts))], texts), "markdown")
    tokens = [token for token in parser.parse(text) if token.type == "inline"]
    assert len(tokens) == 3 * len(texts), text
    for token, expected in zip(tokens[len(texts) :], [*texts, *texts], strict=True):
        children = token.children or []
        assert {child.type for child in children} <= {"text", "text_special"}, text
        assert "".join(child.content for child in children) == escape(expected.strip()).strip(), text
