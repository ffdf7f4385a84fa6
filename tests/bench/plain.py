"""The queries of store_speed.py in plain, hand-written DuckDB SQL on the same files.

`python plain.py FILES NAME [KEY=VALUE …]` runs one query in a new process and prints its rows, wall time and CPU time
as JSON. The times include planning, but not the start of Python and the import of DuckDB. The queries rely on the
store's invariant that an event is identified by its object and the clock in its name. They don't handle everything that
kevents does: wrong clocks, custom event names, severities (they count reasons instead), missing or out-of-range times.
"""

from __future__ import annotations

import json
import sys
import time

import duckdb

_EVENT = "hash(cluster, namespace, kind, name) AS object, epoch_ns(first_seen) + clock_ns AS clock"
# n new occurrences are spread evenly from first_seen, or from the earlier observation, to last_seen.
_STEPS = """
SELECT *, latest_us - (added - 1) * step_us AS earliest_us
FROM (
    SELECT
        reason, object, epoch_us(last_seen) AS latest_us,
        before IS NULL OR ("count" < before AND first_seen > first_before) AS is_new,
        CASE WHEN is_new THEN "count" ELSE greatest("count" - before, 0) END AS added,
        CASE WHEN added = 0 THEN 0
            WHEN is_new THEN (epoch_us(last_seen) - epoch_us(first_seen)) // greatest(added - 1, 1)
            ELSE (epoch_us(last_seen) - epoch_us(seen_before)) // added
        END AS step_us
    FROM (
        SELECT
            *,
            lag("count") OVER w AS before, lag(first_seen) OVER w AS first_before, lag(last_seen) OVER w AS seen_before
        FROM ({rows})
        WINDOW w AS (PARTITION BY object, clock ORDER BY last_seen, "count", resource_version)
    )
)
WHERE added > 0
"""
_ALL = f"SELECT *, {_EVENT} FROM observations"
# The observations of the day, those of later days that also cover it, and the earlier observations of both.
_OF_DAY = f"""
SELECT *, {_EVENT} FROM observations WHERE day = $day::DATE
UNION ALL
SELECT *, {_EVENT} FROM observations WHERE day > $day::DATE AND first_seen < $until::TIMESTAMPTZ
UNION ALL
SELECT * FROM (SELECT *, {_EVENT} FROM observations WHERE day < $day::DATE) AS earlier
SEMI JOIN (SELECT {_EVENT} FROM observations WHERE day >= $day::DATE AND first_seen < $since::TIMESTAMPTZ) AS begun
    USING (object, clock)
"""
# the occurrences of a step in [low, high)
_IN = """(
    CASE WHEN latest_us < {low} THEN 0 WHEN step_us = 0 THEN added
        ELSE least(added, (latest_us - {low}) // step_us + 1) END
    - CASE WHEN latest_us < {high} THEN 0 WHEN step_us = 0 THEN added
        ELSE least(added, (latest_us - {high}) // step_us + 1) END
)"""
_DAY = (
    "SELECT *, "
    + _IN.format(low="epoch_us($since::TIMESTAMPTZ)", high="epoch_us($until::TIMESTAMPTZ)")
    + " AS happened"
    " FROM (" + _STEPS.format(rows=_OF_DAY) + ") WHERE happened > 0"
)
# Steps within one slot are counted directly, all others slot by slot.
_SLOTTED = (
    "steps AS MATERIALIZED ({steps}), {span}"
    "placed AS (SELECT *, greatest((earliest_us - low_us) // slot_us, 0) AS low,"
    " least((latest_us - low_us) // slot_us, {slots} - 1) AS high FROM steps, span),"
    "slots AS (SELECT reason, low AS slot, sum({happened}) AS n FROM placed WHERE low = high GROUP BY ALL UNION ALL"
    " SELECT reason, slot, sum("
    + _IN.format(low="(low_us + slot * slot_us)", high="(low_us + (slot + 1) * slot_us)")
    + ")"
    " FROM (SELECT *, unnest(range(low, high + 1)) AS slot FROM placed WHERE low < high) GROUP BY ALL)"
)
_REASONS = """
SELECT steps.*, trend
FROM (
    SELECT reason, sum({happened})::BIGINT, count(DISTINCT object), min(earliest_us), max(latest_us)
    FROM steps
    GROUP BY ALL
) AS steps
JOIN (SELECT reason, list(n ORDER BY slot) AS trend FROM (SELECT reason, slot, sum(n) AS n FROM slots GROUP BY ALL)
    GROUP BY ALL) USING (reason)
"""
_SPAN_ALL = "span AS (SELECT min(earliest_us) AS low_us, (max(latest_us) - low_us) // 24 + 1 AS slot_us FROM steps), "
_SPAN_DAY = "span AS (SELECT epoch_us($since::TIMESTAMPTZ) AS low_us, 86400000000 // {slots} AS slot_us), "


def _slotted(steps: str, span: str, slots: int, happened: str) -> str:
    return "WITH " + _SLOTTED.format(steps=steps, span=span.format(slots=slots), slots=slots, happened=happened)


QUERIES = {
    "describe": """
        SELECT
            reason, clock, min(first_seen)::VARCHAR, max(last_seen)::VARCHAR,
            sum(greatest("count" - before, 0))::BIGINT, arg_max(message, last_seen), arg_max(node, last_seen)
        FROM (
            SELECT
                *, epoch_ns(first_seen) + clock_ns AS clock, source_host AS node,
                coalesce(lag("count") OVER (PARTITION BY clock ORDER BY last_seen, "count"), 0) AS before
            FROM observations
            WHERE kind = 'Pod' AND name = $name AND namespace = $namespace
        )
        GROUP BY ALL ORDER BY clock
    """,
    "reasons": _slotted(_STEPS.format(rows=_ALL), _SPAN_ALL, 24, "added") + _REASONS.format(happened="added"),
    "reasons of a day": _slotted(_DAY, _SPAN_DAY, 24, "happened") + _REASONS.format(happened="happened"),
    "histogram": _slotted(_DAY, _SPAN_DAY, 288, "happened")
    + "SELECT reason, slot, sum(n)::BIGINT FROM slots GROUP BY ALL",
    # the newest 2,000 observations contain the newest 100 events
    "list": """
        SELECT namespace, max(last_seen)::VARCHAR AS seen, arg_max("type", last_seen), reason, kind, name,
            arg_max(message, last_seen), min(first_seen)::VARCHAR, max("count")
        FROM (SELECT * FROM observations WHERE day = $last::DATE ORDER BY last_seen DESC LIMIT 2000)
        GROUP BY namespace, kind, name, reason, first_seen, clock_ns
        ORDER BY seen DESC LIMIT 100
    """,
}


def main() -> None:
    files, name, *words = sys.argv[1:]
    parameters = dict(word.split("=", 1) for word in words)
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    sql = QUERIES.get(name, name)
    wall, cpu = time.perf_counter(), time.process_time()
    connection.execute(
        f"CREATE VIEW observations AS FROM read_parquet('{files}', hive_partitioning = true,"
        " hive_types = {'cluster': VARCHAR, 'day': DATE})"
    )
    rows = connection.execute(sql, {key: value for key, value in parameters.items() if f"${key}" in sql}).fetchall()
    times = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    print(json.dumps({**times, "rows": rows}, default=str))


if __name__ == "__main__":
    main()
