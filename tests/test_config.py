"""The configuration folder is one rule."""

from __future__ import annotations

from pathlib import Path

from kevents.config import config_folder


def test_the_variable_comes_first():
    assert config_folder({"KEVENTS_CONFIG_DIR": "/etc/kevents"}) == Path("/etc/kevents")
    assert config_folder({"KEVENTS_CONFIG_DIR": "~/k"}) == Path.home() / "k"


def test_else_it_is_the_users_own():
    folder = config_folder({"KEVENTS_CONFIG_DIR": ""})
    assert folder.name == "kevents"
    assert folder.is_absolute()
