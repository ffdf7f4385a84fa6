"""Where the user's own things are: config.toml, severity.toml and reports, in one folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def config_folder(env: Mapping[str, str]) -> Path:
    """The configuration folder: KEVENTS_CONFIG_DIR, else where the system keeps a user's settings. It may not exist."""
    if named := env.get("KEVENTS_CONFIG_DIR"):
        return Path(named).expanduser()
    from platformdirs import user_config_path

    return user_config_path("kevents", appauthor=False)
