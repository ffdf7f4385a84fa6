-- summary = "What is new, gone, more or less frequent"
-- by = ["pattern", "reason", "kind", "namespace", "object", "node", "component", "type", "severity", "category", "image"]
-- order = ["is_fall", "weight DESC", "after DESC", "before DESC", "reason", "by", "namespace", "kind"]
-- cap = 50
-- [parameters]
-- before_since = { value = "time", metavar = "TIME", help = "Where the first window begins." }
-- before_until = { value = "time", metavar = "TIME", help = "Where it ends." }
-- after_since = { value = "time", metavar = "TIME", help = "Where the second window begins." }
-- after_until = { value = "time", metavar = "TIME", help = "Where it ends." }
-- before_us = { value = "number", metavar = "N", help = "For how many microseconds of the first window something is known." }
-- after_us = { value = "number", metavar = "N", help = "The same of the second one." }
-- against = { metavar = "NAME", help = "The cluster that is the first window, or null." }
-- everything = { value = "number", metavar = "N", help = "1 for what did not change as well." }
-- [columns]
-- change = "text"
-- factor = "number"
-- severity = "severity"
-- namespace = { show = "varies" }
-- reason = { show = "varies" }
-- kind = { show = "wide" }
-- before = "number"
-- after = "number"
-- rate_before = { kind = "rate", show = "roomy" }
-- rate_after = { kind = "rate", show = "roomy" }
-- objects = "number"
-- by = "text"
-- significant = { kind = "number", show = "data" }
WITH happenings AS (
    SELECT
        CASE WHEN $by = 'pattern' THEN namespace END AS namespace,
        CASE WHEN $by = 'pattern' THEN kind END AS kind,
        CASE WHEN $by = 'pattern' THEN reason END AS reason,
        CASE $by
            WHEN 'pattern' THEN message
            WHEN 'reason' THEN reason
            WHEN 'kind' THEN kind
            WHEN 'namespace' THEN namespace
            WHEN 'object' THEN object
            WHEN 'node' THEN node
            WHEN 'component' THEN component
            WHEN 'type' THEN "type"
            WHEN 'severity' THEN severity
            WHEN 'category' THEN category
            WHEN 'image' THEN nullif(regexp_extract(message, '[Ii]mage "([^"]+)"', 1), '')
        END AS text,
        CASE WHEN $by = 'pattern' THEN name END AS name,
        object_hash,
        severity, severity_rank(severity) AS rank, latest,
        CASE
            WHEN $against IS NULL OR cluster = $against
                THEN happened(latest, occurrences, step_us, $before_since::TIMESTAMPTZ, $before_until::TIMESTAMPTZ)
            ELSE 0
        END AS before,
        CASE
            WHEN $against IS NULL OR cluster <> $against
                THEN happened(latest, occurrences, step_us, $after_since::TIMESTAMPTZ, $after_until::TIMESTAMPTZ)
            ELSE 0
        END AS after
    FROM stored.differences(true)
    WHERE occurrences > 0 AND before + after > 0
),

-- shapes are made of what is left when the same messages are one
messages AS (
    SELECT
        namespace, kind, reason, text,
        min(name) AS name,
        sum(before)::BIGINT AS before,
        sum(after)::BIGINT AS after,
        max(rank) AS rank,
        arg_max(severity, rank) AS severity,
        list(object_hash) FILTER (before > 0) AS objects_before,
        list(object_hash) FILTER (after > 0) AS objects_after
    FROM happenings
    GROUP BY ALL
),

groups AS (
    SELECT
        namespace, kind, reason,
        CASE WHEN $by = 'pattern' THEN shape_of(text, name) ELSE text END AS shape,
        CASE WHEN count(*) = 1 THEN any_value(text) ELSE shape END AS "by",
        sum(before)::BIGINT AS before,
        sum(after)::BIGINT AS after,
        max(rank) AS rank,
        arg_max(severity, rank) AS severity,
        len(list_distinct(flatten(coalesce(
            list(objects_after) FILTER (objects_after IS NOT NULL), list(objects_before) FILTER (objects_before IS NOT NULL)
        )))) AS objects
    FROM messages
    GROUP BY namespace, kind, reason, shape
),

compared AS (
    SELECT
        *,
        $after_us / $before_us AS longer,
        before * longer AS expected,
        before * 60e6 / $before_us AS rate_before,
        after * 60e6 / $after_us AS rate_after,
        after < expected AS is_fall,
        -- in doublings; half a time more on both sides, so that what happened once is no great change
        log2((after + 0.5) / (expected + 0.5)) AS doublings,
        -- how many standard deviations two Poisson counts are apart (Anscombe's transformation)
        2 * (sqrt(after + 0.375) - sqrt((before + 0.375) * longer)) / sqrt(1 + longer) AS deviations,
        abs(doublings) >= log2(1.5) AND abs(deviations) >= 2 AS is_beyond_chance
    FROM groups
)

SELECT
    *,
    CASE
        WHEN before = 0 THEN 'new'
        WHEN after = 0 THEN 'gone'
        WHEN NOT is_beyond_chance THEN 'same'
        WHEN is_fall THEN 'less'
        ELSE 'more'
    END AS change,
    CASE WHEN before > 0 AND after > 0 THEN round(after / expected, 2) END AS factor,
    -- that trouble of a kind began or ended is worth a line even if it happened once
    is_beyond_chance OR (rank > 1 AND (before = 0 OR after = 0)) AS is_change,
    is_change::INTEGER AS significant,
    abs(doublings) + rank AS weight
FROM compared
WHERE is_change OR $everything = 1
