"""The configuration directory is one rule."""

from __future__ import annotations

from pathlib import Path

from kevents.config import config_directory


def test_the_variable_comes_first():
    assert config_directory({"KEVENTS_CONFIG_DIR": "/etc/kevents"}) == Path("/etc/kevents")
    assert config_directory({"KEVENTS_CONFIG_DIR": "~/k"}) == Path.home() / "k"


def test_else_it_is_the_users_own():
    directory = config_directory({"KEVENTS_CONFIG_DIR": ""})
    assert directory.name == "kevents"
    assert directory.is_absolute()
