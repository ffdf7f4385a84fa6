-- summary = "How much happened when, as stacked bars over time"
-- by = ["reason", "severity", "type", "category", "namespace", "kind", "node", "component", "cluster"]
-- order = ["start", "place"]
-- [parameters]
-- edges = { metavar = "TIMES", help = "The moments between which the buckets lie." }
-- top = { value = "number", metavar = "N", help = "So many series, and the others as one." }
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
        -- days are of 23 to 25 hours: then a bucket is guessed by the average, and may be one off
        CASE WHEN len(list_distinct(list_transform(range(buckets), lambda n: edges[n + 2] - edges[n + 1]))) > 1 THEN 1 ELSE 0 END
            AS slack
),

-- the buckets that a row's occurrences may lie in, instead of each occurrence
happenings AS (
    SELECT
        CASE $by
            WHEN 'reason' THEN reason
            WHEN 'severity' THEN severity
            WHEN 'type' THEN "type"
            WHEN 'category' THEN category
            WHEN 'namespace' THEN namespace
            WHEN 'kind' THEN kind
            WHEN 'node' THEN node
            WHEN 'component' THEN component
            WHEN 'cluster' THEN cluster
        END AS series,
        latest, occurrences, step_us,
        (epoch_us(earliest) - start_us) // width_us - slack AS low,
        (epoch_us(latest) - start_us) // width_us + slack AS high
    FROM occurrences, bounds
    WHERE occurrences > 0 AND "day" IS NOT NULL
),

touched AS (
    SELECT low AS bucket, series, sum(occurrences) AS happened
    FROM happenings
    WHERE low = high
    GROUP BY ALL
    UNION ALL
    SELECT bucket, series, sum(happened(latest, occurrences, step_us, edges[bucket + 1], edges[bucket + 2])) AS happened
    FROM (
        SELECT *, unnest(range(greatest(low, 0), least(high + 1, buckets))) AS bucket
        FROM happenings, bounds
        WHERE low < high
    )
    GROUP BY ALL
),

-- severities in their own order, everything else by how much of it there is
ranked AS (
    SELECT
        series,
        row_number() OVER (
            ORDER BY CASE WHEN $by = 'severity' THEN severity_rank(series) END DESC, sum(happened) DESC, series NULLS LAST
        ) AS place,
        -- one series more than wanted needs no others
        count(*) OVER () > $top + 1 AND place > $top AS is_other
    FROM touched
    GROUP BY series
    HAVING sum(happened) > 0
),

named AS (
    SELECT
        series,
        CASE WHEN is_other THEN $top + 1 ELSE place END AS place,
        CASE WHEN is_other THEN 'other' ELSE series END AS shown
    FROM ranked
),

placed AS (
    SELECT place, shown, bucket, sum(happened) AS happened
    FROM touched JOIN named ON touched.series IS NOT DISTINCT FROM named.series
    GROUP BY ALL
),

grid AS (
    SELECT bucket, edges[bucket + 1] AS start, edges[bucket + 2] AS "end", place, shown
    FROM (SELECT edges, unnest(range(buckets)) AS bucket FROM bounds), (SELECT DISTINCT place, shown FROM named)
)

SELECT start, "end", grid.shown AS "by", coalesce(happened, 0)::BIGINT AS occurrences, grid.place
FROM grid LEFT JOIN placed ON grid.bucket = placed.bucket AND grid.place = placed.place
