"""Fixtures for all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

# The configuration of the user who runs the tests must not affect them.
os.environ["KEVENTS_CONFIG_DIR"] = os.devnull
os.umask(0o077)  # as kevents sets it at the start of a process


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Use another cache directory than the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def shared() -> Path:
    """The directory with real dumps and captured traffic. Tests that need it are skipped if it does not exist."""
    directory = Path(os.environ.get("KEVENTS_SHARED", Path(__file__).parents[2] / "shared"))
    if not (directory / "dumps" / "INDEX.tsv").is_file():
        pytest.skip("the directory of real dumps does not exist")
    return directory
