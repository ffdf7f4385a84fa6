"""Small stores for tests of queries: hand-written observations in Parquet files with the store's schema."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from kevents import duck
from kevents.event.schema import STORED

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

_DEFAULTS: dict[str, Any] = {
    "cluster": "prod",
    "namespace": "shop",
    "kind": "Pod",
    "name": "web-1",
    "count": 1,
    "type": "Normal",
    "reason": "Started",
    "message": "Started container app",
    "uid": "00000000-0000-4000-8000-000000000001",
    "resource_version": 1,
    "object_namespace": "shop",
    "api_version": "v1",
    "source_component": "kubelet",
    "source_host": "node-a",
    "time_fields": "firstTimestamp lastTimestamp count creationTimestamp",
}


@dataclass(frozen=True)
class File:
    path: Path
    cluster: str
    day: date | None
    rows: int
    min_last_seen: datetime | None
    max_last_seen: datetime | None
    schema: int = 1


def at(clock: str, day: int = 20) -> datetime:
    """A time of November 2026: `09:30`, `09:30:15` or `09:30:15.5`."""
    return datetime.fromisoformat(f"2026-11-{day:02}T{clock}").replace(tzinfo=UTC)


def observation(last_seen: datetime | None, **columns: Any) -> dict[str, Any]:
    """A row of the files, with defaults for the columns that are not given. `clock_ns` distinguishes events."""
    row = (
        _DEFAULTS
        | {"last_seen": last_seen, "first_seen": columns.get("first_seen", last_seen), "clock_ns": 1}
        | columns
    )
    unknown = row.keys() - {field.name for field in STORED} - {"cluster"}
    assert not unknown, unknown
    return row


def write_store(directory: Path, rows: Iterable[Mapping[str, Any]]) -> list[File]:
    """Write the rows to files under cluster=…/day=…, as the store does."""
    parts: dict[tuple[str, date | None], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        seen = row["last_seen"]
        is_dated = seen is not None and 2014 <= seen.year <= 2100
        parts[row["cluster"], seen.astimezone(UTC).date() if is_dated else None].append(row)
    return [_write(directory, cluster, day, part) for (cluster, day), part in parts.items()]


def _write(directory: Path, cluster: str, day: date | None, rows: list[Mapping[str, Any]]) -> File:
    partition = directory / f"cluster={quote(cluster, safe='')}" / f"day={day or '__HIVE_DEFAULT_PARTITION__'}"
    partition.mkdir(parents=True, exist_ok=True)
    path = partition / "part-1.parquet"
    connection = duck.connect()
    columns = ", ".join(f'"{field.name}" {field.type.replace("JSON", "VARCHAR")}' for field in STORED)
    connection.execute(f"CREATE TABLE rows ({columns})")
    marks = ", ".join("?" for _ in STORED)
    for row in rows:
        connection.execute(f"INSERT INTO rows VALUES ({marks})", [row.get(field.name) for field in STORED])
    connection.execute(f"COPY (FROM rows ORDER BY namespace, kind, name, last_seen) TO '{path}' (FORMAT parquet)")
    times = [row["last_seen"] for row in rows if row["last_seen"]]
    return File(path, cluster, day, len(rows), min(times, default=None), max(times, default=None))


def colliding_names() -> list[str]:
    """42 names with 21 different values of DuckDB's hash, which is weak for texts that differ in a few digits."""
    names = (
        "SELECT 'web-' || n // 1000 || '-rack-' || n % 1000 || '-disk-' || n % 77 AS name FROM range(400000) AS t(n)"
    )
    pairs = duck.connect().sql(
        f"SELECT list(name ORDER BY name) AS pair FROM ({names}) GROUP BY hash(name) HAVING count(*) = 2"
        " ORDER BY pair LIMIT 20"
    )
    shifted = ["web-3576-rack-37-disk-3", "web-3578-rack-39-disk-3"]
    return [*shifted, *(name for (pair,) in pairs.fetchall() for name in pair)]
