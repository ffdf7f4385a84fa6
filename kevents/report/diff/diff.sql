-- summary = "What is new, gone, more or less frequent"
-- by = ["pattern", "reason", "kind", "namespace", "object", "node", "component", "type", "severity", "category", "image"]
-- order = ["is_decrease", "weight DESC", "after DESC", "before DESC", "reason", "by", "namespace", "kind"]
-- cap = 50
-- [parameters]
-- before_since = { value = "time", metavar = "TIME", help = "Start of the earlier window." }
-- before_until = { value = "time", metavar = "TIME", help = "End of the earlier window (exclusive)." }
-- after_since = { value = "time", metavar = "TIME", help = "Start of the later window." }
-- after_until = { value = "time", metavar = "TIME", help = "End of the later window (exclusive)." }
-- before_us = { value = "number", metavar = "N", help = "Microseconds of the earlier window that are covered." }
-- after_us = { value = "number", metavar = "N", help = "Microseconds of the later window that are covered." }
-- against = { metavar = "NAME", help = "The cluster to compare with instead of an earlier window, or null." }
-- everything = { value = "number", metavar = "N", help = "1 to include changes that are not significant." }
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
WITH counted AS (
    SELECT
        CASE WHEN $by = 'pattern' THEN namespace END AS namespace,
        CASE WHEN $by = 'pattern' THEN kind END AS kind,
        CASE WHEN $by = 'pattern' THEN reason END AS reason,
        CASE
            WHEN $by = 'pattern' THEN message
            ELSE stored.column_named(
                $by, reason := reason, kind := kind, namespace := namespace, object := object, node := node,
                component := component, "type" := "type", severity := severity, category := category, message := message
            )
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

-- group identical messages first, so that each pattern is computed only once
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
    FROM counted
    GROUP BY ALL
),

groups AS (
    SELECT
        namespace, kind, reason,
        CASE WHEN $by = 'pattern' THEN shape_of(text, name) ELSE text END AS pattern,
        CASE WHEN count(*) = 1 THEN any_value(text) ELSE pattern END AS "by",
        sum(before)::BIGINT AS before,
        sum(after)::BIGINT AS after,
        max(rank) AS rank,
        arg_max(severity, rank) AS severity,
        len(list_distinct(flatten(coalesce(
            list(objects_after) FILTER (objects_after IS NOT NULL), list(objects_before) FILTER (objects_before IS NOT NULL)
        )))) AS objects
    FROM messages
    GROUP BY namespace, kind, reason, pattern
),

compared AS (
    SELECT
        *,
        $after_us / $before_us AS length_ratio,
        before * length_ratio AS expected,
        before * 60e6 / $before_us AS rate_before,
        after * 60e6 / $after_us AS rate_after,
        after < expected AS is_decrease,
        -- log2 of the factor; half an occurrence is added on both sides, so that a single one is not a large change
        log2((after + 0.5) / (expected + 0.5)) AS log_factor,
        -- the difference of two Poisson counts in standard deviations (Anscombe transform)
        2 * (sqrt(after + 0.375) - sqrt((before + 0.375) * length_ratio)) / sqrt(1 + length_ratio) AS deviations,
        abs(log_factor) >= log2(1.5) AND abs(deviations) >= 2 AS is_significant
    FROM groups
)

SELECT
    *,
    CASE
        WHEN before = 0 THEN 'new'
        WHEN after = 0 THEN 'gone'
        WHEN NOT is_significant THEN 'same'
        WHEN is_decrease THEN 'less'
        ELSE 'more'
    END AS change,
    CASE WHEN before > 0 AND after > 0 THEN round(after / expected, 2) END AS factor,
    -- a kind of problem that starts or stops is always reported, even if it occurred only once
    is_significant OR (rank > 1 AND (before = 0 OR after = 0)) AS is_change,
    is_change::INTEGER AS significant,
    abs(log_factor) + rank AS weight
FROM compared
WHERE is_change OR $everything = 1
