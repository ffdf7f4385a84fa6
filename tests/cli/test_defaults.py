"""Defaults of the user's own: a flag before the environment, that before config.toml, that before what is usual."""

from __future__ import annotations

import json
from pathlib import Path

import pytest


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """config.toml, still empty."""
    path = tmp_path / "config" / "config.toml"
    path.parent.mkdir()
    return path


def test_the_file_sets_what_a_flag_says_if_it_is_not_typed(kevents, file):
    file.write_text('output = "json"')
    assert json.loads(kevents("counts").out)


def test_the_environment_goes_before_the_file(kevents, file):
    file.write_text('output = "json"')
    assert kevents("counts", KEVENTS_OUTPUT="csv").out.startswith("cluster,")


def test_a_typed_flag_goes_before_both(kevents, file):
    file.write_text('output = "json"')
    assert kevents("list", "--output", "table", KEVENTS_OUTPUT="csv").out.startswith("LAST SEEN")


def test_a_table_sets_it_for_one_command(kevents, file):
    file.write_text("[list]\nlimit = 1\nno-headers = true\n")
    assert len(kevents("list").out.splitlines()) == 1
    assert kevents("reasons").out.startswith("REASON")


def test_a_commands_own_goes_before_everyones(kevents, file):
    file.write_text('output = "csv"\n[reasons]\noutput = "tsv"\n')
    assert kevents("reasons").out.startswith("reason\t")


def test_a_list_of_texts_may_be_one_text(kevents, file):
    file.write_text('[list]\nreason = ["BackOff", "Killing"]\nkind = "pod"\n')
    assert len(kevents("list", "--no-headers").out.splitlines()) == 2


def test_the_store_of_the_file_is_read(kevents, file, tmp_path):
    file.write_text(f'store = "{tmp_path}/elsewhere"')
    assert f"{tmp_path}/elsewhere" in kevents("list", KEVENTS_STORE="").err


def test_utc_at_the_command_line_goes_before_a_zone_of_the_file(kevents, file):
    file.write_text('tz = "Asia/Tokyo"')
    assert "09:20" in kevents("list", "--utc", "--time", "absolute").out
    assert "18:20" in kevents("list", "--time", "absolute").out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('outptu = "json"', 'there is no "outptu"'),
        ("[lisst]\nlimit = 1", 'there is no "lisst"'),
        ("[list]\nlimitt = 1", 'there is no "limitt" in [list]'),
        ("[list]\nforce = true", 'there is no "force" in [list]'),
        ("[list]\nlimit = true", "list.limit must be a whole number"),
        ("output = 5", "output must be text"),
        ("output", "is not valid TOML"),
    ],
)
def test_a_mistake_in_the_file_is_named(kevents, file, text, said):
    file.write_text(text)
    ended = kevents("list")
    assert (ended.status, ended.out) == (2, "")
    assert said in ended.err
    assert str(file) in ended.err


def test_the_nearest_key_is_offered(kevents, file):
    file.write_text('outptu = "json"')
    assert "Did you mean output?" in kevents("list").err


def test_help_works_beside_a_broken_file(kevents, file):
    file.write_text("nonsense")
    assert kevents("list", "--help").status == 0


def test_a_variable_that_means_nothing_is_named(kevents):
    ended = kevents("list", KEVENTS_LIST_LIMIT="many")
    assert ended.status == 2
    assert 'KEVENTS_LIST_LIMIT cannot be "many"' in ended.err


def test_show_says_where_each_value_comes_from(kevents, file):
    file.write_text('time = "absolute"\ncolor = "never"\n[list]\nlimit = 7\n')
    rows = json.loads(kevents("config", "show", "-o", "json", KEVENTS_COLOR="auto").out)
    found = {row["setting"]: (row["value"], row["from"]) for row in rows}
    assert found["time"] == ("absolute", str(file))
    assert found["color"] == ("auto", "KEVENTS_COLOR")
    assert found["list.limit"] == ("7", str(file))
    assert found["tz"] == (None, "default")


def test_init_begins_a_file_that_sets_nothing(kevents, tmp_path):
    assert kevents("config", "init").status == 0
    assert kevents("list").status == 0
    assert "output" in (tmp_path / "config" / "config.toml").read_text()
    again = kevents("config", "init")
    assert again.status == 2
    assert "already exists" in again.err


def test_every_line_of_the_begun_file_can_be_taken_out_of_its_comment(kevents, tmp_path):
    kevents("config", "init")
    path = tmp_path / "config" / "config.toml"
    lines = [
        line.removeprefix("# ") if " = " in line or line.startswith("# [") else line
        for line in path.read_text().splitlines()
    ]
    path.write_text("\n".join(lines).replace('"…"', '"x"'))
    assert kevents("config", "show", "-o", "json", "--output", "json").status == 0
