"""The wheel contains all data files of the package, and nothing that only developers need."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from zipfile import ZipFile

import pytest

CHECKOUT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    directory = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(directory)]
    subprocess.run(build, cwd=CHECKOUT, check=True, capture_output=True)
    (built,) = directory.glob("*.whl")
    return ZipFile(built)


def test_every_source_and_data_file_of_the_package_is_in_the_wheel(wheel: ZipFile) -> None:
    in_package = (path for path in (CHECKOUT / "kevents").rglob("*") if path.is_file())
    shipped = {path.relative_to(CHECKOUT).as_posix() for path in in_package if path.suffix != ".pyc"}
    assert shipped <= set(wheel.namelist())
    assert {Path(name).suffix for name in shipped} >= {".py", ".sql", ".json"}
    assert {"kevents/py.typed", "kevents/demo/incident.json", "kevents/event/observe.sql"} <= shipped
    assert "kevents/cli/shell_scripts/kevents.bash" in shipped


def test_the_installed_package_runs_under_its_three_names(wheel: ZipFile, tmp_path: Path) -> None:
    """Installed from the wheel into a new environment, which uses the libraries of this one."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-index", "--no-deps"]
    try:
        subprocess.run([*install, str(wheel.filename)], check=True, capture_output=True)
    except subprocess.CalledProcessError as error:
        if b"No module named pip" in error.stderr:
            pytest.skip("pip is not installed")
        raise
    (libraries,) = (tmp_path / "venv" / "lib").glob("python*/site-packages")
    (libraries / "of-this-environment.pth").write_text(sysconfig.get_path("purelib"))

    def run(*command: str) -> str:
        env = {"HOME": str(tmp_path), "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}", "LANG": "C.UTF-8"}
        process = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
        assert process.returncode == 0, process.stderr
        return process.stdout

    assert "record\tRecord" in run("kevents", "__complete", "rec")
    assert "record\tRecord" in run("kubectl_complete-kevents", "rec")
    assert run("kubectl-kevents", "list", "--help").startswith("Usage: kubectl kevents list")


def test_the_wheel_contains_no_tests(wheel: ZipFile) -> None:
    directories = {name.split("/")[0] for name in wheel.namelist()}
    assert len(directories) == 2
    assert "kevents" in directories


def test_the_wheel_declares_its_commands_python_version_and_license(wheel: ZipFile) -> None:
    (info,) = {name.split("/")[0] for name in wheel.namelist() if ".dist-info/" in name}
    metadata = wheel.read(f"{info}/METADATA").decode()
    assert "Requires-Python: >=3.11" in metadata
    assert "License-Expression: Apache-2.0" in metadata
    commands = wheel.read(f"{info}/entry_points.txt").decode()
    assert "kevents = kevents.cli.main:main" in commands
    assert "kubectl-kevents = kevents.cli.main:kubectl\n" in commands
    assert "kubectl_complete-kevents = kevents.cli.main:kubectl_complete\n" in commands
    assert f"{info}/licenses/LICENSE" in wheel.namelist()
