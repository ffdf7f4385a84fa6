-- summary = "Recurring messages, one row per pattern"
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
WITH counted AS (
    SELECT
        hash(cluster, namespace, kind, reason, stored.text_hash(message)) AS text_id,
        cluster, namespace, kind, name, object_hash, reason, message, "day", occurrences, earliest, latest,
        CASE WHEN node IS NOT NULL THEN stored.text_hash(node) END AS node,
        severity_rank(severity) AS rank
    FROM stored.differences(true)
    WHERE occurrences > 0
),

-- the few bytes per row that are joined again once the patterns are known
narrow AS MATERIALIZED (
    SELECT
        text_id, object_hash, node, occurrences, epoch_us(earliest) AS earliest, epoch_us(latest) AS latest
    FROM counted
),

-- one row per distinct message, so that its pattern is computed only once
texts AS MATERIALIZED (
    SELECT
        text_id, cluster, namespace, kind, reason, message,
        shape_of(message, name) AS pattern,
        hash(cluster, namespace, kind, reason, stored.text_hash(pattern)) AS id,
        * EXCLUDE (text_id, cluster, namespace, kind, name, reason, message)
    FROM (
        SELECT
            text_id,
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
        FROM counted
        GROUP BY text_id
    )
),

patterns AS (
    SELECT
        id,
        any_value(cluster) AS cluster,
        any_value(namespace) AS namespace,
        any_value(kind) AS kind,
        any_value(reason) AS reason,
        any_value(pattern) AS pattern,
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

members AS MATERIALIZED (
    SELECT id, narrow.* EXCLUDE (text_id)
    FROM narrow JOIN texts USING (text_id)
),

affected AS (
    SELECT id, count(DISTINCT object_hash) AS objects, nullif(count(DISTINCT node), 0) AS nodes
    FROM members
    GROUP BY id
),

-- The interval before each observation. An observation of several occurrences gives only the times of the first and the
-- last, so patterns in which most occurrences come from such observations have no measurable period.
intervals AS (
    SELECT id, earliest - lag(latest) OVER (PARTITION BY id ORDER BY earliest, latest) AS interval_us
    FROM members
    WHERE id IN (SELECT id FROM patterns WHERE observations > 4 AND 2 * observations >= occurrences)
),

-- occurrences on several objects within a second are not counted as an interval
periods AS (
    SELECT
        id,
        count(*) AS intervals,
        quantile_disc(interval_us, [0.25, 0.5, 0.75]) AS quartiles
    FROM intervals
    WHERE interval_us >= 1000000
    GROUP BY id
),

-- Blocks of ten minutes. Of an observation that spans more than ten minutes, only the occurrences in its last ten minutes
-- count.
blocks AS (
    SELECT
        id,
        latest // 600000000 AS block,
        sum(CASE
            WHEN latest - earliest <= 600000000 THEN occurrences
            ELSE occurrences * 600000000 // (latest - earliest)
        END) AS in_block,
        sum(occurrences) AS occurrences
    FROM members
    GROUP BY id, block
),

busy AS (
    SELECT id, count(*) AS blocks, max(in_block) AS most, sum(occurrences - in_block) AS elsewhere
    FROM blocks
    GROUP BY id
),

rated AS (
    SELECT
        *,
        (epoch_us(last_seen) - epoch_us(first_seen)) / 60e6 AS minutes,
        (occurrences - 1) / nullif(minutes, 0) AS rate,
        greatest(rate, most / 10.0) AS busiest,
        quartiles[2] AS period_us,
        -- occurrences that are only assumed to be evenly spaced do not prove a period
        intervals > 3 AND 2 * (intervals + 1) >= occurrences
            AND quartiles[3] - quartiles[1] <= period_us // 4
            AND minutes * 60e6 <= 2 * intervals * period_us AS is_periodic
    FROM patterns
    JOIN affected USING (id)
    LEFT JOIN periods USING (id)
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
        WHEN is_periodic AND period_us < 90e6 THEN 'every ~' || round(period_us / 1e6)::BIGINT || 's'
        WHEN is_periodic AND period_us < 5400e6 THEN 'every ~' || round(period_us / 60e6)::BIGINT || 'm'
        WHEN is_periodic THEN 'every ~' || round(period_us / 3600e6)::BIGINT || 'h'
        WHEN minutes > 50 AND 5 * elsewhere < occurrences AND 5 * most >= 4 * occurrences THEN 'burst'
        WHEN minutes > 50 AND 5 * elsewhere < occurrences AND 50 * blocks <= minutes THEN 'bursts'
        ELSE 'steady'
    END AS rhythm,
    CASE WHEN messages = 1 THEN sample ELSE pattern END AS message
FROM rated
