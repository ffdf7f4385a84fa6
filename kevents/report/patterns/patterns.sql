-- summary = "What recurs: the same reason and message, folded into a line"
-- order = ["rank DESC", "count DESC", "last_seen DESC", "reason", "message", "namespace", "cluster"]
-- [columns]
-- cluster = { show = "varies" }
-- namespace = { show = "varies" }
-- severity = "severity"
-- reason = "text"
-- kind = { show = "wide" }
-- count = "number"
-- objects = "number"
-- nodes = "number"
-- rate = "rate"
-- rhythm = "text"
-- first_seen = { kind = "time", show = "wide" }
-- last_seen = { kind = "time", label = "LAST" }
-- message = "text"
-- busiest = { kind = "rate", show = "wide" }
-- sample = { show = "wide" }
WITH messages AS (
    SELECT
        cluster, namespace, kind, reason, message,
        min(name) AS name,
        sum(occurrences)::BIGINT AS occurrences,
        min(earliest) AS earliest,
        max(latest) AS latest,
        max(severity_rank(severity)) AS rank,
        any_value(severity) AS severity,
        list((epoch_us(earliest), epoch_us(latest), occurrences)) AS told,
        list(hash(name)) AS names,
        list(hash(node)) FILTER (node IS NOT NULL) AS nodes
    FROM occurrences
    WHERE occurrences > 0
    GROUP BY cluster, namespace, kind, reason, message
),

patterns AS MATERIALIZED (
    SELECT
        cluster, namespace, kind, reason,
        shape_of(message, name) AS shape,
        hash(cluster, namespace, kind, reason, shape) AS id,
        sum(occurrences)::BIGINT AS occurrences,
        len(list_distinct(flatten(list(names)))) AS objects,
        len(list_distinct(flatten(list(nodes) FILTER (nodes IS NOT NULL)))) AS nodes,
        min(earliest) AS first_seen,
        max(latest) AS last_seen,
        max(rank) AS rank,
        arg_max(severity, rank) AS severity,
        count(*) AS messages,
        arg_max(message, (latest, message)) AS sample,
        flatten(list(told)) AS told
    FROM messages
    GROUP BY ALL
),

-- each sighting with the pause since the one before: of the repeats that it tells together only the ends are known
paced AS (
    SELECT *, earliest - lag(latest) OVER (PARTITION BY id ORDER BY earliest, latest) AS pause
    FROM (
        SELECT id, one[1] AS earliest, one[2] AS latest, one[3] AS occurrences
        FROM (SELECT id, unnest(told) AS one FROM patterns WHERE occurrences > 2)
    )
),

-- what comes on several objects in the same moment is no pause
paused AS (
    SELECT
        id,
        count(*) AS pauses,
        quantile_disc(pause, [0.25, 0.5, 0.75]) AS quarters
    FROM paced
    WHERE pause >= 1000000
    GROUP BY id
),

-- ten minutes at a time; of a sighting that tells of more than ten minutes, what falls into the last ten
tens AS (
    SELECT
        id,
        latest // 600000000 AS ten,
        sum(CASE
            WHEN latest - earliest <= 600000000 THEN occurrences
            ELSE occurrences * 600000000 // (latest - earliest)
        END) AS occurrences,
        sum(occurrences) AS told
    FROM paced
    GROUP BY id, ten
),

busy AS (
    SELECT id, count(*) AS tens, max(occurrences) AS most, sum(told - occurrences) AS far
    FROM tens
    GROUP BY id
),

judged AS (
    SELECT
        * EXCLUDE (id, told),
        (epoch_us(last_seen) - epoch_us(first_seen)) / 60e6 AS minutes,
        (occurrences - 1) / nullif(minutes, 0) AS rate,
        greatest(rate, most / 10.0) AS busiest,
        quarters[2] AS usual,
        -- repeats that were told together are spread evenly because nothing else is known: that is no rhythm
        pauses > 3 AND 2 * (pauses + 1) >= occurrences
            AND quarters[3] - quarters[1] <= usual // 4
            AND minutes * 60e6 <= 2 * pauses * usual AS is_regular
    FROM patterns
    LEFT JOIN paused USING (id)
    LEFT JOIN busy USING (id)
)

SELECT
    *,
    occurrences AS "count",
    CASE
        WHEN occurrences < 3 THEN NULL
        WHEN minutes < 1 THEN 'burst'
        WHEN is_regular AND usual < 90e6 THEN 'every ~' || round(usual / 1e6)::BIGINT || 's'
        WHEN is_regular AND usual < 5400e6 THEN 'every ~' || round(usual / 60e6)::BIGINT || 'm'
        WHEN is_regular THEN 'every ~' || round(usual / 3600e6)::BIGINT || 'h'
        WHEN minutes > 50 AND 5 * far < occurrences AND 5 * most >= 4 * occurrences THEN 'burst'
        WHEN minutes > 50 AND 5 * far < occurrences AND 50 * tens <= minutes THEN 'bursts'
        ELSE 'steady'
    END AS rhythm,
    CASE WHEN messages = 1 THEN sample ELSE shape END AS message
FROM judged
