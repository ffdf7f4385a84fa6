"""The user's defaults: precedence of flag, environment and config.toml, and errors in config.toml."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import typer

from kevents.cli.defaults import Settings


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The path of config.toml, which does not exist yet."""
    path = tmp_path / "config" / "config.toml"
    path.parent.mkdir()
    return path


def test_the_file_sets_the_default_of_a_flag(kevents, file):
    file.write_text('output = "json"')
    assert json.loads(kevents("counts").out)


def test_the_environment_overrides_the_file(kevents, file):
    file.write_text('output = "json"')
    assert kevents("counts", KEVENTS_OUTPUT="csv").out.startswith("cluster,")


def test_a_flag_overrides_both(kevents, file):
    file.write_text('output = "json"')
    assert kevents("list", "--output", "table", KEVENTS_OUTPUT="csv").out.startswith("LAST SEEN")


def test_a_table_sets_defaults_for_one_command(kevents, file):
    file.write_text("[list]\nlimit = 1\nno-headers = true\n")
    assert len(kevents("list").out.splitlines()) == 1
    assert kevents("reasons").out.startswith("REASON")


def test_a_default_for_one_command_overrides_that_for_all(kevents, file):
    file.write_text('output = "csv"\n[reasons]\noutput = "tsv"\n')
    assert kevents("reasons").out.startswith("reason\t")


def test_a_list_of_strings_can_be_one_string(kevents, file):
    file.write_text('[list]\nreason = ["BackOff", "Killing"]\nkind = "pod"\n')
    assert len(kevents("list", "--no-headers").out.splitlines()) == 2


def test_the_file_can_set_the_store(kevents, file, tmp_path):
    file.write_text(f'store = "{tmp_path}/elsewhere"')
    assert f"{tmp_path}/elsewhere" in kevents("list", KEVENTS_STORE="").err


def test_utc_on_the_command_line_overrides_a_zone_in_the_file(kevents, file):
    file.write_text('tz = "Asia/Tokyo"')
    assert "09:20" in kevents("list", "--utc", "--time", "absolute").out
    assert "18:20" in kevents("list", "--time", "absolute").out


@pytest.mark.parametrize("flag", ["--reason", "--grep", "--name", "-n"])
@pytest.mark.parametrize("word", ["-h", "--help"])
def test_a_value_that_looks_like_the_help_flag_keeps_the_defaults(kevents, file, flag, word):
    file.write_text('output = "json"')
    screen = kevents("list", flag, word)
    assert (screen.status, screen.err) == (0, "")
    assert json.loads(screen.out)["items"] == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('outptu = "json"', 'unknown key "outptu"'),
        ("[lisst]\nlimit = 1", 'unknown key "lisst"'),
        ("[list]\nlimitt = 1", 'unknown key "limitt" in [list]'),
        ("[store.prunne]\nlimitt = 1", 'unknown key "prunne" in [store]'),
        ("[list]\nlimit = true", "list.limit must be a whole number"),
        ('[list]\nlimit = "1"', "list.limit must be a whole number"),
        ("[list]\nfull = 1", "list.full must be true or false"),
        ("output = 5", "output must be a string"),
        ("[list]\nreason = [1]", "list.reason must be a string or a list of strings"),
        ("output", "is not valid TOML"),
    ],
)
def test_an_error_in_the_file_is_reported_by_every_command(kevents, file, text, message):
    file.write_text(text)
    for command in ("list", "counts"):
        screen = kevents(command)
        assert (screen.status, screen.out) == (2, "")
        assert message in screen.err
        assert str(file) in screen.err


@pytest.mark.parametrize(
    ("command", "key"),
    [
        ("list", "force"),
        ("list", "show-sql"),
        ("record", "print-rbac"),
        ("record", "print-unit"),
        ("record", "print-manifest"),
        ("record", "image"),
        ("store.prune", "dry-run"),
        ("query", "schema"),
    ],
)
def test_a_flag_that_is_for_one_run_only_is_an_unknown_key(kevents, file, command, key):
    file.write_text(f"[{command}]\n{key} = true")
    screen = kevents("list")
    assert (screen.status, screen.out) == (2, "")
    assert f'unknown key "{key}" in [{command}]' in screen.err


def test_a_similar_key_is_suggested(kevents, file):
    file.write_text('outptu = "json"')
    assert "Did you mean output?" in kevents("list").err


@pytest.mark.parametrize("text", ["nonsense", "output = 5"])
@pytest.mark.parametrize(
    "words", [("list", "--help"), ("list", "-h"), ("store", "prune", "--help"), ("store", "--help"), ("--help",), ()]
)
def test_help_works_with_an_error_in_the_file(kevents, file, capsys, text, words):
    file.write_text(text)
    screen = kevents(*words)
    assert (screen.status, screen.err) == (0, "")
    assert capsys.readouterr().out.startswith("Usage:")


def test_help_shows_the_built_in_defaults(kevents, file, capsys):
    file.write_text('[timeline]\nwindow = "33m"')
    assert kevents("timeline", "--help").status == 0
    output = capsys.readouterr().out
    assert "[default: 10m]" in output
    assert "33m" not in output


def test_an_invalid_value_of_a_variable_is_reported(kevents):
    screen = kevents("list", KEVENTS_LIST_LIMIT="many")
    assert screen.status == 2
    assert screen.err == 'kevents: invalid value "many" for KEVENTS_LIST_LIMIT\n  It must be a whole number.\n'


@pytest.mark.parametrize("variable", ["KEVENTS_STORE", "KEVENTS_CONFIG_DIR", "KEVENTS_PAGER", "KEVENTS_HISTORY"])
def test_variables_that_are_not_flags_do_not_make_the_app_be_built(variable, tmp_path):
    def build(_: object) -> typer.Typer:
        pytest.fail("the app was built")

    env = {"KEVENTS_CONFIG_DIR": str(tmp_path), variable: str(tmp_path)}
    assert Settings(env, build).is_empty
    assert not Settings({**env, "KEVENTS_OUTPUT": "json"}, build).is_empty


def test_config_show_prints_the_origin_of_each_value(kevents, file):
    file.write_text('time = "absolute"\ncolor = "never"\n[list]\nlimit = 7\n')
    rows = json.loads(kevents("config", "show", "-o", "json", KEVENTS_COLOR="auto").out)
    settings = {row["setting"]: (row["value"], row["from"]) for row in rows}
    assert settings["time"] == ("absolute", str(file))
    assert settings["color"] == ("auto", "KEVENTS_COLOR")
    assert settings["list.limit"] == ("7", str(file))
    assert settings["tz"] == (None, "default")


def test_config_init_creates_a_file_that_sets_nothing(kevents, tmp_path):
    assert kevents("config", "init").status == 0
    assert kevents("list").status == 0
    assert "output" in (tmp_path / "config" / "config.toml").read_text()
    again = kevents("config", "init")
    assert again.status == 2
    assert "already exists" in again.err


def test_all_settings_of_the_created_file_are_valid_without_the_comment_sign(kevents, tmp_path):
    kevents("config", "init")
    path = tmp_path / "config" / "config.toml"
    text, settings = re.subn(r"^# (\[|[a-z-]+ = )", r"\1", path.read_text(), flags=re.MULTILINE)
    assert settings > 10
    path.write_text(text.replace('"…"', '"x"'))
    assert kevents("config", "show", "-o", "json", "--output", "json").status == 0
