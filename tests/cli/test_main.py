"""The entry: exit statuses, sentences instead of tracebacks, and nothing heavy for help."""

from __future__ import annotations

import subprocess
import sys

import pytest

from kevents import __version__
from kevents.cli import main as entry
from tests.cli.conftest import Run


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["--version"], ["list", "--help"], ["query", "--help"], [], ["help", "views"], ["help", "formats"]],
)
def test_help_loads_no_heavy_library(arguments: list[str]):
    script = (
        "import sys; from kevents.cli.main import main\n"
        f"try: main({arguments!r})\n"
        "except SystemExit: pass\n"
        "heavy = {'duckdb', 'pyarrow', 'kubernetes', 'rich', 'yaml', 'dateutil'} & sys.modules.keys()\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_without_a_command_help_is_shown(kevents: Run, capsys):
    assert kevents().status == 0
    assert "List events," in capsys.readouterr().out


def test_the_version_is_that_of_the_package(kevents: Run):
    assert kevents("--version") == (0, f"kevents {__version__}\n", "")


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["list", "--bogus"], 2, "kevents: there is no flag --bogus"),
        (["lisst"], 2, 'kevents: there is no command "lisst"'),
        (["list", "--since", "soon"], 2, 'kevents: cannot read "soon" as a time'),
        (["list", "--grep", "["], 2, 'kevents: --grep "[" is no regular expression: missing ]: ['),
        (["list", "--for", "web-1"], 2, 'kevents: --for takes TYPE/NAME, not "web-1"'),
        (["list", "-o", "xml"], 2, 'kevents: unknown output format "xml"'),
        (["list", "--sort-by", "age"], 2, 'kevents: cannot sort by "age"'),
        (["list", "--color", "pink"], 2, 'kevents: --color cannot be "pink"'),
        (["list", "--utc", "--tz", "Europe/Paris"], 2, "kevents: --utc and --tz are two answers to one question"),
        (["reasons", "--by", "age"], 2, 'kevents: can\'t group by "age"'),
        (["query"], 2, "kevents: give the SQL as one argument, with -f FILE, or - for standard input"),
        (["query", "SELECT $a"], 2, "kevents: the SQL asks for $a"),
        (["query", "SELECT 1", "--param", "a"], 2, 'kevents: --param takes K=V, not "a"'),
        (["query", "-f", "nowhere.sql"], 2, "kevents: cannot read nowhere.sql: No such file or directory"),
        (["list", "--store", "nowhere"], 4, "kevents: there is no store in nowhere yet"),
        (["query", "SELEC 1"], 5, 'kevents: line 1, column 1: syntax error at or near "SELEC"'),
        (["query", "COPY events TO 'x'"], 5, "kevents: COPY is refused: SQL here reads and never writes"),
    ],
)
def test_each_failure_has_its_status_and_one_sentence(arguments, status, sentence, kevents: Run):
    ended = kevents(*arguments)
    assert (ended.status, ended.out) == (status, "")
    assert ended.err.splitlines()[0] == sentence


def test_hostile_text_in_an_error_is_made_harmless(kevents: Run):
    assert "\x1b" not in kevents("query", "SELECT \x1b[31m").err


def test_no_rows_are_an_answer(kevents: Run):
    for flags, sentence in (
        (("-n", "nowhere"), "No events found in nowhere namespace."),
        (
            ("--name", "nobody"),
            "No events found.",
        ),
    ):
        ended = kevents("list", *flags, "--as-of", "last")
        assert (ended.status, ended.out, ended.err.splitlines()[0]) == (0, "", sentence)


def test_an_interrupt_ends_with_130(kevents: Run, monkeypatch):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("kevents.query.engine.Worker.run", interrupted)
    assert kevents("list").status == entry.INTERRUPTED == 130


def test_a_closed_pipe_ends_silently_with_141(kevents: Run, tmp_path):
    command = [sys.executable, "-m", "kevents", "query", "FROM range(5_000_000)", "-o", "csv"]
    command += ["--store", str(tmp_path / "store")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout and process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == entry.BROKEN_PIPE == 141
