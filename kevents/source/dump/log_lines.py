"""What stands between JSON documents: lines of logs, events behind a prefix, and lines that should not be there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from kevents.source.dump import sniff, unwrap
from kevents.source.dump.pieces import Document, Piece, Problem, Skipped

_PROBLEMS = 20  # told one by one; the rest is counted

_LOG_LINE = re.compile(
    r"""\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d | \d\d:\d\d:\d\d[.,\s]   # a time
      | [IWEF]\d{4}\ \d\d:\d\d:\d\d                                    # klog, glog
      | [A-Z][a-z]{2}\ [ \d]\d\ \d\d:\d\d:\d\d                         # syslog
      | (time|ts|t|level|lvl|msg|logger)=                              # logfmt
      | [\[<]?(trace|debug|info|notice|warn|warning|error|fatal|panic)\b[\]>:\s]""",
    re.VERBOSE | re.IGNORECASE,
)
_SECTION = "==== START logs"  # kubectl cluster-info dump
_SECTION_END = "==== END logs"
_decode = json.JSONDecoder(parse_constant=str, strict=False).raw_decode


class LogLines:
    """Takes the lines of one input that are no documents, and tells at the end what they were."""

    def __init__(self, *, of_containers: bool = False) -> None:
        self.of_containers = of_containers  # the whole input is a container's log
        self.in_section = False  # between the marks of a container's logs nothing is a failure
        self.documents = 0
        self.events = 0
        self._logs = 0
        self._problems = 0
        self._untold = 0
        self._table = False
        self._strange = 0  # lines in a row that are neither JSON nor a log
        self._first: tuple[str, int, int] | None = None  # the first of them, or the first of the input if it is a log
        self._beginning: str | None = None

    def take(self, line: str, number: int, offset: int) -> Iterator[Piece]:
        """One line that is no JSON document."""
        stripped = line.strip()
        if line.startswith((_SECTION, _SECTION_END)):
            self.in_section = line.startswith(_SECTION)
            self._logs += 1
            return
        if not stripped or stripped in ("---", "..."):
            return
        if self._beginning is None:
            self._beginning = line
        found = list(_events_behind_a_prefix(line, number)) if _may_hold_an_event(line) else []
        if found:
            yield from self.flush()
            self.events += len(found)
            yield from found
        elif self.in_section or self.of_containers or _LOG_LINE.match(line):
            self._logs += 1
        elif sniff.is_table(line) and not self._table:
            self._table = True
            yield from self._problem(Problem(sniff.text(line), number, offset, foreign=not self.events))
        elif not self._table:
            self._strange += 1
            self._first = self._first or (line, number, offset)

    def flush(self) -> Iterator[Piece]:
        """Tell of the strange lines so far, for a document follows them."""
        self._table = False
        if self._first is None:
            return
        line, number, offset = self._first
        more = f" (and the next {self._strange - 1:,} lines)" if self._strange > 1 else ""
        self._first, self._strange = None, 0
        yield from self._problem(Problem(f"this line is no JSON: `{sniff.quoted(line)}`{more}", number, offset))

    def end(self) -> Iterator[Piece]:
        """Tell what is left to be told at the end of the input."""
        if self._beginning is None and not self.documents and not self._logs:
            yield Skipped("empty file")
        if self._beginning is not None and not self.documents and not self.events and not self._problems:
            yield Problem(sniff.text(self._beginning), 1, 0, foreign=True)
            return
        yield from self.flush()
        if self._logs:
            yield Skipped("log lines", self._logs)
        if self._untold:
            yield Problem(f"{self._untold:,} more places like these", None, None)

    def tell(self, problem: Problem) -> Iterator[Piece]:
        """Tell of a problem of a document, unless there were too many."""
        yield from self._problem(problem)

    def _problem(self, problem: Problem) -> Iterator[Piece]:
        self._problems += 1
        if self._problems <= _PROBLEMS:
            yield problem
        else:
            self._untold += 1


def _may_hold_an_event(line: str) -> bool:
    return "{" in line and ("nvolved" in line or "regarding" in line)


def _events_behind_a_prefix(line: str, number: int) -> Iterator[Piece]:
    """The events of a JSON object at the end of the line: behind glog's prefix, a pod's name or a time."""
    try:
        value, end = _decode(line, line.index("{"))
    except (ValueError, RecursionError):
        return
    if not line[end:].strip():
        yield from (piece for piece in unwrap.events(value, line=number) if isinstance(piece, Document))
