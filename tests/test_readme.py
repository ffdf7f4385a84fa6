"""The README is true: its output is real, its links lead somewhere, CI runs its commands."""

from __future__ import annotations

import re

from tests.readme import README, refreshed

TEXT = README.read_text(encoding="utf-8")
CHECKOUT = README.parent


def test_its_output_is_what_the_commands_print() -> None:
    assert refreshed(TEXT) == TEXT, "run `python -m tests.readme`"


def test_a_fresh_machine_needs_two_lines() -> None:
    first_block = re.search(r"^```sh\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    assert first_block
    assert first_block.group(1).splitlines() == [
        "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/kevents demo",
        "python3 -m venv .venv && .venv/bin/pip install '.[dev]' && .venv/bin/python -m pytest",
    ]


def test_ci_takes_its_test_command_from_here() -> None:
    wanted = re.search(
        r'^tests=\$\(grep -m 1 -F -- "(.*)" README.md\)$', (CHECKOUT / ".ci/run").read_text(), re.MULTILINE
    )
    assert wanted
    assert [line for line in TEXT.splitlines() if wanted.group(1) in line] == [
        line for line in TEXT.splitlines() if line.endswith("-m pytest")
    ]


def test_its_links_lead_to_files_that_are_there() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", TEXT):
        assert (CHECKOUT / target).exists(), target
