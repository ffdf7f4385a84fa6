"""Completes SQL at the prompt: views, columns, functions and keywords, depending on the text before the cursor."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from kevents.cli.prompt.shell import COMMANDS
from kevents.query.view_docs import FUNCTIONS, VIEWS
from kevents.render import formats

_KEYWORDS = (
    "SELECT", "FROM", "WHERE", "GROUP", "BY", "ORDER", "HAVING", "LIMIT", "WITH", "AS", "AND", "OR", "NOT", "IN",
    "IS", "NULL", "LIKE", "ILIKE", "BETWEEN", "CASE", "WHEN", "THEN", "ELSE", "END", "JOIN", "LEFT", "USING", "ON",
    "UNION", "ALL", "DISTINCT", "DESC", "ASC", "COUNT", "SUM", "MIN", "MAX", "AVG", "FILTER", "OVER", "PARTITION",
    "QUALIFY", "INTERVAL", "PIVOT", "DESCRIBE", "SUMMARIZE", "EXPLAIN", "date_trunc", "now", "time_bucket",
    "regexp_matches", "regexp_extract", "list", "quantile_cont",
)  # fmt: skip
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*$")


class SqlCompleter(Completer):
    """Candidates for the word before the cursor."""

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:  # noqa: ARG002
        """The candidates that start with the typed word, columns of the used views first."""
        before = document.text_before_cursor
        match = _WORD.search(before)
        prefix = match[0] if match else ""
        for word, meaning in _candidates(document.text, before[: len(before) - len(prefix)]):
            if word.lower().startswith(prefix.lower()):
                yield Completion(word, -len(prefix), display_meta=meaning)


def _candidates(text: str, before: str) -> Iterable[tuple[str, str]]:
    if before.lstrip().startswith("\\"):
        return _after_backslash(before.lstrip()[1:])
    views = [(view.name, view.meaning) for view in VIEWS]
    if re.search(r"\b(?:FROM|JOIN|DESCRIBE|SUMMARIZE)\s+$", before, re.IGNORECASE):
        return views
    used = [view for view in VIEWS if re.search(rf"\b{view.name}\b", text)]
    columns = {field.name: field.meaning for view in used or VIEWS for field in view.columns}
    functions = [(function.call.partition("(")[0], function.meaning) for function in FUNCTIONS]
    return [*columns.items(), *views, *functions, *((word, "") for word in _KEYWORDS)]


def _after_backslash(before: str) -> Iterable[tuple[str, str]]:
    if before.startswith("o "):
        return [(name, "") for name in formats.NAMES]
    if before.startswith("d "):
        return [(view.name, view.meaning) for view in VIEWS]
    return [(word, "") for word in COMMANDS] if not before else []
