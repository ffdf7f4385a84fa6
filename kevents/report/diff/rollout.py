"""Finds the last rollout of a workload, as the split point of a comparison."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from kevents.escape import escape
from kevents.report.catalog import reports
from kevents.report.question import Question

if TYPE_CHECKING:
    from kevents.query.engine import Engine

WORKLOADS = frozenset({"Deployment", "StatefulSet", "DaemonSet"})


class Rollout(NamedTuple):
    """When a rollout started, of which workload, and its images if known. what: rollout, rollback or first seen."""

    at: datetime
    workload: str
    what: str
    image: str | None
    image_before: str | None

    def title(self) -> str:
        """The rollout in a few words: `the rollout of Deployment/web from nginx:1.28 to nginx:1.29`."""
        word = "rollback" if self.what == "rollback" else "rollout"
        before = f" from {escape(self.image_before)}" if self.image_before else ""
        after = f" to {escape(self.image)}" if self.image else ""
        return f"the {word} of {escape(self.workload)}" + (before + after if self.image != self.image_before else "")


def last_rollout(engine: Engine, kind: str, name: str) -> Rollout | None:
    """The newest rollout of the workload in the engine's selection."""
    question = Question(reports()["rollouts"], values={"workload": f"{kind}/{name}"})
    rows = [row for batch in question.answer(engine).batches for row in batch.to_pylist()]
    if not rows:
        return None
    newest = rows[-1]
    started = newest["started"].astimezone(UTC)
    return Rollout(started, newest["workload"], newest["what"], newest["image"], newest["image_before"])
