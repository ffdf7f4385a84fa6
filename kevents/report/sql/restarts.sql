-- summary = "Crash loops and OOM kills by container, and why"
-- about = [
--     "One row per container that restarted, is in back-off, failed to start, or was killed by a probe or the OOM killer.",
--     "RESTARTS is a lower bound: kubelets rate-limit events to one per five minutes after 25 events for a pod. STATE 'over':",
--     "no events for ten minutes (when kubelets reset the back-off). 'gone'/'evicted': the pod was deleted/evicted. CAUSE",
--     "comes from neighboring events. 'exits': the process exited by itself and no other cause was reported. Kubernetes emits",
--     "no event for container OOM kills; they appear only if node-problem-detector is installed.",
-- ]
-- examples = ["kevents restarts --since 1d", "kevents restarts -n shop --as-of last", "kevents restarts --by workload"]
-- by = ["object", "workload", "node", "namespace", "cause"]
-- order = ["is_over", "rank DESC", "weight DESC", "last_seen DESC", "by", "container", "namespace", "cluster"]
-- empty = "No restarts found."
-- cap = 50
-- [columns]
-- cluster = { show = "varies" }
-- severity = "severity"
-- state = "text"
-- restarts = "number"
-- back_offs = { kind = "number", label = "BACK-OFFS" }
-- oom_kills = { kind = "number", show = "varies" }
-- cause = "text"
-- first_seen = { kind = "time", show = "roomy", label = "FIRST" }
-- last_seen = { kind = "time", label = "LAST" }
-- namespace = { show = "varies" }
-- by = "text"
-- container = "text"
-- objects = { kind = "number", show = "varies", label = "PODS" }
-- message = "text"
-- probe_kills = { kind = "number", show = "wide" }
-- node = { show = "wide" }
WITH relevant_events AS MATERIALIZED (
    SELECT
        cluster, namespace, kind, name, object_uid AS pod_uid, node, reason, severity, category,
        occurrences, earliest, latest,
        CASE WHEN occurrences > 1 THEN earliest + to_microseconds(step_us) END AS second_at,
        stored.first_occurrence(first_seen, last_seen, "count") AS since,
        stored.strip_combined(message) AS words,
        -- kubelets name the container in fieldPath, older ones only in the message
        coalesce(container, nullif(regexp_extract(
            words, '(?:restarting failed container[ =]|StartContainer" for "|^(?:Created|Started|Stopping) container:? )([^\s"]+)', 1
        ), '')) AS container
    FROM stored.differences(reason IN (
        'Started', 'Created', 'BackOff', 'Killing', 'Failed', 'FailedSync', 'FailedPostStartHook', 'Unhealthy', 'SandboxChanged',
        'Evicted', 'SuccessfulDelete', 'OOMKilling', 'PodOOMKilling', 'SystemOOM'
    ))
    WHERE occurrences > 0 AND latest IS NOT NULL
        AND (reason <> 'Unhealthy' OR regexp_matches(words, '^(Liveness|Startup) probe'))
        AND (reason <> 'FailedSync' OR contains(words, 'CrashLoopBackOff'))
),

-- what each event indicates, and the cause that it names
signs AS (
    SELECT
        *,
        CASE
            WHEN reason = 'Started' THEN 'start'
            WHEN reason = 'Created' THEN 'creation'
            WHEN reason = 'FailedSync' OR (reason = 'BackOff' AND starts_with(words, 'Back-off restarting')) THEN 'back-off'
            WHEN reason = 'Killing' AND regexp_matches(words, 'will be (restarted|killed and re-?created)') THEN 'kill'
            WHEN reason = 'FailedPostStartHook' OR (reason = 'Failed' AND category <> 'image') THEN 'failure'
        END AS sign,
        CASE
            WHEN reason IN ('Failed', 'Killing') AND regexp_matches(words, '(?i)\boom[ -]?kill|out of memory') THEN 'out of memory'
            WHEN sign = 'kill' THEN coalesce(nullif(regexp_extract(words, '(?:liveness|startup) probe'), ''), 'killed')
            WHEN reason = 'FailedPostStartHook' THEN 'start hook'
            WHEN reason = 'Failed' AND category = 'config' THEN 'configuration'
            WHEN reason = 'Failed' AND category = 'image' THEN 'image'
            WHEN reason = 'Failed' THEN 'cannot start'
        END AS cause
    FROM relevant_events
    WHERE kind = 'Pod' AND container IS NOT NULL
),

-- by uid, because a recreated pod can have the same name, as in a StatefulSet
incarnations AS (
    SELECT
        cluster, namespace, name, container, pod_uid,
        arg_max(node, (latest, node)) AS node,
        greatest(sum(occurrences) FILTER (sign = 'start'), sum(occurrences) FILTER (sign = 'creation'))::BIGINT AS starts,
        min(earliest, 2) FILTER (sign = 'start') AS started,
        min(earliest) FILTER (sign IN ('start', 'creation')) AS first_start,
        -- the first start in the window is a restart if an earlier event shows the container
        coalesce(min(since) FILTER (sign IS NOT NULL) < first_start - INTERVAL 1 SECOND, false) AS ran_before,
        starts - CASE WHEN ran_before THEN 0 ELSE 1 END AS restarts,
        CASE WHEN ran_before THEN started[1] ELSE least(started[2], min(second_at) FILTER (sign = 'start')) END AS restarted,
        sum(occurrences) FILTER (sign = 'back-off')::BIGINT AS back_offs,
        sum(occurrences) FILTER (sign = 'kill' AND ends_with(cause, 'probe'))::BIGINT AS probe_kills,
        least(
            min(earliest) FILTER (sign IN ('back-off', 'kill', 'failure')),
            CASE WHEN restarts > 0 THEN coalesce(restarted, max(latest) FILTER (sign = 'creation')) END
        ) AS first_seen,
        max(latest) FILTER (sign IS NOT NULL) AS last_seen,
        arg_max(sign, (latest, sign)) FILTER (sign NOT IN ('start', 'creation')) AS last_sign,
        max(latest) FILTER (reason = 'Killing' AND sign IS NULL) AS stopped,
        arg_max((cause, words), (cause = 'out of memory', latest, words)) FILTER (cause IS NOT NULL) AS named_cause,
        arg_max(words, (latest, words)) FILTER (reason = 'Unhealthy') AS probe_message,
        min(earliest) FILTER (sign = 'back-off') AS first_back_off,
        CASE WHEN NOT ran_before AND first_back_off >= started[1] THEN first_back_off - started[1] END AS run_time,
        max(severity_rank(severity)) FILTER (sign IS NOT NULL OR reason = 'Unhealthy') AS rank
    FROM signs
    GROUP BY ALL
    HAVING restarts > 0 OR first_seen IS NOT NULL
),

-- OOM kills and restarts of nodes, without the namespace filter: events of nodes are in another namespace
node_events AS MATERIALIZED (
    SELECT
        *,
        CASE WHEN "count" > 1 THEN greatest(epoch_us(last_seen) - epoch_us(since), 0) // ("count" - 1) ELSE 0 END AS step_us,
        happened(last_seen, "count", step_us, window_start(), window_end()) AS occurrences,
        greatest(since, window_start()) AS earliest,
        least(last_seen, window_end()) AS latest
    FROM (
        SELECT
            cluster, kind, name, reason, stored.strip_combined(message) AS words, clock_ns,
            stored.severity_of(
                stored.rating_index(reason, kind, component_of(source_component, reporting_controller), message), "type", reason
            ) AS severity,
            min(stored.first_occurrence(first_seen, last_seen, "count")) AS since,
            max(last_seen) AS last_seen,
            max("count") AS "count"
        FROM stored.rows
        WHERE kind = 'Node' AND in_window_days("day")
            AND reason IN ('OOMKilling', 'PodOOMKilling', 'SystemOOM', 'Rebooted', 'Starting')
            AND (reason <> 'Starting' OR component_of(source_component, reporting_controller) = 'kubelet')
        GROUP BY ALL
    )
    WHERE occurrences > 0
),

oom_events AS (
    SELECT
        *,
        row_number() OVER () AS number,
        regexp_extract(words, '(?:victim process: |[Kk]ill(?:ed)? process [0-9]+ \(|task=)([^,)]+)', 1) AS process,
        replace(regexp_extract(words, 'pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12})', 1), '_', '-') AS pod_uid
    FROM node_events WHERE reason IN ('OOMKilling', 'PodOOMKilling', 'SystemOOM')
),

-- the containers whose process was killed, matched by the pod's uid or the process name
container_kills AS (
    SELECT incarnation.cluster, namespace, incarnation.name, container, number, kill.* EXCLUDE (cluster, name, number)
    FROM incarnations AS incarnation
    JOIN oom_events AS kill ON incarnation.cluster = kill.cluster AND incarnation.node = kill.name
        AND kill.earliest <= incarnation.last_seen + INTERVAL 1 MINUTE
        AND kill.latest >= incarnation.first_seen - INTERVAL 1 MINUTE
        AND (kill.pod_uid = incarnation.pod_uid OR (
            kill.pod_uid = '' AND len(process) > 2
            AND (contains(process, incarnation.container) OR contains(incarnation.container || ' ' || incarnation.name, process))
        ))
),

-- what else happened to the pod or its node within five minutes before a restart
other_causes AS (
    SELECT cluster, namespace, name, container, max((priority, cause, message)) AS other_cause
    FROM (
        SELECT
            incarnation.cluster, incarnation.namespace, incarnation.name, incarnation.container, incident.words AS message,
            CASE incident.reason
                WHEN 'SandboxChanged' THEN (1, 'sandbox changed') WHEN 'Starting' THEN (2, 'kubelet restarted')
                WHEN 'Rebooted' THEN (4, 'node rebooted') ELSE (3, 'node out of memory')
            END AS ranked_cause,
            ranked_cause[1] AS priority,
            ranked_cause[2] AS cause
        FROM (SELECT *, unnest([('Pod', name), ('Node', node)]) AS place FROM incarnations) AS incarnation
        JOIN (
            SELECT *, unnest(list_distinct([earliest, latest])) AS moment
            FROM (FROM node_events UNION ALL BY NAME FROM relevant_events WHERE reason = 'SandboxChanged')
        ) AS incident ON incarnation.cluster = incident.cluster AND place = (incident.kind, incident.name)
            AND (incident.kind = 'Node' OR incident.namespace IS NOT DISTINCT FROM incarnation.namespace)
            AND moment > first_start
        SEMI JOIN signs ON (incarnation.cluster, incarnation.namespace, incarnation.name, incarnation.container)
            IS NOT DISTINCT FROM (signs.cluster, signs.namespace, signs.name, signs.container)
            AND sign = 'start' AND (
                signs.earliest BETWEEN moment - INTERVAL 5 SECOND AND moment + INTERVAL 5 MINUTE
                OR signs.latest BETWEEN moment - INTERVAL 5 SECOND AND moment + INTERVAL 5 MINUTE
            )
    )
    GROUP BY ALL
),

ends AS (
    SELECT
        cluster, namespace, CASE WHEN reason = 'Evicted' THEN name ELSE stored.child_in_message(words).name END AS name,
        arg_max(CASE WHEN reason = 'Evicted' THEN 'evicted' ELSE 'gone' END, (latest, reason)) AS ending,
        max(latest) AS ended
    FROM relevant_events WHERE reason IN ('Evicted', 'SuccessfulDelete') GROUP BY ALL
),

containers AS (
    SELECT
        cluster, namespace, name, container,
        arg_max(node, (last_seen, pod_uid)) AS node,
        sum(restarts)::BIGINT AS restarts,
        coalesce(sum(back_offs), 0)::BIGINT AS back_offs,
        coalesce(sum(probe_kills), 0)::BIGINT AS probe_kills,
        min(first_seen) AS first_seen,
        max(last_seen) AS last_seen,
        arg_max(last_sign, (last_seen, pod_uid)) AS last_sign,
        max(stopped) AS stopped,
        arg_max(named_cause, (last_seen, pod_uid)) AS named_cause,
        arg_max(probe_message, (last_seen, pod_uid)) AS probe_message,
        arg_max(run_time, (last_seen, pod_uid)) AS run_time,
        max(rank) AS rank
    FROM incarnations GROUP BY ALL
),

kills AS (
    SELECT
        cluster, namespace, name, container, sum(occurrences)::BIGINT AS oom_kills, arg_max(words, (latest, words)) AS message,
        min(earliest) AS earliest, max(latest) AS latest, max(severity_rank(severity)) AS rank
    FROM container_kills GROUP BY ALL
),

-- until when each cluster's events are known
known AS (
    SELECT cluster, coalesce(window_end(), least(as_of(), max(last_seen))) AS until
    FROM stored.rows WHERE in_window_days("day") GROUP BY cluster
),

rated AS (
    SELECT
        cluster, namespace, object_of('Pod', name) AS object, name AS pod, container, node, restarts, back_offs, probe_kills,
        coalesce(oom_kills, 0) AS oom_kills,
        CASE
            WHEN oom_kills > 0 THEN {cause: 'out of memory', message: kills.message}
            WHEN ends_with(named_cause[1], 'probe') THEN {cause: named_cause[1], message: coalesce(probe_message, named_cause[2])}
            WHEN named_cause IS NOT NULL THEN {cause: named_cause[1], message: named_cause[2]}
            WHEN other_cause IS NOT NULL AND back_offs = 0 THEN {cause: other_cause[2], message: other_cause[3]}
            WHEN back_offs > 0 THEN {cause: 'exits', message: 'exited on its own ' || epoch(run_time)::BIGINT || 's after start'}
            ELSE {cause: 'unknown', message: NULL}
        END AS explanation,
        least(first_seen, kills.earliest) AS first_seen,
        greatest(last_seen, kills.latest) AS last_seen,
        CASE
            WHEN ended >= last_seen THEN ending
            WHEN stopped >= last_seen THEN 'gone'
            WHEN until - last_seen > INTERVAL 10 MINUTE THEN 'over'
            WHEN last_sign = 'back-off' THEN 'crash loop'
            WHEN last_sign = 'failure' THEN 'cannot start' ELSE 'restarting'
        END AS state,
        -- a restart is a problem even if none of its events is a warning
        greatest(containers.rank, coalesce(kills.rank, 0), 2) AS rank
    FROM containers
    LEFT JOIN other_causes USING (cluster, namespace, name, container)
    LEFT JOIN kills USING (cluster, namespace, name, container)
    LEFT JOIN ends USING (cluster, namespace, name)
    LEFT JOIN known USING (cluster)

    UNION ALL BY NAME

    -- killed processes that match no container
    SELECT
        cluster, 'default' AS namespace, object_of(kind, name) AS object, name AS node, occurrences AS oom_kills,
        {cause: 'out of memory', message: words} AS explanation,
        earliest AS first_seen, latest AS last_seen, severity_rank(severity) AS rank,
        CASE WHEN until - latest > INTERVAL 10 MINUTE THEN 'over' ELSE 'ongoing' END AS state
    FROM oom_events
    ANTI JOIN container_kills USING (number)
    SEMI JOIN relevant_events USING (cluster, kind, name, reason)
    JOIN known USING (cluster)
)

SELECT
    cluster,
    CASE WHEN $by IN ('object', 'workload') THEN namespace END AS namespace,
    CASE $by
        WHEN 'object' THEN object WHEN 'workload' THEN workload WHEN 'node' THEN node WHEN 'namespace' THEN namespace
        ELSE explanation.cause
    END AS "by",
    stored.up_to_three(list(container)) AS container,
    count(DISTINCT (rated.namespace, object)) AS objects,
    sum(restarts)::BIGINT AS restarts,
    sum(back_offs)::BIGINT AS back_offs,
    sum(oom_kills)::BIGINT AS oom_kills,
    sum(probe_kills)::BIGINT AS probe_kills,
    stored.up_to_three(list(explanation.cause)) AS cause,
    arg_max(explanation.message, (weight, explanation.message)) AS message,
    stored.up_to_three(list(node)) AS node,
    min(first_seen) AS first_seen,
    max(last_seen) AS last_seen,
    count(*) FILTER (NOT is_over) AS ongoing, ongoing = 0 AS is_over,
    CASE
        WHEN count(DISTINCT state) = 1 THEN any_value(state)
        WHEN ongoing = 0 THEN 'over' ELSE ongoing || ' of ' || count(*) || ' ongoing'
    END AS state,
    max(rank) AS rank,
    stored.severity_of_rank(max(rank)) AS severity,
    sum(weight)::BIGINT AS weight
FROM (
    SELECT
        *,
        state IN ('over', 'gone', 'evicted') AS is_over,
        coalesce(restarts, 0) + coalesce(back_offs, 0) + oom_kills AS weight,
        coalesce(stored.workload_of(pod), object) AS workload,
        CASE WHEN $by IN ('object', 'workload') THEN container END AS separate_container
    FROM rated
) AS rated
GROUP BY 1, 2, 3, separate_container
