-- summary = "What recurs: the same reason and message, folded into a line"
-- order = ["rank DESC", "weight DESC", "count DESC", "last_seen DESC", "reason", "message", "namespace", "cluster"]
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
WITH happenings AS (
    SELECT
        hash(cluster, namespace, kind, reason, stored.text_hash(message)) AS text,
        cluster, namespace, kind, name, object_hash, reason, message, "day", occurrences, earliest, latest,
        CASE WHEN node IS NOT NULL THEN stored.text_hash(node) END AS node,
        severity_rank(severity) AS rank
    FROM stored.differences(true)
    WHERE occurrences > 0
),

-- what is looked up once the shapes are known, in few bytes
reported AS MATERIALIZED (
    SELECT
        text, object_hash, node, occurrences, epoch_us(earliest) AS earliest, epoch_us(latest) AS latest
    FROM happenings
),

-- a message's shape is made once
texts AS MATERIALIZED (
    SELECT
        text, cluster, namespace, kind, reason, message,
        shape_of(message, name) AS shape,
        hash(cluster, namespace, kind, reason, stored.text_hash(shape)) AS id,
        * EXCLUDE (text, cluster, namespace, kind, name, reason, message)
    FROM (
        SELECT
            text,
            any_value(cluster) AS cluster,
            any_value(namespace) AS namespace,
            any_value(kind) AS kind,
            any_value(reason) AS reason,
            any_value(message) AS message,
            min(name) AS name,
            count(*) AS observations,
            sum(occurrences)::BIGINT AS occurrences,
            min(earliest) AS earliest,
            max(latest) AS latest,
            max(latest) FILTER ("day" IS NOT NULL) AS newest,
            max(rank) AS rank
        FROM happenings
        GROUP BY text
    )
),

patterns AS (
    SELECT
        id,
        any_value(cluster) AS cluster,
        any_value(namespace) AS namespace,
        any_value(kind) AS kind,
        any_value(reason) AS reason,
        any_value(shape) AS shape,
        sum(observations) AS observations,
        sum(occurrences)::BIGINT AS occurrences,
        min(earliest) AS first_seen,
        max(latest) AS last_seen,
        max(rank) AS rank,
        count(*) AS messages,
        arg_max(message, (latest, message)) AS sample
    FROM texts
    GROUP BY id
),

told AS MATERIALIZED (
    SELECT id, reported.* EXCLUDE (text)
    FROM reported JOIN texts USING (text)
),

concerned AS (
    SELECT id, count(DISTINCT object_hash) AS objects, nullif(count(DISTINCT node), 0) AS nodes
    FROM told
    GROUP BY id
),

-- Each observation with the pause since the one before: of the repeats that it tells together only the ends are known. Where
-- most were told so there is no rhythm to be found.
paced AS (
    SELECT id, earliest - lag(latest) OVER (PARTITION BY id ORDER BY earliest, latest) AS pause
    FROM told
    WHERE id IN (SELECT id FROM patterns WHERE observations > 4 AND 2 * observations >= occurrences)
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

-- ten minutes at a time; of a observation that tells of more than ten minutes, what falls into the last ten
tens AS (
    SELECT
        id,
        latest // 600000000 AS ten,
        sum(CASE
            WHEN latest - earliest <= 600000000 THEN occurrences
            ELSE occurrences * 600000000 // (latest - earliest)
        END) AS occurrences,
        sum(occurrences) AS told
    FROM told
    GROUP BY id, ten
),

busy AS (
    SELECT id, count(*) AS tens, max(occurrences) AS most, sum(told - occurrences) AS far
    FROM tens
    GROUP BY id
),

judged AS (
    SELECT
        *,
        (epoch_us(last_seen) - epoch_us(first_seen)) / 60e6 AS minutes,
        (occurrences - 1) / nullif(minutes, 0) AS rate,
        greatest(rate, most / 10.0) AS busiest,
        quarters[2] AS usual,
        -- repeats that were told together are spread evenly because nothing else is known: that is no rhythm
        pauses > 3 AND 2 * (pauses + 1) >= occurrences
            AND quarters[3] - quarters[1] <= usual // 4
            AND minutes * 60e6 <= 2 * pauses * usual AS is_regular
    FROM patterns
    JOIN concerned USING (id)
    LEFT JOIN paused USING (id)
    LEFT JOIN busy USING (id)
)

SELECT
    * EXCLUDE (id, observations),
    stored.severity_of_rank(rank) AS severity,
    stored.weight_of(occurrences, last_seen, (SELECT stored.span_end(newest) FROM texts)) AS weight,
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
