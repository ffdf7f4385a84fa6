-- summary = "Most repeated events, with rate and trend"
-- examples = ["kevents counts --since 3h -n shop", "kevents counts --reason BackOff --sort-by -rate"]
-- order = ["occurrences DESC", "count DESC", "last_seen DESC", "object", "event_name"]
-- empty = "No repeated events found."
-- cap = 50
-- [columns]
-- cluster = { show = "varies" }
-- namespace = { show = "varies" }
-- occurrences = "number"
-- rate = { kind = "rate", label = "RATE" }
-- change = { label = "CHANGE" }
-- last_seen = "seen"
-- type = "text"
-- reason = "text"
-- object = "text"
-- message = "text"
-- count = { kind = "number", show = "wide" }
-- first_seen = { kind = "time", show = "wide" }
-- event_name = { show = "wide", label = "NAME" }
-- severity = { kind = "severity", show = "wide" }
-- category = { show = "wide" }
WITH repeated AS (
    SELECT
        cluster, namespace, object, reason, event_name,
        coalesce(event_name, concat_ws(' ', first_seen, message)) AS event,
        sum(occurrences)::BIGINT AS occurrences,
        max("count") AS "count",
        min(first_seen) AS first_seen,
        max(last_seen) AS last_seen,
        arg_max("type", last_seen) AS "type",
        arg_max(message, last_seen) AS message,
        arg_max(severity, last_seen) AS severity,
        arg_max(category, last_seen) AS category,
        -- the window; without one, from the first occurrence to the last
        coalesce(window_start(), min(earliest)) AS since,
        coalesce(window_end(), CASE WHEN window_start() IS NULL THEN max(latest) ELSE as_of() END) AS until,
        list((latest, occurrences, step_us)) AS parts
    FROM occurrences
    GROUP BY ALL
    HAVING sum(occurrences) > 0 AND max("count") > 1
),

halved AS (
    SELECT
        *,
        greatest(epoch_us(until) - epoch_us(since), 0) AS span_us,
        since + to_microseconds(span_us // 2) AS middle,
        list_sum(list_transform(parts, lambda p: happened(p[1], p[2], p[3], NULL, middle)))::BIGINT AS before,
        occurrences - before AS after
    FROM repeated
)

SELECT
    *,
    -- n occurrences have n - 1 intervals between the first and the last
    CASE
        WHEN window_start() IS NOT NULL THEN occurrences * 60e6 / nullif(span_us, 0)
        ELSE (occurrences - 1) * 60e6 / nullif(span_us, 0)
    END AS rate,
    trend_of(before, after) AS change
FROM halved
