"""The entry point: exit statuses, messages instead of tracebacks, and fast help."""

from __future__ import annotations

import subprocess
import sys

import pytest

from kevents import __version__
from kevents.errors import ExitStatus
from tests.cli.conftest import Run


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["--version"], ["list", "--help"], ["query", "--help"], [], ["help", "views"], ["help", "formats"]],
)
def test_help_imports_no_large_library(arguments: list[str]):
    script = (
        "import sys; from kevents.cli.main import main\n"
        f"try: main({arguments!r})\n"
        "except SystemExit: pass\n"
        "large = {'duckdb', 'pyarrow', 'kubernetes', 'rich', 'yaml', 'dateutil'} & sys.modules.keys()\n"
        "sys.exit(', '.join(large) or 0)"
    )
    process = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (process.returncode, process.stderr) == (0, "")


def test_without_a_command_help_is_shown(kevents: Run, capsys):
    assert kevents().status == 0
    assert "List events," in capsys.readouterr().out


def test_the_version_is_the_version_of_the_package(kevents: Run):
    assert kevents("--version") == (0, f"kevents {__version__}\n", "")


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["list", "--bogus"], 2, "kevents: unknown flag --bogus"),
        (["lisst"], 2, 'kevents: unknown command "lisst"'),
        (["list", "--since", "soon"], 2, 'kevents: cannot read "soon" as a time'),
        (["list", "--grep", "["], 2, 'kevents: invalid --grep pattern "[": missing ]'),
        (["list", "--for", "web-1"], 2, 'kevents: --for takes TYPE/NAME, not "web-1"'),
        (["list", "-o", "xml"], 2, 'kevents: unknown output format "xml"'),
        (["list", "--sort-by", "age"], 2, 'kevents: cannot sort by "age"'),
        (["list", "--color", "pink"], 2, 'kevents: invalid --color "pink"'),
        (["list", "--utc", "--tz", "Europe/Paris"], 2, "kevents: --utc and --tz can't be combined"),
        (["reasons", "--by", "age"], 2, 'kevents: cannot group by "age"'),
        (["query"], 2, "kevents: give the SQL as one argument, with -f FILE, or - for stdin"),
        (["query", "SELECT $a"], 2, "kevents: missing value for SQL parameter $a"),
        (["query", "SELECT 1", "--param", "a"], 2, 'kevents: --param takes K=V, not "a"'),
        (["query", "-f", "nowhere.sql"], 2, "kevents: cannot read nowhere.sql: No such file or directory"),
        (["list", "--store", "nowhere"], 4, "kevents: there is no store in nowhere yet"),
        (["query", "SELEC 1"], 5, 'kevents: line 1, column 1: syntax error at or near "SELEC"'),
        (["query", "COPY events TO 'x'"], 5, "kevents: COPY is not allowed: queries are read-only"),
    ],
)
def test_each_error_has_an_exit_status_and_a_message(arguments, status, message, kevents: Run):
    screen = kevents(*arguments)
    assert (screen.status, screen.out) == (status, "")
    assert screen.err.splitlines()[0] == message


def test_hostile_text_in_an_error_is_escaped(kevents: Run):
    assert "\x1b" not in kevents("query", "SELECT \x1b[31m").err


def test_an_empty_result_is_not_an_error(kevents: Run):
    for flags, sentence in (
        (("-n", "nowhere"), "No events found in nowhere namespace."),
        (
            ("--name", "nobody"),
            "No events found.",
        ),
    ):
        screen = kevents("list", *flags, "--as-of", "last")
        assert (screen.status, screen.out, screen.err.splitlines()[0]) == (0, "", sentence)


def test_an_interrupt_exits_with_130(kevents: Run, monkeypatch):
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("kevents.query.engine.Worker.run", interrupt)
    assert kevents("list").status == ExitStatus.INTERRUPTED == 130


def test_a_closed_pipe_exits_silently_with_141(kevents: Run, tmp_path):
    command = [sys.executable, "-m", "kevents", "query", "FROM range(5_000_000)", "-o", "csv"]
    command += ["--store", str(tmp_path / "store")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout and process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == ExitStatus.BROKEN_PIPE == 141
