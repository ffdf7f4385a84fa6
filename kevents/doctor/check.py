"""Check results, and the table that shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from kevents.errors import ExitStatus, KeventsError
from kevents.result import Column, Result, Show
from kevents.url_credentials import mask_credentials

COLUMNS = (Column("mark", label=""), Column("check"), Column("finding"), Column("advice", show=Show.DATA))


class Mark(StrEnum):
    OK = "ok"
    WARN = "warn"  # worth a look
    FAIL = "fail"  # something doesn't work


@dataclass(frozen=True)
class CheckResult:
    """One finding of a check. advice: how to fix it; status: the exit status that a failure gives `kevents doctor`."""

    check: str
    mark: Mark
    finding: str
    advice: str | None = None
    status: ExitStatus = ExitStatus.OK


Check = Callable[[], Iterable[CheckResult]]


def ok(check: str, finding: str) -> CheckResult:
    """A check that passed."""
    return CheckResult(check, Mark.OK, finding)


def warn(check: str, finding: str, advice: str) -> CheckResult:
    """A possible problem."""
    return CheckResult(check, Mark.WARN, finding, advice)


def fail(check: str, error: KeventsError) -> CheckResult:
    """A failure, with the message and hint of the error."""
    return CheckResult(check, Mark.FAIL, str(error), error.hint, error.exit_status)


def examine(checks: Iterable[tuple[str, Check]]) -> Iterator[CheckResult]:
    """Run the checks. An error in one is reported as its finding and doesn't stop the others."""
    for name, check in checks:
        try:
            yield from check()
        except KeventsError as error:
            yield fail(name, error)
        except Exception as error:  # a broken environment can make a library raise anything
            reason = f"{type(error).__name__}: {mask_credentials(str(error))}" if str(error) else type(error).__name__
            yield CheckResult(name, Mark.FAIL, f"the check failed: {reason}", status=ExitStatus.ERROR)


def result(findings: Iterable[CheckResult], *, for_people: bool) -> Result:
    """The findings as a table, one row each. for_people: with the advice as another row below its finding."""
    rows = []
    for finding in findings:
        row = {column.name: getattr(finding, column.name) for column in COLUMNS}
        rows.append(row | {"mark": "FAIL"} if for_people and finding.mark is Mark.FAIL else row)
        if for_people and finding.advice:
            rows.append({"mark": "", "check": "", "finding": f"-> {finding.advice}"})
    return Result.of_rows(COLUMNS, rows)
