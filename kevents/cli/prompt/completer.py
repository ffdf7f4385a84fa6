"""What could follow at the prompt: views, columns, functions and SQL's words, by what stands before."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from kevents.cli.prompt.shell import COMMANDS
from kevents.query.view_docs import FUNCTIONS, VIEWS
from kevents.render import formats

_WORDS = (
    "SELECT", "FROM", "WHERE", "GROUP", "BY", "ORDER", "HAVING", "LIMIT", "WITH", "AS", "AND", "OR", "NOT", "IN",
    "IS", "NULL", "LIKE", "ILIKE", "BETWEEN", "CASE", "WHEN", "THEN", "ELSE", "END", "JOIN", "LEFT", "USING", "ON",
    "UNION", "ALL", "DISTINCT", "DESC", "ASC", "COUNT", "SUM", "MIN", "MAX", "AVG", "FILTER", "OVER", "PARTITION",
    "QUALIFY", "INTERVAL", "PIVOT", "DESCRIBE", "SUMMARIZE", "EXPLAIN", "date_trunc", "now", "time_bucket",
    "regexp_matches", "regexp_extract", "list", "quantile_cont",
)  # fmt: skip
_TYPED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*$")


class SqlCompleter(Completer):
    """Candidates for the word before the cursor."""

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:  # noqa: ARG002
        """Those that begin with what is typed, what the SQL speaks of first."""
        before = document.text_before_cursor
        found = _TYPED.search(before)
        typed = found[0] if found else ""
        for word, meaning in _candidates(document.text, before[: len(before) - len(typed)]):
            if word.lower().startswith(typed.lower()):
                yield Completion(word, -len(typed), display_meta=meaning)


def _candidates(text: str, before: str) -> Iterable[tuple[str, str]]:
    if before.lstrip().startswith("\\"):
        return _of_command(before.lstrip()[1:])
    views = [(view.name, view.meaning) for view in VIEWS]
    if re.search(r"\b(?:FROM|JOIN|DESCRIBE|SUMMARIZE)\s+$", before, re.IGNORECASE):
        return views
    named = [view for view in VIEWS if re.search(rf"\b{view.name}\b", text)]
    columns = {field.name: field.meaning for view in named or VIEWS for field in view.columns}
    functions = [(function.call.partition("(")[0], function.meaning) for function in FUNCTIONS]
    return [*columns.items(), *views, *functions, *((word, "") for word in _WORDS)]


def _of_command(before: str) -> Iterable[tuple[str, str]]:
    if before.startswith("o "):
        return [(name, "") for name in formats.NAMES]
    if before.startswith("d "):
        return [(view.name, view.meaning) for view in VIEWS]
    return [(word, "") for word in COMMANDS] if not before else []
