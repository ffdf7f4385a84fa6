"""Where the user's own things are: config.toml, severity.toml and reports, in one directory."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kevents.errors import UsageError

FILE = "config.toml"


def config_directory(env: Mapping[str, str]) -> Path:
    """The configuration directory: KEVENTS_CONFIG_DIR, else where the system keeps a user's settings. It may not exist."""
    if named := env.get("KEVENTS_CONFIG_DIR"):
        return Path(named).expanduser()
    from platformdirs import user_config_path

    return user_config_path("kevents", appauthor=False)


def cache_directory() -> Path:
    """Where that is kept which can be made again: names in stores, and the shape of the command line."""
    from platformdirs import user_cache_path

    return user_cache_path("kevents", appauthor=False)


def written(env: Mapping[str, str]) -> Mapping[str, Any]:
    """What config.toml says, not yet understood; nothing where there is none."""
    path = config_directory(env) / FILE
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text", "Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(
            f"{path} is no TOML: {error}", 'A line is KEY = VALUE, with text in quotes: output = "wide".'
        ) from error


def create(path: Path, text: str, advice: str) -> None:
    """Write a file of the user's own that is not there yet. advice: what to do where it is."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path} is there already", advice) from None
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
