"""The result of `kevents status`: the last reported state of each recorder that used the store."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from kevents import clock
from kevents.result import Column, Kind, Result, Show
from kevents.store.journal.recorder_state import STALE, RecorderState, recorders

_COLUMNS = (
    Column("cluster"),
    Column("state"),
    Column("events", Kind.NUMBER),
    Column("rate", Kind.NUMBER, label="EVENTS/S"),
    Column("lag", Kind.DURATION),
    Column("spool_bytes", Kind.BYTES, label="SPOOL"),
    Column("last_contact", Kind.TIME),
    Column("reconnects", Kind.NUMBER),
    Column("gaps", Kind.NUMBER),
    Column("pid", Kind.NUMBER),
    Column("started", Kind.TIME),
    Column("told", Kind.TIME, Show.WIDE),
    Column("scopes", show=Show.WIDE),
    Column("identity", show=Show.WIDE),
    Column("keeps", show=Show.WIDE),
    Column("upkeep", Kind.TIME, Show.WIDE),
    Column("last_error"),
)
UNKNOWN = "unknown"  # it runs, but has not reported its state for a while
DEAD = "dead"  # exited without cleanup: killed, or the host went down


def status(store_directory: Path, now: datetime) -> Result:
    """One row per cluster, with the state that its recorder last reported."""
    import pyarrow as pa

    rows = [_row(cluster, state, now, is_running=running) for cluster, state, running in recorders(store_directory)]
    empty = "No recorder has ever used this store. Start one with: kevents record -A"
    return Result.of_rows(_COLUMNS, rows, {"rate": pa.float64(), "lag": pa.float64()}, empty=empty)


def _row(cluster: str, state: RecorderState | None, now: datetime, *, is_running: bool) -> dict[str, object]:
    if state is None:
        return {"cluster": cluster, "state": "starting" if is_running else "stopped"}
    exit_state = "stopped" if state.state == "stopped" else DEAD
    error = state.last_error
    if is_running and now - state.updated > STALE:
        old = f"no state for {clock.age(now - state.updated)}, before that {state.state}"
        exit_state, error = UNKNOWN, f"{old}; {error}" if error else old
    return {
        **{column.name: getattr(state, column.name) for column in _COLUMNS if hasattr(state, column.name)},
        "cluster": cluster,
        "state": exit_state if not is_running or exit_state == UNKNOWN else state.state,
        "last_error": error,
        "rate": round(state.rate, 1) if is_running else None,
        "gaps": state.more.get("gaps"),
        "keeps": state.more.get("keeps"),
        "upkeep": _time(state.more.get("upkeep")),
        "scopes": ", ".join("all namespaces" if scope == "*" else scope for scope in state.scopes),
    }


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
