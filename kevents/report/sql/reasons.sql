-- summary = "Count occurrences by reason or another column"
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
WITH counted AS (
    SELECT
        stored.column_named(
            $by, reason := reason, kind := kind, namespace := namespace, node := node, component := component,
            object := object, "type" := "type", severity := severity, category := category, cluster := cluster,
            message := message
        ) AS "by",
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
        -- ignore impossible times if there are others
        coalesce(min(earliest) FILTER (is_dated), min(earliest)) AS first_seen,
        coalesce(max(latest) FILTER (is_dated), max(latest)) AS last_seen
    FROM counted
    GROUP BY "by"
),

span AS (
    SELECT
        stored.span_start(earliest) AS since,
        stored.slot_us(since, stored.span_end(latest), 24) AS slot_us
    FROM counted
    WHERE is_dated
),

placed AS (
    SELECT
        "by", occurrences, step_us, latest, since, slot_us,
        stored.slot_of(earliest, since, slot_us, 24) AS first_slot,
        stored.slot_of(latest, since, slot_us, 24) AS last_slot,
        first_slot = last_slot AND is_dated AS is_in_one_slot
    FROM counted, span
),

slots AS (
    SELECT "by", first_slot AS slot, sum(occurrences) AS occurrences
    FROM placed
    WHERE is_in_one_slot
    GROUP BY ALL

    UNION ALL

    SELECT "by", slot, sum(stored.occurrences_in_slot(latest, occurrences, step_us, since, slot_us, slot)) AS occurrences
    FROM (SELECT *, unnest(range(first_slot, last_slot + 1)) AS slot FROM placed WHERE NOT is_in_one_slot)
    GROUP BY ALL
),

trends AS (
    SELECT "by", map_from_entries(list((slot, occurrences))) AS slots
    FROM (SELECT "by", slot, sum(occurrences)::BIGINT AS occurrences FROM slots GROUP BY ALL)
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
