"""Lines between JSON documents: log lines, events after a log prefix, and lines that should not be there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from kevents.source.dump import sniff, unwrap
from kevents.source.dump.pieces import Document, Piece, Problem, Skipped

_MAX_PROBLEMS = 20  # reported in full; the others are only counted

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
    """Collects the lines of one input that are not JSON documents, and reports them."""

    def __init__(self, *, is_container_log: bool = False) -> None:
        self.is_container_log = is_container_log  # the whole input
        self.in_section = False  # between the marks around a container's log; nothing there is a problem
        self.documents = 0
        self.events = 0
        self._log_lines = 0
        self._problems = 0
        self._unreported = 0
        self._in_table = False
        self._first_line: str | None = None
        self._unknown_lines = 0  # consecutive lines that are neither JSON nor a log
        self._first_unknown: tuple[str, int, int] | None = None  # the first of these, with its number and offset

    def add(self, line: str, number: int, offset: int) -> Iterator[Piece]:
        """Add a line that is not a JSON document."""
        stripped = line.strip()
        if line.startswith((_SECTION, _SECTION_END)):
            self.in_section = line.startswith(_SECTION)
            self._log_lines += 1
            return
        if not stripped or stripped in ("---", "..."):
            return
        if self._first_line is None:
            self._first_line = line
        events = list(_events_after_prefix(line, number)) if may_be_event_line(line) else []
        if events:
            yield from self.flush()
            self.events += len(events)
            yield from events
        elif self.in_section or self.is_container_log or _LOG_LINE.match(line):
            self._log_lines += 1
        elif sniff.is_table(line) and not self._in_table:
            self._in_table = True
            problem = Problem(sniff.describe_text(line), number, offset, is_other_format=not self.events)
            yield from self.report(problem)
        elif not self._in_table:
            self._unknown_lines += 1
            self._first_unknown = self._first_unknown or (line, number, offset)

    def flush(self) -> Iterator[Piece]:
        """Report the unknown lines so far, because a document follows them."""
        self._in_table = False
        if self._first_unknown is None:
            return
        line, number, offset = self._first_unknown
        more = f" (and the next {self._unknown_lines - 1:,} lines)" if self._unknown_lines > 1 else ""
        self._first_unknown, self._unknown_lines = None, 0
        yield from self.report(Problem(f"this line is not JSON: `{sniff.excerpt(line)}`{more}", number, offset))

    def end(self) -> Iterator[Piece]:
        """Report what has not been reported at the end of the input."""
        if self._first_line is None and not self.documents and not self._log_lines:
            yield Skipped("empty file")
        if self._first_line is not None and not self.documents and not self.events and not self._problems:
            yield Problem(sniff.describe_text(self._first_line), 1, 0, is_other_format=True)
            return
        yield from self.flush()
        if self._log_lines:
            yield Skipped("log lines", self._log_lines)
        if self._unreported:
            yield Problem(f"{self._unreported:,} more problems like these", None, None)

    def report(self, problem: Problem) -> Iterator[Piece]:
        """Report a problem, unless there were too many before."""
        self._problems += 1
        if self._problems <= _MAX_PROBLEMS:
            yield problem
        else:
            self._unreported += 1


def may_be_event_line(line: str) -> bool:
    """Fast path of `is_event` for a line with JSON after a prefix: False if the JSON does not name an object.

    An event without an object is only recognized as a document of its own.
    """
    return "{" in line and ("nvolved" in line or "regarding" in line)


def _events_after_prefix(line: str, number: int) -> Iterator[Piece]:
    """The events of a JSON object at the end of the line, after a glog prefix, a pod name or a time."""
    try:
        value, end = _decode(line, line.index("{"))
    except (ValueError, RecursionError):
        return
    if not line[end:].strip():
        yield from (piece for piece in unwrap.events(value, line=number) if isinstance(piece, Document))
