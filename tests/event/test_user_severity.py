"""The user's own severity.toml: it adds and overrides, and what is wrong in it is named and left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from kevents.event.severity import Override, Rating
from kevents.event.severity_table import FILE, builtin_ratings, load_ratings


def own(directory: Path, text: str | bytes):
    directory.joinpath(FILE).write_bytes(text.encode() if isinstance(text, str) else text)
    return load_ratings(directory)


@pytest.mark.parametrize("directory", ["", "missing", "a-file/below"])
def test_without_a_file_the_table_is_what_ships(directory, tmp_path):
    (tmp_path / "a-file").touch()
    assert load_ratings(tmp_path / directory).ratings is builtin_ratings()
    assert load_ratings(tmp_path / directory).problems == ()


def test_a_reason_can_be_added(tmp_path):
    table = own(tmp_path, '[Deployed]\nseverity = "notice"\ncategory = "delivery"\nby = "our pipeline"\n')
    assert table.ratings["Deployed"] == Rating("Deployed", "notice", "delivery", "our pipeline")
    assert table.ratings["Scheduled"] == builtin_ratings()["Scheduled"]
    assert table.problems == ()


def test_a_severity_is_enough(tmp_path):
    table = own(tmp_path, 'Deployed = { severity = "notice" }\nPulled = { severity = "notice" }\n')
    assert table.ratings["Deployed"] == Rating("Deployed", "notice", "other", "")
    assert table.ratings["Pulled"] == Rating("Pulled", "notice", "image", "kubelet")


def test_a_severity_replaces_the_reason_with_its_exceptions(tmp_path):
    assert builtin_ratings()["BackOff"].overrides
    assert own(tmp_path, '[BackOff]\nseverity = "info"\n').ratings["BackOff"] == Rating(
        "BackOff", "info", "crash", "kubelet"
    )


def test_exceptions_alone_come_before_those_that_ship(tmp_path):
    table = own(tmp_path, "[BackOff]\nunless = [{ message = 'job-[0-9]+', severity = 'info' }]\n")
    shipped = builtin_ratings()["BackOff"]
    assert table.ratings["BackOff"] == Rating(
        "BackOff", shipped.severity, "crash", "kubelet", (Override("info", "crash", "job-[0-9]+"), *shipped.overrides)
    )


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ('[A]\nseverity = "warn"', '[A] is left out: severity cannot be "warn", did you mean warning?'),
        (
            '[A]\nseverity = "error"\ncategory = "netwrok"',
            '[A] is left out: category cannot be "netwrok", did you mean ',
        ),
        ('[A]\nseverity = "zzz"', '[A] is left out: severity cannot be "zzz"; allowed are critical, error, warning, '),
        ("[A]\nseverity = 3", "[A] is left out: severity must be text in quotes"),
        ('[A]\nby = "me"', "[A] is left out: it has no severity"),
        ('A = "error"', '[A] is left out: it must be a table: [A] with a line severity = "warning" below it'),
        ('[A]\nseverty = "error"', '[A] is left out: there is no "severty", did you mean severity?'),
        ('[A]\nseverity = "error"\nunless = "x"', "[A] is left out: unless must be a list of tables: unless = "),
        (
            '[A]\nseverity = "error"\nunless = [{severity = "info"}]',
            "[A] is left out: an exception needs a message, a ",
        ),
        ('[A]\nseverity = "error"\nunless = [{kind = "Pod", name = "x"}]', '[A] is left out: there is no "name"'),
        ('[A]\nseverity = "error"\nunless = [{message = "("}]', '[A] is left out: "(" is no regular expression: '),
        (
            '[A]\nseverity = "error"\nunless = [{message = "a\\u0000"}]',
            "[A] is left out: message must be text in quotes",
        ),
    ],
)
def test_a_broken_entry_is_named_and_the_rest_applies(entry, problem, tmp_path):
    table = own(tmp_path, f'Good = {{ severity = "error" }}\n{entry}\n')
    (said,) = table.problems
    assert said.startswith(f"{tmp_path / FILE}: {problem}")
    assert table.ratings["Good"].severity == "error"
    assert "A" not in table.ratings


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"[A\n", "is left out: it is no TOML: "),
        (b"\xff\xfe[\0", "is left out: it is not UTF-8 text"),
        (b"[A]\nseverity = 'info'\n[A]\n", "is left out: it is no TOML: "),
    ],
)
def test_a_broken_file_is_named_and_what_ships_applies(text, problem, tmp_path):
    table = own(tmp_path, text)
    (said,) = table.problems
    assert said.startswith(f"{tmp_path / FILE} {problem}")
    assert table.ratings is builtin_ratings()


def test_a_directory_in_its_place_is_no_traceback(tmp_path):
    (tmp_path / FILE).mkdir()
    assert load_ratings(tmp_path).problems == (f"{tmp_path / FILE} cannot be read: Is a directory",)
