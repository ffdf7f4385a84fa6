"""The Dockerfile builds the image that the printed manifest expects. It cannot be built without a container engine."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kevents.record.manifest import manifest

CHECKOUT = Path(__file__).parents[1]
TEXT = (CHECKOUT / "Dockerfile").read_text(encoding="utf-8")


def instructions(name: str) -> list[str]:
    lines = TEXT.replace("\\\n", " ").splitlines()
    return [line.partition(" ")[2] for line in lines if line.startswith(f"{name} ")]


def test_hadolint_finds_nothing() -> None:
    hadolint = shutil.which("hadolint") or shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if hadolint is None:
        pytest.skip("hadolint is not installed")
    checked = subprocess.run([hadolint, CHECKOUT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout) == (0, "")


def test_it_has_two_stages_of_one_base_that_can_be_pinned_by_digest() -> None:
    assert instructions("FROM") == ["${BASE} AS build", "${BASE}"]
    (base,) = instructions("ARG")
    assert f"--build-arg {base}@sha256:<DIGEST>" in TEXT


def test_its_user_and_program_are_those_of_the_manifest() -> None:
    printed = manifest(["-A"], (), "kevents:1")
    (user,) = re.findall(r"runAsUser: (\d+)", printed)
    (group,) = re.findall(r"runAsGroup: (\d+)", printed)
    assert instructions("USER") == [f"{user}:{group}"]
    assert instructions("ENTRYPOINT") == ['["kevents"]']
    assert "docker build -t" in printed


def test_a_read_only_root_file_system_needs_no_bytecode_written() -> None:
    (environment,) = instructions("ENV")
    assert "PYTHONDONTWRITEBYTECODE=1" in environment


def test_what_it_copies_is_enough_to_install_the_package(tmp_path: Path) -> None:
    copied = [line.split()[:-1] for line in instructions("COPY") if not line.startswith("--from")]
    for name in (name for names in copied for name in names):
        source = CHECKOUT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, tmp_path / name)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "."]
    subprocess.run([*command, "--wheel-dir", "wheels"], cwd=tmp_path, check=True)
    assert list((tmp_path / "wheels").glob("kevents-*.whl"))
