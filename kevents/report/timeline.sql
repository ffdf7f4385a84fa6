-- summary = "Events just before and after a point in time"
-- order = ["moment", "offset", "object", "reason", "namespace", "cluster", "message"]
-- [parameters]
-- at = { value = "time", metavar = "TIME", help = "The moment." }
-- close_us = { value = "number", metavar = "N", help = "Identical messages of several objects are one line if each follows within N microseconds." }
-- [columns]
-- cluster = { show = "varies" }
-- namespace = { show = "varies" }
-- offset = { kind = "offset", label = "OFFSET" }
-- last_offset = { kind = "offset", show = "wide", label = "UNTIL" }
-- severity = "severity"
-- object = "text"
-- objects = { kind = "number", show = "varies" }
-- reason = "text"
-- times = "number"
-- message = "text"
-- time = { kind = "time", show = "data" }
-- last_time = { kind = "time", show = "data" }
WITH timed AS (
    SELECT
        cluster, namespace, kind, name, object, severity, reason, shape_of(message, name) AS pattern, message, occurrences,
        earliest, latest,
        -- the times in an event are in seconds, the clock in its name is in nanoseconds
        name_time(first_seen, clock_ns) AS clock,
        epoch_us(earliest)::HUGEINT * 1000 AS earliest_ns,
        CASE WHEN abs(clock - earliest_ns) < 2000000000 THEN clock ELSE earliest_ns END AS moment
    FROM occurrences
    WHERE occurrences > 0 AND "day" IS NOT NULL
),

-- repeats on one object
repeated AS (
    SELECT
        cluster, namespace, kind, object, severity, reason, pattern,
        sum(occurrences)::BIGINT AS times,
        min(earliest) AS earliest,
        max(latest) AS latest,
        min(moment) AS moment,
        arg_min(message, (earliest, message)) AS message -- the line is at the time of the first
    FROM timed
    GROUP BY ALL
),

-- the same pattern on several objects in quick succession is one line, but not across the moment itself
separated AS (
    SELECT
        *,
        lag(earliest) OVER same_pattern AS before,
        coalesce(
            epoch_us(earliest) - epoch_us(before) > $close_us OR (before < $at AND earliest >= $at), true
        ) AS is_new_line
    FROM repeated
    WINDOW same_pattern AS (PARTITION BY cluster, namespace, kind, severity, reason, pattern ORDER BY earliest, object)
),

numbered AS (
    SELECT
        *,
        sum(is_new_line::INTEGER) OVER (
            PARTITION BY cluster, namespace, kind, severity, reason, pattern ORDER BY earliest, object
        ) AS line
    FROM separated
)

SELECT
    cluster, namespace, severity, reason,
    (epoch_us(min(earliest)) - epoch_us($at::TIMESTAMPTZ)) / 1e6 AS "offset",
    (epoch_us(max(latest)) - epoch_us($at::TIMESTAMPTZ)) / 1e6 AS last_offset,
    arg_min(object, (earliest, object)) AS object,
    count(*) AS objects,
    sum(times)::BIGINT AS times,
    arg_min(message, (earliest, object)) AS message,
    min(earliest) AS "time",
    max(latest) AS last_time,
    min(moment) AS moment
FROM numbered
GROUP BY cluster, namespace, kind, severity, reason, pattern, line
