"""Report files with a wrong type anywhere in their header: each is named and skipped, and all commands work."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kevents.errors import UsageError
from kevents.report.catalog import Report, parse
from kevents.report.header import HEADER
from tests.cli.conftest import event
from tests.screen import run

VALID = {
    "summary": '"Events by reason"',
    "order": '["n DESC"]',
    "by": '["reason"]',
    "aliases": '["also-mine"]',
    "about": '["More."]',
    "examples": '["kevents mine"]',
    "time": '"age"',
    "is_command": "true",
    "keeps_newest": "false",
    "cap": "10",
    "document": '"report.document"',
    "empty": '"Nothing."',
    "argument": '{ metavar = "NAME", help = "A name.", report = "reasons" }',
    "parameters": '{ least = { value = "number", metavar = "N", default = 1, help = "Least." } }',
    "columns": '{ n = "number" }',
}
REQUIRED = ("summary", "order", "columns")
VALUES = [
    "5", "-1", "0", "5.5", "nan", "true", '""', '"text"', '"a\\nb"', '"\\u001b]0;owned\\u0007"', "2026-11-20",
    "2026-11-20T09:00:00Z", "09:00:00", "[]", "[5]", '["text"]', "[[]]", "[{}]", "{}", "{ a = 5 }", '{ a = "text" }',
    "{ a = { b = { c = 1 } } }", '{ a = { kind = 5 } }', '{ a = { value = [] } }',
    '{ a = { value = "number", default = "x" } }',
    '{ a = { help = 5 } }', '{ a = { metavar = {} } }', '{ a = { label = 5 } }', '{ a = { show = "no" } }',
    '{ metavar = "X", help = "x", report = "none" }', '{ metavar = 1, help = 2, report = 3 }', '{ metavar = "X" }',
    '{ "" = "text" }', '{ "a b" = { value = "text" } }', '{ output = { value = "text" } }',
    '{ class = { value = "text" } }',
    '{ context = { value = "text" } }', '{ a = { value = "duration", default = "soon" } }', "9" * 5000,
    '["list"]', '["-x"]', '["../x"]', "1e400", "[" * 5000,
]  # fmt: skip
VALUE = st.recursive(
    st.sampled_from(["5", "-1", "1.5", "true", '"x"', '""', "2026-11-20", "09:00:00"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2).map(lambda items: f"[{', '.join(items)}]"),
        st.dictionaries(st.sampled_from(["kind", "show", "value", "default", "help", "a"]), inner, max_size=2).map(
            lambda table: "{ " + ", ".join(f"{key} = {value}" for key, value in table.items()) + " }"
        ),
    ),
    max_leaves=4,
)
SELECT = "SELECT reason, count(*) AS n FROM events GROUP BY ALL\n"


def report(**values: str) -> str:
    """A report file with these values in its header."""
    return "".join(f"-- {key} = {value}\n" for key, value in values.items()) + SELECT


def test_the_values_of_these_tests_are_those_of_a_header():
    assert VALID.keys() == HEADER.keys()
    assert isinstance(parse("mine", report(**VALID)), Report)


@settings(deadline=None, database=None)
@given(st.sampled_from(sorted(VALID)), VALUE)
def test_any_value_is_valid_or_a_usage_error(key: str, value: str):
    header = {each: VALID[each] for each in REQUIRED} | {key: value}
    try:
        parse("mine", report(**header))
    except UsageError as error:
        assert "\n" not in str(error)


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    directory = tmp_path_factory.mktemp("reports")
    (directory / "dump.json").write_text(json.dumps(event(1, "09:30:00")))
    (directory / "reports").mkdir()
    env = {"KEVENTS_STORE": str(directory / "store"), "HOME": str(directory), "KEVENTS_CONFIG_DIR": str(directory)}
    assert run("import", str(directory / "dump.json"), env=env).status == 0
    return env


def test_every_command_works_whatever_the_headers_of_reports_contain(env: dict[str, str]):
    directory = Path(env["KEVENTS_CONFIG_DIR"]) / "reports"
    names = []
    for key in VALID:
        for number, value in enumerate(VALUES):
            name = f"{key.replace('_', '-')}-{number}"
            header = {each: VALID[each] for each in REQUIRED} | {key: value}
            (directory / f"{name}.sql").write_text(report(**header))
            names.append(name)
    (directory / "directory.sql").mkdir()
    (directory / "bytes.sql").write_bytes(b"\xff\xfe")
    (directory / "good.sql").write_text(report(**{key: VALID[key] for key in REQUIRED}))
    for arguments in (["list"], ["reasons"], ["--help"], ["help"], ["config", "show"], ["good", "-o", "json"]):
        screen = run(*arguments, env=env)
        assert (screen.status, "Traceback" in screen.err) == (0, False), arguments
    assert json.loads(run("good", "-o", "json", env=env).out) == [{"n": 1}]
    listed = run("reports", "list", "-o", "json", env=env)
    valid = {row["report"] for row in json.loads(listed.out)}
    for name in (*names, "directory", "bytes"):
        assert (name in valid) != (f"{name}.sql is ignored" in listed.err), name
    for name in ("summary-0", "order-0", "cap-10", "columns-17", "parameters-34", "aliases-39", "directory", "bytes"):
        screen = run(name, env=env)
        assert screen.status == 2
        assert f"{name}.sql is ignored: " in screen.err
    for name in sorted(valid.intersection(names)):
        assert run(name, env=env).status in {0, 2, 5}, name
    assert "\x1b" not in run("--help", env=env).out


def test_a_report_of_somebody_else_is_escaped_on_a_terminal(env: dict[str, str]):
    from tests.cli.test_every_command import on_a_terminal

    path = Path(env["KEVENTS_CONFIG_DIR"]) / "reports" / "hostile.sql"
    path.write_text(report(**VALID) + "-- \x1b]0;owned\x07\n")
    screen = on_a_terminal(80, "reports", "show", "hostile", env=env)
    assert "^[]0;owned" in screen.out
    assert "\x1b" not in screen.out
