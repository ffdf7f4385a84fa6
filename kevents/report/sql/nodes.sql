-- summary = "Nodes not ready, under pressure or rebooted, by incident"
-- about = [
--     "A row is one time that a node was in a condition. Of repeats that only a count tells, the newest is shown with",
--     "how many times it was. 'open' has not ended yet, 'unknown' came again without an end in between, 'removed' ended",
--     "with the node. What begins within two minutes of what began before, on whichever node, or while its node is in",
--     "another condition, is one incident; with --by incident it is a row, such as the outage of a zone.",
-- ]
-- examples = ["kevents nodes --since 1d", "kevents nodes --by incident", "kevents nodes --node node-3 --time both"]
-- by = ["node", "incident"]
-- time = "clock"
-- order = ["started", "by", "condition", "cluster"]
-- keeps_newest = true
-- cap = 200
-- [columns]
-- cluster = { show = "varies" }
-- started = "time"
-- by = "text"
-- condition = "text"
-- state = "text"
-- lasted = "duration"
-- times = "number"
-- incident = "text"
-- ended = { kind = "time", show = "wide" }
-- severity = { kind = "severity", show = "wide" }
-- reason = { show = "wide" }
-- message = { show = "wide" }

WITH told AS (
    SELECT
        cluster, name AS node, reason, message, severity, occurrences, earliest, latest,
        component = 'kubelet' AS is_kubelet,
        row_number() OVER (PARTITION BY cluster, name, reason, component ORDER BY latest, message) = 1 AND occurrences = 1 AS is_first
    FROM stored.differences(kind = 'Node' AND reason IN (
        'NodeNotReady', 'NodeReady', 'NodeHasInsufficientMemory', 'NodeUnderMemoryPressure', 'NodeHasSufficientMemory',
        'NodeHasDiskPressure', 'NodeUnderDiskPressure', 'NodeOutOfDisk', 'NodeHasNoDiskPressure', 'NodeHasSufficientDisk',
        'NodeHasInsufficientPID', 'NodeUnderPIDPressure', 'NodeHasSufficientPID', 'Rebooted', 'NodeNotSchedulable',
        'NodeSchedulable', 'RemovingNode', 'DeletingNode', 'RegisteredNode', 'SystemOOM', 'Starting'
    ))
    WHERE occurrences > 0
),

-- what a reason begins, and which conditions it ends
meant AS (
    SELECT
        *,
        CASE
            WHEN reason = 'NodeNotReady' THEN 'not ready'
            WHEN reason IN ('NodeHasInsufficientMemory', 'NodeUnderMemoryPressure') THEN 'memory pressure'
            WHEN reason IN ('NodeHasDiskPressure', 'NodeUnderDiskPressure', 'NodeOutOfDisk') THEN 'disk pressure'
            WHEN reason IN ('NodeHasInsufficientPID', 'NodeUnderPIDPressure') THEN 'PID pressure'
            WHEN reason = 'NodeNotSchedulable' THEN 'cordoned'
            WHEN reason = 'Rebooted' THEN 'rebooted'
            WHEN reason IN ('RemovingNode', 'DeletingNode') THEN 'removed'
            WHEN reason = 'SystemOOM' THEN 'out of memory'
            -- that a node's first kubelet starts is no trouble
            WHEN reason = 'Starting' AND is_kubelet AND NOT is_first THEN 'kubelet restarted'
        END AS begins,
        CASE reason
            WHEN 'NodeReady' THEN ['not ready', 'rebooted']
            WHEN 'NodeHasSufficientMemory' THEN ['memory pressure']
            WHEN 'NodeHasNoDiskPressure' THEN ['disk pressure']
            WHEN 'NodeHasSufficientDisk' THEN ['disk pressure']
            WHEN 'NodeHasSufficientPID' THEN ['PID pressure']
            WHEN 'NodeSchedulable' THEN ['cordoned']
            WHEN 'RegisteredNode' THEN ['removed']
            WHEN 'RemovingNode' THEN ['not ready', 'memory pressure', 'disk pressure', 'PID pressure', 'cordoned', 'rebooted']
            ELSE []
        END AS ends
    FROM told
),

turns AS (
    SELECT cluster, node, begins AS condition, latest AS moment, true AS is_begin, reason, message, severity, occurrences
    FROM meant
    WHERE begins IS NOT NULL

    UNION ALL

    -- of repeats told together, the first and the last
    SELECT cluster, node, condition, unnest(list_distinct([earliest, latest])), false, reason, NULL, NULL, NULL
    FROM (SELECT *, unnest(ends) AS condition FROM meant)
),

episodes AS (
    SELECT
        cluster, node, condition, moment AS started, reason, message, severity, occurrences AS times,
        lead(is_begin) OVER after AS is_next_begin,
        lead(reason) OVER after AS next_reason,
        lead(moment) OVER after AS next_at,
        -- the cloud's controller deletes what the node controller then removes
        is_begin AND NOT (condition = 'removed' AND coalesce(lag(is_begin) OVER after, false)) AS is_begin
    FROM turns
    WINDOW after AS (PARTITION BY cluster, node, condition ORDER BY moment, is_begin DESC, reason, message)
),

-- a node that reboots while it is not ready has one trouble
troubles AS (
    SELECT *, min(started) OVER (PARTITION BY cluster, node, trouble) AS trouble_started
    FROM (
        SELECT *, sum((started > coalesce(last_ended, '-infinity'))::INTEGER) OVER earlier AS trouble
        FROM (
            SELECT
                *,
                CASE WHEN is_next_begin = false THEN next_at END AS ended,
                max(coalesce(ended, started)) OVER (earlier ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS last_ended
            FROM episodes
            WHERE is_begin
            WINDOW earlier AS (PARTITION BY cluster, node ORDER BY started, condition, reason, message)
        )
        WINDOW earlier AS (PARTITION BY cluster, node ORDER BY started, condition, reason, message)
    )
),

-- what begins within two minutes of what began before, on whichever node, is one incident
numbered AS (
    SELECT *, sum(is_new::INTEGER) OVER (PARTITION BY cluster ORDER BY trouble_started ROWS UNBOUNDED PRECEDING) AS number
    FROM (
        SELECT
            *,
            coalesce(
                trouble_started - lag(trouble_started) OVER (PARTITION BY cluster ORDER BY trouble_started)
                    > INTERVAL 2 MINUTE,
                true
            ) AS is_new
        FROM troubles
    )
),

sized AS (
    SELECT
        cluster, number,
        count(DISTINCT node) AS nodes,
        (epoch_us(max(trouble_started)) - epoch_us(min(trouble_started))) // 1000000 AS seconds
    FROM numbered
    GROUP BY ALL
),

judged AS (
    SELECT
        *,
        CASE WHEN $by = 'node' THEN row_number() OVER () ELSE number END AS line,
        CASE
            WHEN next_reason = 'RemovingNode' AND NOT is_next_begin THEN 'removed'
            WHEN ended IS NOT NULL THEN 'recovered'
            WHEN condition IN ('rebooted', 'out of memory', 'kubelet restarted', 'removed') THEN NULL
            WHEN is_next_begin THEN 'unknown' -- it came again, so it must have recovered meanwhile
            ELSE 'open'
        END AS state,
        nodes || ' nodes within ' || CASE WHEN seconds < 120 THEN seconds || 's' ELSE seconds // 60 || 'm' END AS outage
    FROM numbered
    JOIN sized USING (cluster, number)
)

SELECT
    cluster,
    min(started) AS started,
    count(*) FILTER (state = 'open') AS still_open,
    CASE WHEN still_open = 0 THEN max(ended) END AS ended,
    CASE WHEN still_open = 0 THEN (epoch_us(max(ended)) - epoch_us(min(started))) / 1e6 END AS lasted,
    sum(times)::BIGINT AS times,
    array_to_string(list_sort(list_distinct(list(condition))), ', ') AS condition,
    CASE
        WHEN still_open BETWEEN 1 AND count(*) - 1 THEN still_open || ' of ' || count(*) || ' open'
        -- the least certain of them
        ELSE ['open', 'unknown', 'recovered', 'removed'][min(list_position(['open', 'unknown', 'recovered', 'removed'], state))]
    END AS state,
    CASE WHEN any_value(nodes) = 1 THEN any_value(number)::VARCHAR ELSE any_value(number) || ': ' || any_value(outage) END AS incident,
    CASE
        WHEN count(DISTINCT node) = 1 THEN any_value(node)
        ELSE any_value(outage) || ': ' || stored.up_to_three(list(node))
    END AS "by",
    arg_max(severity, severity_rank(severity)) AS severity,
    arg_min(reason, (started, condition, reason, message)) AS reason,
    arg_min(message, (started, condition, reason, message)) AS message
FROM judged
GROUP BY cluster, line
