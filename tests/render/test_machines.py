"""The formats for scripts: the exact output, and that it can be read back."""

from __future__ import annotations

import csv
import io
import itertools
import json
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from kevents import duck
from kevents.escape import escape, is_hostile
from kevents.render import formats
from kevents.render.look import Look
from kevents.result import Column, Kind, Result, Show
from tests.render.results import (
    HOSTILE,
    LIST_COLUMNS,
    NOW,
    TIME,
    batch,
    column_of,
    event_list,
    event_stream,
    hostile,
    observation,
    rendered,
)

RESULT = Result(
    (
        Column("last_seen", Kind.SEEN),
        Column("share", Kind.PERCENT),
        Column("drawn", Kind.BAR, Show.DRAWN),
        Column("hourly", Kind.SPARK),
        Column("hidden", show=Show.DATA),
        Column("cluster", show=Show.VARIES),
    ),
    [
        pa.record_batch(
            {
                "last_seen": pa.array([datetime(2026, 11, 21, 0, 14, 25, tzinfo=UTC), None], TIME),
                "share": [12.5, None],
                "drawn": [1, 2],
                "hourly": [[1, 2], None],
                "hidden": ["é", "-x"],
                "cluster": ["prod", "prod"],
            }
        )
    ],
)


def test_json_is_an_indented_array_of_objects() -> None:
    assert rendered(RESULT, "json") == (
        "[\n"
        "    {\n"
        '        "last_seen": "2026-11-21T00:14:25Z",\n'
        '        "share": 12.5,\n'
        '        "hourly": [1,2],\n'
        '        "hidden": "é",\n'
        '        "cluster": "prod"\n'
        "    },\n"
        "    {\n"
        '        "last_seen": null,\n'
        '        "share": null,\n'
        '        "hourly": null,\n'
        '        "hidden": "-x",\n'
        '        "cluster": "prod"\n'
        "    }\n"
        "]\n"
    )


def test_jsonl_is_one_compact_object_per_line() -> None:
    assert rendered(RESULT, "jsonl") == (
        '{"last_seen":"2026-11-21T00:14:25Z","share":12.5,"hourly":[1,2],"hidden":"é","cluster":"prod"}\n'
        '{"last_seen":null,"share":null,"hourly":null,"hidden":"-x","cluster":"prod"}\n'
    )


def test_yaml_is_a_sequence_of_mappings_in_the_order_of_the_columns() -> None:
    assert rendered(RESULT, "yaml") == (
        '- last_seen: "2026-11-21T00:14:25Z"\n'
        "  share: 12.5\n"
        "  hourly:\n"
        "  - 1\n"
        "  - 2\n"
        "  hidden: é\n"
        "  cluster: prod\n"
        "- last_seen: null\n"
        "  share: null\n"
        "  hourly: null\n"
        "  hidden: -x\n"
        "  cluster: prod\n"
    )


def test_csv_has_quotes_as_in_rfc_4180_and_guards_against_formulas() -> None:
    assert rendered(RESULT, "csv") == (
        "last_seen,share,hourly,hidden,cluster\n"
        '2026-11-21T00:14:25Z,12.5,"[1,2]",é,prod\n'
        ",,,'-x,prod\n"
    )  # fmt: skip


def test_tsv_has_a_tab_between_cells() -> None:
    assert rendered(RESULT, "tsv") == (
        "last_seen\tshare\thourly\thidden\tcluster\n"
        "2026-11-21T00:14:25Z\t12.5\t[1,2]\té\tprod\n"
        "\t\t\t'-x\tprod\n"
    )  # fmt: skip


@pytest.mark.parametrize("name", ["csv", "tsv"])
def test_headers_can_be_turned_off(name: str) -> None:
    assert rendered(column_of(Kind.NUMBER, [1]), name, headers=False) == "1\n"


@pytest.mark.parametrize(
    ("name", "empty"),
    [
        ("json", "[]\n"),
        ("jsonl", ""),
        ("yaml", "[]\n"),
        ("csv", "cluster,namespace,last_seen,type,reason,object,message,first_seen,count,event_name\n"),
        ("tsv", "cluster\tnamespace\tlast_seen\ttype\treason\tobject\tmessage\tfirst_seen\tcount\tevent_name\n"),
    ],
)
def test_an_empty_result_is_an_empty_document(name: str, empty: str) -> None:
    assert rendered(event_stream([]), name) == empty
    assert rendered(event_list(), name) == empty


def test_several_batches_make_one_document() -> None:
    result = event_stream([batch(observation()), batch(), batch(observation(), observation())])
    assert len(json.loads(rendered(result, "json"))) == 3
    assert len(yaml.safe_load(rendered(result, "yaml"))) == 3
    assert rendered(result, "jsonl").count("\n") == 3
    assert rendered(result, "csv").count("\n") == 4


@pytest.mark.parametrize("name", ["json", "jsonl", "csv", "tsv", "yaml"])
def test_a_result_that_never_ends_is_written_batch_by_batch(name: str) -> None:
    endless = event_stream(batch(observation(message=f"number {turn}")) for turn in itertools.count())
    chunks = formats.find(name).chunks(endless, Look(NOW))
    text = "".join(str(chunk) for chunk in itertools.islice(chunks, 3))
    assert "number 1" in text


@pytest.mark.parametrize("name", ["json", "jsonl", "yaml"])
def test_hostile_text_comes_back_unchanged(name: str) -> None:
    text = rendered(hostile(), name)
    key = "a\x1b[1m\nb"
    match name:
        case "json":
            rows = json.loads(text)
        case "jsonl":
            rows = [json.loads(line) for line in text.split("\n")[:-1]]
        case _:
            rows = yaml.safe_load(text)
    assert [row[key] for row in rows] == list(HOSTILE)


def test_yaml_contains_no_control_characters() -> None:
    text = rendered(hostile(), "yaml")
    assert not is_hostile(text, keep_newlines=True)
    assert '"\\e]0;owned\\a"' in text


@pytest.mark.parametrize(
    "word",
    [
        "y",
        "No",
        "TRUE",
        "~",
        "null",
        "1",
        "1e5",
        "0x1F",
        "0b1",
        "1_000",
        "12:30:45",
        ".5",
        "-.inf",
        "2026-11-20",
        "=",
        "<<",
        "",
    ],
)
def test_yaml_quotes_text_that_some_readers_would_parse_as_another_type(word: str) -> None:
    assert rendered(column_of(Kind.TEXT, [word]), "yaml") == f'- x: "{word}"\n'


def test_csv_reads_back_as_escaped_text() -> None:
    text = rendered(hostile(), "csv")
    assert not is_hostile(text, keep_newlines=True)
    header, *rows = csv.reader(io.StringIO(text))
    assert header == [r"a^[[1m\nb"]
    assert len(rows) == len(HOSTILE)
    for (cell,), original in zip((row or [""] for row in rows), HOSTILE, strict=True):
        guarded = original[:1] in {"=", "+", "-", "@", "\t", "\r"} and original != ""
        assert cell == ("'" if guarded else "") + escape(original)


def test_csv_keeps_formulas_if_the_guard_is_off() -> None:
    assert rendered(column_of(Kind.TEXT, ["=1", "-x"]), "csv", csv_guard=False) == "x\n=1\n-x\n"


def test_csv_does_not_guard_numbers() -> None:
    assert rendered(column_of(Kind.NUMBER, [-1, -2.5]), "csv") == "x\n-1.0\n-2.5\n"
    assert rendered(column_of(Kind.NUMBER, [-1]), "csv") == "x\n-1\n"


def test_tsv_has_the_same_number_of_tabs_on_every_line() -> None:
    rows = [
        observation(**{column.name: text})
        for text in HOSTILE
        for column in LIST_COLUMNS
        if column.name in {"reason", "object", "message"}
    ]
    assert {line.count("\t") for line in rendered(event_list(*rows), "tsv").split("\n")[:-1]} == {len(LIST_COLUMNS) - 1}


def parquet(result: Result) -> pa.Table:
    chunks = formats.find("parquet").chunks(result, Look(NOW))
    return pq.read_table(io.BytesIO(b"".join(bytes(chunk) for chunk in chunks)))  # type: ignore[arg-type]


def test_parquet_reads_back_all_columns_that_are_not_drawn() -> None:
    table = parquet(RESULT)
    assert table.column_names == ["last_seen", "share", "hourly", "hidden", "cluster"]
    assert table.schema.field("last_seen").type == TIME
    assert table.to_pylist()[1] == {"last_seen": None, "share": None, "hourly": None, "hidden": "-x", "cluster": "prod"}


def test_parquet_of_several_batches_is_one_file() -> None:
    assert parquet(event_stream([batch(observation()), batch(observation(), observation())])).num_rows == 3


def test_parquet_without_rows_has_the_columns() -> None:
    assert parquet(event_stream([])).column_names == [column.name for column in LIST_COLUMNS]
    reader = pa.RecordBatchReader.from_batches(batch().schema, [])
    assert parquet(event_stream(reader)).schema.field("count").type == pa.int64()


def test_parquet_has_text_for_types_that_it_does_not_support() -> None:
    reader = duck.connect().sql("SELECT INTERVAL '1 day' AS i, union_value(n := 2) AS u").to_arrow_reader()
    result = Result((Column("i"), Column("u")), reader)
    assert parquet(result).to_pylist() == [{"i": "P1D", "u": "2"}]


def test_columns_with_the_same_name_keep_their_own_values() -> None:
    two = pa.RecordBatch.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    result = Result((Column("a"), Column("a")), [two])
    assert rendered(result, "csv") == "a,a\n1,2\n"
    assert rendered(result, "jsonl") == '{"a":1,"a":2}\n'


def test_a_percent_sign_in_a_column_name_is_kept() -> None:
    result = Result((Column("100%s"),), [pa.record_batch({"100%s": [1]})])
    assert rendered(result, "jsonl") == '{"100%s":1}\n'


def test_an_unknown_format_is_an_error_that_lists_the_formats() -> None:
    from kevents.errors import UsageError

    with pytest.raises(UsageError) as failed:
        formats.find("xml")
    assert str(failed.value) == 'unknown output format "xml"'
    assert failed.value.hint == "One of: table, wide, markdown, json, jsonl, yaml, csv, tsv, parquet."


@pytest.mark.parametrize("name", ["json", "jsonl"])
def test_json_on_a_terminal_escapes_what_a_terminal_interprets_and_stays_the_same_json(name: str) -> None:
    """DEL, C1, bidirectional controls, zero-width and tag characters, which JSON itself leaves as they are."""
    texts = [*HOSTILE, "\x7f\x9b31m\x85", "\u202e\u2066\u200f", "a\u200bb\ufeff", "\U000e0041", "é 🚀 👩\u200d💻"]
    rows = Result((Column("x"),), [pa.record_batch({"x": texts})])
    document = json.dumps({"x": texts}, ensure_ascii=False)
    events = Result((Column("d"),), [pa.record_batch({"d": [document]})], document="d")
    for result in (rows, events):
        on_terminal, piped = (rendered(result, name, is_terminal=is_terminal) for is_terminal in (True, False))
        assert not is_hostile(on_terminal, keep_newlines=True)
        assert "é 🚀 👩\u200d💻" in on_terminal
        assert "\x9b31m" in piped
        pairs = zip(_documents(on_terminal, name), _documents(piped, name), strict=True)
        assert all(json.loads(one) == json.loads(other) for one, other in pairs)


def _documents(text: str, name: str) -> list[str]:
    return text.split("\n")[:-1] if name == "jsonl" else [text]


def test_the_tag_character_is_a_pair_of_surrogates_in_json() -> None:
    assert rendered(column_of(Kind.TEXT, ["\U000e0041"]), "jsonl", is_terminal=True) == '{"x":"\\udb40\\udc41"}\n'


@pytest.mark.parametrize(
    ("text", "in_csv", "in_tsv"),
    [
        ("＝1", "'＝1", "'＝1"),
        ("＋1", "'＋1", "'＋1"),
        ("－1", "'－1", "'－1"),
        ("＠SUM(A1)", "'＠SUM(A1)", "'＠SUM(A1)"),
        ("a;=1;b;@x", "a;'=1;b;'@x", "a;'=1;b;'@x"),
        ("a;＝1", "a;'＝1", "a;'＝1"),
        ("a,=1", "a,=1", "a,'=1"),
        ('"=1"', '\'"=1"', '\'"=1"'),
        ('a;"=1"', 'a;\'"=1"', 'a;\'"=1"'),
        ("a; b = c, d-e", "a; b = c, d-e", "a; b = c, d-e"),
    ],
)
def test_formulas_are_guarded_wherever_a_spreadsheet_may_start_a_cell(text: str, in_csv: str, in_tsv: str) -> None:
    result = column_of(Kind.TEXT, [text])
    ((cell,),) = csv.reader(io.StringIO(rendered(result, "csv", headers=False)))
    assert cell == in_csv
    assert rendered(result, "tsv", headers=False) == f"{in_tsv}\n"
    ((unguarded,),) = csv.reader(io.StringIO(rendered(result, "csv", headers=False, csv_guard=False)))
    assert unguarded == text


def test_formulas_in_lists_are_guarded() -> None:
    result = column_of(Kind.TEXT, [["a;=1"]])
    assert rendered(result, "tsv", headers=False) == '["a;\'=1"]\n'
