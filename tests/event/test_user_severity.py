"""The user's severity.toml: it adds and overrides ratings; invalid entries are reported and ignored."""

from __future__ import annotations

from pathlib import Path

import pytest

from kevents.event.severity import Override, Rating
from kevents.event.severity_table import FILE, builtin_ratings, load_ratings


def user_table(directory: Path, text: str | bytes):
    directory.joinpath(FILE).write_bytes(text.encode() if isinstance(text, str) else text)
    return load_ratings(directory)


@pytest.mark.parametrize("directory", ["", "missing", "a-file/below"])
def test_without_a_file_the_ratings_are_the_built_in_ones(directory, tmp_path):
    (tmp_path / "a-file").touch()
    assert load_ratings(tmp_path / directory).ratings is builtin_ratings()
    assert load_ratings(tmp_path / directory).problems == ()


def test_a_reason_can_be_added(tmp_path):
    table = user_table(tmp_path, '[Deployed]\nseverity = "notice"\ncategory = "delivery"\nby = "our pipeline"\n')
    assert table.ratings["Deployed"] == Rating("Deployed", "notice", "delivery", "our pipeline")
    assert table.ratings["Scheduled"] == builtin_ratings()["Scheduled"]
    assert table.problems == ()


def test_a_severity_is_enough(tmp_path):
    table = user_table(tmp_path, 'Deployed = { severity = "notice" }\nPulled = { severity = "notice" }\n')
    assert table.ratings["Deployed"] == Rating("Deployed", "notice", "other", "")
    assert table.ratings["Pulled"] == Rating("Pulled", "notice", "image", "kubelet")


def test_a_severity_replaces_the_rating_with_its_overrides(tmp_path):
    assert builtin_ratings()["BackOff"].overrides
    assert user_table(tmp_path, '[BackOff]\nseverity = "info"\n').ratings["BackOff"] == Rating(
        "BackOff", "info", "crash", "kubelet"
    )


def test_overrides_alone_come_before_the_built_in_ones(tmp_path):
    table = user_table(tmp_path, "[BackOff]\nunless = [{ message = 'job-[0-9]+', severity = 'info' }]\n")
    built_in = builtin_ratings()["BackOff"]
    assert table.ratings["BackOff"] == Rating(
        "BackOff", built_in.severity, "crash", "kubelet", (Override("info", "crash", "job-[0-9]+"), *built_in.overrides)
    )


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ('[A]\nseverity = "warn"', '[A] is ignored: unknown severity "warn"; did you mean warning?'),
        (
            '[A]\nseverity = "error"\ncategory = "netwrok"',
            '[A] is ignored: unknown category "netwrok"; did you mean network?',
        ),
        ('[A]\nseverity = "zzz"', '[A] is ignored: unknown severity "zzz"; one of: critical, error, warning, '),
        ("[A]\nseverity = 3", "[A] is ignored: severity must be a string"),
        ('[A]\nby = "me"', "[A] is ignored: missing severity"),
        ('A = "error"', '[A] is ignored: not a table; write [A], and severity = "warning" on the next line'),
        ('[A]\nseverty = "error"', '[A] is ignored: unknown key "severty"; did you mean severity?'),
        ('[A]\nseverity = "error"\nunless = "x"', "[A] is ignored: unless must be a list of tables: unless = "),
        (
            '[A]\nseverity = "error"\nunless = [{severity = "info"}]',
            "[A] is ignored: an entry of unless needs a message, a kind or a component",
        ),
        ('[A]\nseverity = "error"\nunless = [{kind = "Pod", name = "x"}]', '[A] is ignored: unknown key "name"; '),
        ('[A]\nseverity = "error"\nunless = [{message = "("}]', '[A] is ignored: invalid pattern "(": missing )'),
        (
            '[A]\nseverity = "error"\nunless = [{message = "a\\u0000"}]',
            "[A] is ignored: message must be a string",
        ),
    ],
)
def test_an_invalid_entry_is_reported_and_the_rest_applies(entry, problem, tmp_path):
    table = user_table(tmp_path, f'Good = {{ severity = "error" }}\n{entry}\n')
    (message,) = table.problems
    assert message.startswith(f"{tmp_path / FILE}: {problem}")
    assert table.ratings["Good"].severity == "error"
    assert "A" not in table.ratings


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"[A\n", "is ignored: it is not valid TOML: "),
        (b"\xff\xfe[\0", "is ignored: it is not UTF-8 text"),
        (b"[A]\nseverity = 'info'\n[A]\n", "is ignored: it is not valid TOML: "),
    ],
)
def test_an_invalid_file_is_reported_and_the_built_in_ratings_apply(text, problem, tmp_path):
    table = user_table(tmp_path, text)
    (message,) = table.problems
    assert message.startswith(f"{tmp_path / FILE} {problem}")
    assert table.ratings is builtin_ratings()


def test_a_directory_instead_of_the_file_is_reported(tmp_path):
    (tmp_path / FILE).mkdir()
    assert load_ratings(tmp_path).problems == (f"cannot read {tmp_path / FILE}: Is a directory",)
