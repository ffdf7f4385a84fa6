-- summary = "What happened just before and after a moment"
-- order = ["moment", "offset", "object", "reason", "namespace", "cluster", "message"]
-- [parameters]
-- at = { value = "time", metavar = "TIME", help = "The moment." }
-- close_us = { value = "number", metavar = "N", help = "Objects to which the same happens so soon one after another are a line." }
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
WITH happenings AS (
    SELECT
        cluster, namespace, kind, name, object, severity, reason, shape_of(message, name) AS shape, message, occurrences,
        earliest, latest,
        -- a sender's times are in seconds, and its clock in the event's name is not
        name_time(first_seen, clock_ns) AS clock,
        epoch_us(earliest)::HUGEINT * 1000 AS told,
        CASE WHEN abs(clock - told) < 2000000000 THEN clock ELSE told END AS moment
    FROM occurrences
    WHERE occurrences > 0 AND "day" IS NOT NULL
),

-- repeats of one object
repeated AS (
    SELECT
        cluster, namespace, kind, object, severity, reason, shape,
        sum(occurrences)::BIGINT AS times,
        min(earliest) AS earliest,
        max(latest) AS latest,
        min(moment) AS moment,
        arg_min(message, (earliest, message)) AS message -- the line stands where it began
    FROM happenings
    GROUP BY ALL
),

-- the same of many objects, one soon after another; what was there before the moment and what came with it stay apart
begun AS (
    SELECT
        *,
        lag(earliest) OVER alike AS before,
        coalesce(
            epoch_us(earliest) - epoch_us(before) > $close_us OR (before < $at AND earliest >= $at), true
        ) AS begins
    FROM repeated
    WINDOW alike AS (PARTITION BY cluster, namespace, kind, severity, reason, shape ORDER BY earliest, object)
),

numbered AS (
    SELECT
        *,
        sum(begins::INTEGER) OVER (
            PARTITION BY cluster, namespace, kind, severity, reason, shape ORDER BY earliest, object
        ) AS turn
    FROM begun
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
GROUP BY cluster, namespace, kind, severity, reason, shape, turn
