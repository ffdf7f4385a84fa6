"""The table has a rating for every reason in dumps and traffic of real clusters."""

from __future__ import annotations

from pathlib import Path

from kevents.event.severity_table import builtin_ratings
from tests.screen import run

_NO_REASONS = {"23", "reasonValue"}  # from artificial events in the test data of an API server


def test_every_reason_of_the_real_dumps_and_the_captured_traffic_has_a_rating(shared: Path, tmp_path: Path) -> None:
    store = ("--store", str(tmp_path / "store"))
    run("import", *store, str(shared / "dumps"), str(shared / "wire"))
    sql = "SELECT DISTINCT reason FROM observations WHERE reason IS NOT NULL ORDER BY 1"
    reasons = set(run("query", *store, sql, "-o", "csv", "--no-headers").out.split())
    assert len(reasons) > 60
    assert reasons - builtin_ratings().keys() == _NO_REASONS
