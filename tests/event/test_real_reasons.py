"""Every reason that real clusters sent, in the dumps beside the checkout, is in the table."""

from __future__ import annotations

from pathlib import Path

from kevents.event.severity_table import builtin_ratings
from tests.screen import run

_NO_REASONS = {"23", "reasonValue"}  # of made-up events in the fixtures of an API server


def test_every_reason_of_the_real_dumps_and_of_the_captured_traffic_is_rated(shared: Path, tmp_path: Path) -> None:
    store = ("--store", str(tmp_path / "store"))
    run("import", *store, str(shared / "dumps"), str(shared / "wire"))
    sql = "SELECT DISTINCT reason FROM observations WHERE reason IS NOT NULL ORDER BY 1"
    sent = set(run("query", *store, sql, "-o", "csv", "--no-headers").shown.split())
    assert len(sent) > 60
    assert sent - builtin_ratings().keys() == _NO_REASONS
