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
        severity_rank(severity) AS rank, object_hash, "day" IS NOT NULL AS is_dated, occurrences, step_us, latest, earliest
    FROM stored.differences(true)
    WHERE occurrences > 0
),

totals AS (
    SELECT
        "by",
        max(rank) AS rank,
        sum(occurrences)::BIGINT AS occurrences,
        count(DISTINCT object_hash) AS objects,
        -- absurd times only where there are no others
        coalesce(min(earliest) FILTER (is_dated), min(earliest)) AS first_seen,
        coalesce(max(latest) FILTER (is_dated), max(latest)) AS last_seen
    FROM happenings
    GROUP BY "by"
),

span AS (
    SELECT
        stored.span_start(earliest) AS since,
        stored.slot_us(since, stored.span_end(latest), 24) AS slot_us
    FROM happenings
    WHERE is_dated
),

placed AS (
    SELECT
        "by", occurrences, step_us, latest, since, slot_us,
        stored.slot_of(earliest, since, slot_us, 24) AS low,
        stored.slot_of(latest, since, slot_us, 24) AS high,
        low = high AND is_dated AS is_in_one
    FROM happenings, span
),

slots AS (
    SELECT "by", low AS slot, sum(occurrences) AS happened
    FROM placed
    WHERE is_in_one
    GROUP BY ALL

    UNION ALL

    SELECT "by", slot, sum(stored.occurrences_in_slot(latest, occurrences, step_us, since, slot_us, slot)) AS happened
    FROM (SELECT *, unnest(range(low, high + 1)) AS slot FROM placed WHERE NOT is_in_one)
    GROUP BY ALL
),

trends AS (
    SELECT "by", map_from_entries(list((slot, happened))) AS slots
    FROM (SELECT "by", slot, sum(happened)::BIGINT AS happened FROM slots GROUP BY ALL)
    GROUP BY "by"
)

SELECT
    totals.*,
    CASE WHEN $by <> 'severity' THEN stored.severity_of_rank(rank) END AS worst,
    100.0 * occurrences / sum(occurrences) OVER () AS share,
    occurrences AS bar,
    list_transform(range(24), lambda slot: coalesce(slots[slot], 0)) AS trend
FROM totals
LEFT JOIN trends ON totals."by" IS NOT DISTINCT FROM trends."by"
