-- summary = "Count occurrences by reason, or --by something else"
-- by = ["reason", "kind", "namespace", "node", "component", "object", "type", "severity", "category", "cluster", "image"]
-- examples = ["kevents reasons --since 1h", "kevents reasons --by node --severity warning"]
-- order = ["occurrences DESC", "by"]
-- [columns]
-- by = "text"
-- worst = { kind = "severity", show = "roomy", label = "SEVERITY" }
-- occurrences = "number"
-- share = { kind = "percent", label = "SHARE" }
-- bar = { kind = "bar", show = "drawn", label = "" }
-- objects = "number"
-- first_seen = "time"
-- last_seen = "time"
-- trend = { kind = "spark", label = "OVER TIME" }
WITH happenings AS (
    SELECT
        CASE $by
            WHEN 'reason' THEN reason
            WHEN 'kind' THEN kind
            WHEN 'namespace' THEN namespace
            WHEN 'node' THEN node
            WHEN 'component' THEN component
            WHEN 'object' THEN object
            WHEN 'type' THEN "type"
            WHEN 'severity' THEN severity
            WHEN 'category' THEN category
            WHEN 'cluster' THEN cluster
            WHEN 'image' THEN nullif(regexp_extract(message, '[Ii]mage "([^"]+)"', 1), '')
        END AS "by",
        severity, cluster, namespace, object, "day", occurrences, step_us, latest, earliest
    FROM occurrences
    WHERE occurrences > 0
),

-- absurd times left aside
span AS (
    SELECT
        stored.span_start(earliest) AS since,
        stored.slot_us(since, stored.span_end(latest), 24) AS slot_us
    FROM happenings
    WHERE "day" IS NOT NULL
),

spread AS (
    SELECT happenings.*, span.*, unnest(stored.slots_touched(earliest, latest, since, slot_us, 24)) AS slot
    FROM happenings, span
),

slots AS (
    SELECT
        "by",
        slot,
        sum(stored.happened_in_slot(latest, occurrences, step_us, since, slot_us, slot))::BIGINT AS happened
    FROM spread
    GROUP BY "by", slot
),

trends AS (
    SELECT "by", map_from_entries(list((slot, happened))) AS slots
    FROM slots
    GROUP BY "by"
)

SELECT
    happenings."by",
    CASE WHEN $by <> 'severity' THEN arg_max(severity, severity_rank(severity)) END AS worst,
    sum(occurrences)::BIGINT AS occurrences,
    100.0 * sum(occurrences) / sum(sum(occurrences)) OVER () AS share,
    sum(occurrences)::BIGINT AS bar,
    count(DISTINCT (cluster, namespace, object)) AS objects,
    -- absurd times only where there are no others
    coalesce(min(earliest) FILTER ("day" IS NOT NULL), min(earliest)) AS first_seen,
    coalesce(max(latest) FILTER ("day" IS NOT NULL), max(latest)) AS last_seen,
    list_transform(range(24), lambda slot: coalesce(any_value(slots)[slot], 0)) AS trend
FROM happenings
LEFT JOIN trends ON happenings."by" IS NOT DISTINCT FROM trends."by"
GROUP BY ALL
