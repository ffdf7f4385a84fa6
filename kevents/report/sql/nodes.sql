-- summary = "Node outages: not ready, pressure, reboots"
-- about = [
--     "Each row is one period during which a node had a condition. If only a count is known, the latest period is shown with",
--     "the count in TIMES. STATE: 'open' is ongoing; 'unknown' recurred with no recovery seen; 'removed' ended when the node",
--     "was deleted. Conditions starting within two minutes of each other (on any node), or on a node that already has one,",
--     "belong to one incident. --by incident shows one row per incident, e.g. a zone outage.",
-- ]
-- examples = ["kevents nodes --since 1d", "kevents nodes --by incident", "kevents nodes --node node-3 --time both"]
-- by = ["node", "incident"]
-- time = "clock"
-- order = ["started", "by", "condition", "cluster"]
-- empty = "No node problems found."
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
WITH node_events AS (
    SELECT
        cluster, name AS node, reason, message, severity, occurrences, earliest, latest,
        component = 'kubelet' AS is_kubelet,
        row_number() OVER (PARTITION BY cluster, name, reason, component ORDER BY latest, message) = 1 AND occurrences = 1 AS is_first_known
    FROM stored.differences(kind = 'Node' AND reason IN (
        'NodeNotReady', 'NodeReady', 'NodeHasInsufficientMemory', 'NodeUnderMemoryPressure', 'NodeHasSufficientMemory',
        'NodeHasDiskPressure', 'NodeUnderDiskPressure', 'NodeOutOfDisk', 'NodeHasNoDiskPressure', 'NodeHasSufficientDisk',
        'NodeHasInsufficientPID', 'NodeUnderPIDPressure', 'NodeHasSufficientPID', 'Rebooted', 'NodeNotSchedulable',
        'NodeSchedulable', 'RemovingNode', 'DeletingNode', 'RegisteredNode', 'SystemOOM', 'Starting'
    ))
    WHERE occurrences > 0
),

-- the condition that an event starts, and those that it ends
classified AS (
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
            -- the first start of a node's kubelet is not a restart
            WHEN reason = 'Starting' AND is_kubelet AND NOT is_first_known THEN 'kubelet restarted'
        END AS starts,
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
    FROM node_events
),

changes AS (
    SELECT cluster, node, starts AS condition, latest AS moment, true AS is_start, reason, message, severity, occurrences
    FROM classified
    WHERE starts IS NOT NULL

    UNION ALL

    -- of several occurrences in one observation, the first and the last
    SELECT cluster, node, condition, unnest(list_distinct([earliest, latest])), false, reason, NULL, NULL, NULL
    FROM (SELECT *, unnest(ends) AS condition FROM classified)
),

periods AS (
    SELECT
        cluster, node, condition, moment AS started, reason, message, severity, occurrences AS times,
        lead(is_start) OVER by_time AS is_next_start,
        lead(reason) OVER by_time AS next_reason,
        lead(moment) OVER by_time AS next_at,
        -- one removal is reported by both the cloud controller and the node controller
        is_start AND NOT (condition = 'removed' AND coalesce(lag(is_start) OVER by_time, false)) AS is_start
    FROM changes
    WINDOW by_time AS (PARTITION BY cluster, node, condition ORDER BY moment, is_start DESC, reason, message)
),

-- overlapping conditions of a node are one outage, such as a reboot while it is not ready
outages AS (
    SELECT *, min(started) OVER (PARTITION BY cluster, node, outage) AS outage_started
    FROM (
        SELECT *, sum((started > coalesce(last_ended, '-infinity'))::INTEGER) OVER by_time AS outage
        FROM (
            SELECT
                *,
                CASE WHEN is_next_start = false THEN next_at END AS ended,
                max(coalesce(ended, started)) OVER (by_time ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS last_ended
            FROM periods
            WHERE is_start
            WINDOW by_time AS (PARTITION BY cluster, node ORDER BY started, condition, reason, message)
        )
        WINDOW by_time AS (PARTITION BY cluster, node ORDER BY started, condition, reason, message)
    )
),

-- outages that start within two minutes of the one before, on any node, are one incident
numbered AS (
    SELECT *, sum(is_new::INTEGER) OVER (PARTITION BY cluster ORDER BY outage_started ROWS UNBOUNDED PRECEDING) AS number
    FROM (
        SELECT
            *,
            coalesce(
                outage_started - lag(outage_started) OVER (PARTITION BY cluster ORDER BY outage_started)
                    > INTERVAL 2 MINUTE,
                true
            ) AS is_new
        FROM outages
    )
),

sized AS (
    SELECT
        cluster, number,
        count(DISTINCT node) AS nodes,
        (epoch_us(max(outage_started)) - epoch_us(min(outage_started))) // 1000000 AS seconds
    FROM numbered
    GROUP BY ALL
),

labeled AS (
    SELECT
        *,
        CASE WHEN $by = 'node' THEN row_number() OVER () ELSE number END AS line,
        CASE
            WHEN next_reason = 'RemovingNode' AND NOT is_next_start THEN 'removed'
            WHEN ended IS NOT NULL THEN 'recovered'
            WHEN condition IN ('rebooted', 'out of memory', 'kubelet restarted', 'removed') THEN NULL
            WHEN is_next_start THEN 'unknown' -- it started again, so it must have recovered in between
            ELSE 'open'
        END AS state,
        nodes || ' nodes within ' || CASE WHEN seconds < 120 THEN seconds || 's' ELSE seconds // 60 || 'm' END AS extent
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
        -- the least certain state
        ELSE ['open', 'unknown', 'recovered', 'removed'][min(list_position(['open', 'unknown', 'recovered', 'removed'], state))]
    END AS state,
    CASE WHEN any_value(nodes) = 1 THEN any_value(number)::VARCHAR ELSE any_value(number) || ': ' || any_value(extent) END AS incident,
    CASE
        WHEN count(DISTINCT node) = 1 THEN any_value(node)
        ELSE any_value(extent) || ': ' || stored.up_to_three(list(node))
    END AS "by",
    arg_max(severity, severity_rank(severity)) AS severity,
    arg_min(reason, (started, condition, reason, message)) AS reason,
    arg_min(message, (started, condition, reason, message)) AS message
FROM labeled
GROUP BY cluster, line
