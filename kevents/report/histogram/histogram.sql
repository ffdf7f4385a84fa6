-- summary = "Event volume over time, as stacked bars"
-- by = ["reason", "severity", "type", "category", "namespace", "kind", "node", "component", "cluster"]
-- order = ["start", "place"]
-- [parameters]
-- edges = { metavar = "TIMES", help = "The boundaries of the buckets." }
-- top = { value = "number", metavar = "N", help = "Number of series; the rest is shown as other." }
-- [columns]
-- start = { kind = "time", label = "FROM" }
-- end = { kind = "time", label = "TO" }
-- by = "text"
-- occurrences = "number"
-- place = { kind = "number", show = "data" }
WITH bounds AS (
    SELECT
        $edges AS edges,
        len(edges) - 1 AS buckets,
        epoch_us(edges[1]) AS start_us,
        (epoch_us(edges[-1]) - start_us) // buckets AS width_us,
        -- local days have 23 to 25 hours: the bucket is then estimated from the average width and may be off by one
        CASE WHEN len(list_distinct(list_transform(range(buckets), lambda n: edges[n + 2] - edges[n + 1]))) > 1 THEN 1 ELSE 0 END
            AS slack
),

-- the first and last bucket of each row, instead of a row per occurrence
bucketed AS (
    SELECT
        stored.column_named(
            $by, reason := reason, severity := severity, "type" := "type", category := category, namespace := namespace,
            kind := kind, node := node, component := component, cluster := cluster
        ) AS series,
        latest, occurrences, step_us,
        (epoch_us(earliest) - start_us) // width_us - slack AS first_bucket,
        (epoch_us(latest) - start_us) // width_us + slack AS last_bucket
    FROM occurrences, bounds
    WHERE occurrences > 0 AND "day" IS NOT NULL
),

counted AS (
    SELECT first_bucket AS bucket, series, sum(occurrences) AS occurrences
    FROM bucketed
    WHERE first_bucket = last_bucket
    GROUP BY ALL
    UNION ALL
    SELECT bucket, series, sum(happened(latest, occurrences, step_us, edges[bucket + 1], edges[bucket + 2])) AS occurrences
    FROM (
        SELECT *, unnest(range(greatest(first_bucket, 0), least(last_bucket + 1, buckets))) AS bucket
        FROM bucketed, bounds
        WHERE first_bucket < last_bucket
    )
    GROUP BY ALL
),

-- severities from worst to best, everything else by its number of occurrences
ranked AS (
    SELECT
        series,
        row_number() OVER (
            ORDER BY CASE WHEN $by = 'severity' THEN severity_rank(series) END DESC, sum(occurrences) DESC, series NULLS LAST
        ) AS place,
        -- a single series beyond the top is shown itself instead of as "other"
        count(*) OVER () > $top + 1 AND place > $top AS is_other
    FROM counted
    GROUP BY series
    HAVING sum(occurrences) > 0
),

labeled AS (
    SELECT
        series,
        CASE WHEN is_other THEN $top + 1 ELSE place END AS place,
        CASE WHEN is_other THEN 'other' ELSE series END AS label
    FROM ranked
),

totals AS (
    SELECT place, label, bucket, sum(occurrences) AS occurrences
    FROM counted JOIN labeled ON counted.series IS NOT DISTINCT FROM labeled.series
    GROUP BY ALL
),

grid AS (
    SELECT bucket, edges[bucket + 1] AS start, edges[bucket + 2] AS "end", place, label
    FROM (SELECT edges, unnest(range(buckets)) AS bucket FROM bounds), (SELECT DISTINCT place, label FROM labeled)
)

SELECT start, "end", grid.label AS "by", coalesce(occurrences, 0)::BIGINT AS occurrences, grid.place
FROM grid LEFT JOIN totals ON grid.bucket = totals.bucket AND grid.place = totals.place
