"""A finding, and the answer that all findings make."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from kevents.errors import ExitStatus, KeventsError
from kevents.result import Column, Result, Show

COLUMNS = (Column("mark", label=""), Column("check"), Column("finding"), Column("advice", show=Show.DATA))


class Mark(StrEnum):
    OK = "ok"
    WARN = "warn"  # worth a look
    FAIL = "fail"  # something does not work


@dataclass(frozen=True)
class CheckResult:
    """What a check found. advice: what to do about it; status: kevents' exit status for it, where it is a failure."""

    check: str
    mark: Mark
    finding: str
    advice: str | None = None
    status: ExitStatus = ExitStatus.OK


Check = Callable[[], Iterable[CheckResult]]


def ok(check: str, finding: str) -> CheckResult:
    """Nothing to do."""
    return CheckResult(check, Mark.OK, finding)


def warn(check: str, finding: str, advice: str) -> CheckResult:
    """Something to look at."""
    return CheckResult(check, Mark.WARN, finding, advice)


def fail(check: str, error: KeventsError) -> CheckResult:
    """What does not work, as every command would say it."""
    return CheckResult(check, Mark.FAIL, str(error), error.hint, error.exit_status)


def examine(checks: Iterable[tuple[str, Check]]) -> Iterator[CheckResult]:
    """What the checks find; one that fails is a finding, and the next one is made."""
    for name, check in checks:
        try:
            yield from check()
        except KeventsError as error:
            yield fail(name, error)
        except Exception as error:  # of whatever a broken machine makes a library raise, the finding is the news
            said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            yield CheckResult(name, Mark.FAIL, f"this could not be looked at: {said}", status=ExitStatus.ERROR)


def result(findings: Iterable[CheckResult], *, for_people: bool) -> Result:
    """The findings as an answer, a row each; people read what to do about one below it."""
    rows = []
    for one in findings:
        row = {column.name: getattr(one, column.name) for column in COLUMNS}
        rows.append(row | {"mark": "FAIL"} if for_people and one.mark is Mark.FAIL else row)
        if for_people and one.advice:
            rows.append({"mark": "", "check": "", "finding": f"-> {one.advice}"})
    return Result.of_rows(COLUMNS, rows)
