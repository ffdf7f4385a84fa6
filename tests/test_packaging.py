"""The built wheel holds the data that the code reads, and nothing that only developers need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

CHECKOUT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=CHECKOUT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return ZipFile(built)


def test_every_source_and_data_file_of_the_package_is_in_the_wheel(wheel: ZipFile) -> None:
    in_package = (path for path in (CHECKOUT / "kevents").rglob("*") if path.is_file())
    shipped = {path.relative_to(CHECKOUT).as_posix() for path in in_package if path.suffix != ".pyc"}
    assert shipped <= set(wheel.namelist())
    assert {Path(name).suffix for name in shipped} >= {".py", ".sql", ".json"}
    assert {"kevents/py.typed", "kevents/demo/incident.json", "kevents/event/observe.sql"} <= shipped


def test_the_wheel_holds_no_tests(wheel: ZipFile) -> None:
    folders = {name.split("/")[0] for name in wheel.namelist()}
    assert len(folders) == 2
    assert "kevents" in folders


def test_the_wheel_names_its_command_its_python_and_its_licence(wheel: ZipFile) -> None:
    (info,) = {name.split("/")[0] for name in wheel.namelist() if ".dist-info/" in name}
    metadata = wheel.read(f"{info}/METADATA").decode()
    assert "Requires-Python: >=3.11" in metadata
    assert "License-Expression: Apache-2.0" in metadata
    assert "kevents = kevents.cli.main:main" in wheel.read(f"{info}/entry_points.txt").decode()
    assert f"{info}/licenses/LICENSE" in wheel.namelist()
