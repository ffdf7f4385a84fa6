"""Help: summaries, examples that run, flags in sections, and encodings."""

from __future__ import annotations

import gzip
import shlex
import shutil
import tarfile
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from kevents.cli.app import build
from kevents.cli.main import main
from kevents.cli.terminal import Terminal
from kevents.cli.typer_help import examples
from kevents.demo import INCIDENT
from kevents.report.catalog import reports
from tests.cli.conftest import Stream
from tests.screen import run

# Examples of these commands are only parsed, because they need a cluster.
_ONLY_PARSED = {"record", "tail", "doctor"}
_ROOT: Any = typer.main.get_command(build())


def commands(group: Any = _ROOT, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command that is visible in help, without groups."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        elif not command.hidden:
            yield (*path, name), command


_COMMANDS = dict(commands())
_EXAMPLES = [line for command in (_ROOT, *_COMMANDS.values()) for line in examples(command.help or "")]


def help_of(*path: str, columns: int = 80) -> str:
    return CliRunner().invoke(build(), [*path, "--help"], env={"COLUMNS": str(columns)}).output


@pytest.mark.parametrize("group", [[], ["store"], ["reports"], ["config"]])
def test_the_summary_of_every_command_is_a_complete_sentence(group: list[str]) -> None:
    words = [line.split(maxsplit=1) for line in help_of(*group).splitlines()]
    listed = {pair[0]: pair[1] for pair in reversed(words) if len(pair) > 1}
    parent: Any = _ROOT
    for name in group:
        parent = parent.commands[name]
    for name, command in parent.commands.items():
        if not command.hidden:
            summary = listed[name]
            assert summary.endswith("."), name
            assert not summary.endswith("..."), name
            assert len(summary) <= 60, name


def test_no_report_has_two_columns_with_the_same_header() -> None:
    for report in reports().values():
        headers = [column.header for column in report.columns if column.header]
        assert len(headers) == len(set(headers)), report.name


@pytest.mark.parametrize("path", _COMMANDS, ids=" ".join)
def test_the_help_of_every_command_has_examples(path: tuple[str, ...]) -> None:
    lines = examples(_COMMANDS[path].help)
    assert any(f"kevents {' '.join(path)}" in line for line in lines)


@pytest.mark.parametrize("path", _COMMANDS, ids=" ".join)
def test_help_fits_80_columns(path: tuple[str, ...]) -> None:
    assert max(map(len, help_of(*path).splitlines())) <= 80


def test_flags_are_in_sections_in_a_fixed_order() -> None:
    lines = help_of("list").splitlines()
    sections = [line for line in lines if line.endswith(":") and not line.startswith(" ")]
    assert sections == ["Examples:", "Options:", "Filters:", "Time:", "Output:", "Store:"]
    time = lines[lines.index("Time:") + 1 : lines.index("Output:") - 1]
    assert [line.split()[0] for line in time if line.startswith("  -")] == [
        "--since",
        "--until",
        "--utc",
        "--tz",
        "--as-of",
    ]


def test_the_usage_line_shows_the_arguments() -> None:
    assert help_of("import").startswith("Usage: kevents import [OPTIONS] PATH...\n")
    assert help_of("query").startswith("Usage: kevents query [OPTIONS] [SQL]\n")
    assert help_of("tail").startswith("Usage: kevents tail [OPTIONS] [DIR]\n")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the files of the examples, and a store with the demo's incident."""
    directory = tmp_path_factory.mktemp("examples")
    shutil.copy(INCIDENT, directory / "dump.json")
    (directory / "events.jsonl.gz").write_bytes(gzip.compress(INCIDENT.read_bytes()))
    (directory / "must-gather").mkdir()
    shutil.copy(INCIDENT, directory / "must-gather" / "events.json")
    with tarfile.open(directory / "support-bundle.tgz", "w:gz") as bundle:
        bundle.add(INCIDENT, "bundle/events.json")
    assert run("import", str(INCIDENT), "--store", str(directory / "store")).status == 0
    assert (
        run("store", "export", "-o", str(directory / "slice.parquet"), "--store", str(directory / "store")).status == 0
    )
    return directory


def command_line(example: str) -> list[str]:
    """The arguments of kevents in an example, without pipes and redirections."""
    lexer = shlex.shlex(example, posix=True, punctuation_chars="|<>()")
    lexer.whitespace_split = True
    words = list(lexer)
    rest = words[words.index("kevents") + 1 :]
    return list(takewhile(lambda word: word not in {"|", ">", ")"}, rest))


@pytest.mark.parametrize("example", _EXAMPLES)
def test_every_example_runs(example: str, prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = command_line(example)
    if arguments[0] in _ONLY_PARSED:
        _COMMANDS[(arguments[0],)].make_context(arguments[0], arguments[1:])
        return
    if arguments == ["query"]:  # opens the prompt
        return
    monkeypatch.chdir(shutil.copytree(prepared, tmp_path / "directory"))
    env = {"KEVENTS_STORE": "store", "KEVENTS_CONFIG_DIR": "config", "KUBECONFIG": "none"}
    words = (word.replace("/data/events", "store") for word in arguments)
    screen = run(*words, env=env, stdin=INCIDENT.read_bytes())
    assert screen.status == 0, screen.err


def test_help_can_be_written_in_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "pod, po, Deployment, …" in help_of("list")
    stdout = Stream()
    stdout.reconfigure(encoding="ascii")
    monkeypatch.setattr("sys.stdout", stdout)
    assert main(["list", "--help"], Terminal(Stream(), stdout, Stream(), {"COLUMNS": "80"})) == 0
    assert "pod, po, Deployment, ..." in stdout.written


def test_the_help_of_tail_does_not_call_all_namespaces_the_default() -> None:
    assert "--all-namespaces  All namespaces (default)." in help_of("list")
    assert "All namespaces (default)." not in help_of("tail")
