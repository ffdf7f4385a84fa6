"""What every room's tests share: the directory of real dumps, where there is one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

# what the one who runs the tests set for themselves must not decide how they end
os.environ["KEVENTS_CONFIG_DIR"] = os.devnull
os.umask(0o077)  # as kevents sets it at the start of a process


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the index of names out of the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def shared() -> Path:
    """The directory with real dumps and captured traffic beside the checkout; tests over it skip where it is absent."""
    directory = Path(os.environ.get("KEVENTS_SHARED", Path(__file__).parents[2] / "shared"))
    if not (directory / "dumps" / "INDEX.tsv").is_file():
        pytest.skip("the directory of real dumps is not here")
    return directory
