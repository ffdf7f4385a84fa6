"""Where the configuration directory is."""

from __future__ import annotations

from pathlib import Path

from kevents.config import config_directory


def test_the_environment_variable_takes_precedence():
    assert config_directory({"KEVENTS_CONFIG_DIR": "/etc/kevents"}) == Path("/etc/kevents")
    assert config_directory({"KEVENTS_CONFIG_DIR": "~/k"}) == Path.home() / "k"


def test_the_default_is_the_users_directory():
    directory = config_directory({"KEVENTS_CONFIG_DIR": ""})
    assert directory.name == "kevents"
    assert directory.is_absolute()
