"""The configuration directory, with config.toml, severity.toml and reports/, and the cache directory."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kevents.errors import UsageError

FILE = "config.toml"


def config_directory(env: Mapping[str, str]) -> Path:
    """KEVENTS_CONFIG_DIR, or the platform's configuration directory of the user. It may not exist."""
    if named := env.get("KEVENTS_CONFIG_DIR"):
        return Path(named).expanduser()
    from platformdirs import user_config_path

    return user_config_path("kevents", appauthor=False)


def cache_directory() -> Path:
    """The directory for files that can be recreated: the names in stores and the command tree, for completion."""
    from platformdirs import user_cache_path

    return user_cache_path("kevents", appauthor=False)


def read_config(env: Mapping[str, str]) -> Mapping[str, Any]:
    """The content of config.toml, not yet validated; empty if there is no such file."""
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
            f"{path} is not valid TOML: {error}", 'Write KEY = VALUE, with text in quotes: output = "wide".'
        ) from error


def create_file(path: Path, text: str, advice: str) -> None:
    """Write a new file in the configuration directory. advice: the hint if it already exists."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path} already exists", advice) from None
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
