-- summary = "Crash loops and OOM kills by container, and why"
-- about = [
--     "A row is a container that was started again, waits in a back-off, could not start, or was killed by a probe or for",
--     "want of memory. RESTARTS are the starts after the first that kubelets told of: at least so many, for after 25 events of",
--     "a pod they tell one in five minutes. A container is 'over' after ten minutes without a sign of it, when kubelets forget",
--     "a back-off as well; of one that is 'gone' or 'evicted' the pod is. CAUSE is what was said next to it: 'exits' ended by",
--     "itself and nothing was. Kubernetes has no event for the OOM kill of a container: node-problem-detector tells of it.",
-- ]
-- examples = ["kevents restarts --since 1d", "kevents restarts -n shop --as-of last", "kevents restarts --by workload"]
-- by = ["object", "workload", "node", "namespace", "cause"]
-- order = ["is_over", "badness DESC", "weight DESC", "last_seen DESC", "by", "container", "namespace", "cluster"]
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

WITH told AS MATERIALIZED (
    SELECT
        cluster, namespace, kind, name, object_uid AS life, node, reason, severity, category,
        occurrences, earliest, latest,
        CASE WHEN occurrences > 1 THEN earliest + to_microseconds(step_us) END AS second,
        stored.first_occurrence(first_seen, last_seen, "count") AS since,
        stored.strip_combined(message) AS words,
        -- kubelets name the container in fieldPath, old ones only in words
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

-- what each is a sign of, and which cause it names
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
    FROM told
    WHERE kind = 'Pod' AND container IS NOT NULL
),

-- a pod that comes again under its name, as those of a StatefulSet do, is another life
lives AS (
    SELECT
        cluster, namespace, name, container, life,
        arg_max(node, (latest, node)) AS node,
        greatest(sum(occurrences) FILTER (sign = 'start'), sum(occurrences) FILTER (sign = 'creation'))::BIGINT AS starts,
        min(earliest, 2) FILTER (sign = 'start') AS started,
        min(earliest) FILTER (sign IN ('start', 'creation')) AS begun,
        -- a start is the first one unless something was said of the running container before
        coalesce(min(since) FILTER (sign IS NOT NULL) < begun - INTERVAL 1 SECOND, false) AS is_known,
        starts - CASE WHEN is_known THEN 0 ELSE 1 END AS restarts,
        CASE WHEN is_known THEN started[1] ELSE least(started[2], min(second) FILTER (sign = 'start')) END AS restarted,
        sum(occurrences) FILTER (sign = 'back-off')::BIGINT AS back_offs,
        sum(occurrences) FILTER (sign = 'kill' AND ends_with(cause, 'probe'))::BIGINT AS probe_kills,
        least(
            min(earliest) FILTER (sign IN ('back-off', 'kill', 'failure')),
            CASE WHEN restarts > 0 THEN coalesce(restarted, max(latest) FILTER (sign = 'creation')) END
        ) AS first_seen,
        max(latest) FILTER (sign IS NOT NULL) AS last_seen,
        arg_max(sign, (latest, sign)) FILTER (sign NOT IN ('start', 'creation')) AS last_sign,
        max(latest) FILTER (reason = 'Killing' AND sign IS NULL) AS stopped,
        arg_max((cause, words), (cause = 'out of memory', latest, words)) FILTER (cause IS NOT NULL) AS named,
        arg_max(words, (latest, words)) FILTER (reason = 'Unhealthy') AS probed,
        CASE WHEN NOT is_known THEN min(earliest) FILTER (sign = 'back-off') - started[1] END AS ran,
        max(severity_rank(severity)) FILTER (sign IS NOT NULL OR reason = 'Unhealthy') AS badness
    FROM signs
    GROUP BY ALL
    HAVING restarts > 0 OR first_seen IS NOT NULL
),

-- what befell nodes, whichever namespace is asked about: events of nodes live in another
of_nodes AS MATERIALIZED (
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

killed AS (
    SELECT
        *,
        row_number() OVER () AS number,
        regexp_extract(words, '(?:victim process: |[Kk]ill(?:ed)? process [0-9]+ \(|task=)([^,)]+)', 1) AS process,
        replace(regexp_extract(words, 'pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12})', 1), '_', '-') AS victim
    FROM of_nodes WHERE reason IN ('OOMKilling', 'PodOOMKilling', 'SystemOOM')
),

-- the process that was killed, by its pod or its name
starved AS (
    SELECT
        lives.cluster, lives.namespace, lives.name, lives.container, number, killed.* EXCLUDE (cluster, name, number)
    FROM lives JOIN killed ON lives.cluster = killed.cluster AND lives.node = killed.name
        AND killed.earliest <= lives.last_seen + INTERVAL 1 MINUTE AND killed.latest >= lives.first_seen - INTERVAL 1 MINUTE
        AND (
            victim = lives.life
            OR (victim = '' AND len(process) > 2 AND (contains(process, lives.container) OR contains(lives.container || ' ' || lives.name, process)))
        )
),

-- what else befell the pod or its node within five minutes before a restart
befallen AS (
    SELECT cluster, namespace, name, container, max((priority, cause, said)) AS blow
    FROM (
        SELECT
            one.cluster, one.namespace, one.name, one.container, told.words AS said,
            CASE told.reason
                WHEN 'SandboxChanged' THEN (1, 'sandbox changed') WHEN 'Starting' THEN (2, 'kubelet restarted')
                WHEN 'Rebooted' THEN (4, 'node rebooted') ELSE (3, 'node out of memory')
            END AS told_by,
            told_by[1] AS priority,
            told_by[2] AS cause
        FROM (SELECT *, unnest([('Pod', name), ('Node', node)]) AS place FROM lives) AS one
        JOIN (
            SELECT *, unnest(list_distinct([earliest, latest])) AS moment
            FROM (FROM of_nodes UNION ALL BY NAME FROM told WHERE reason = 'SandboxChanged')
        ) AS told ON one.cluster = told.cluster AND one.place = (told.kind, told.name)
            AND (told.kind = 'Node' OR told.namespace IS NOT DISTINCT FROM one.namespace)
            AND moment > begun
        SEMI JOIN signs ON (one.cluster, one.namespace, one.name, one.container)
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
    FROM told WHERE reason IN ('Evicted', 'SuccessfulDelete') GROUP BY ALL
),

containers AS (
    SELECT
        cluster, namespace, name, container,
        arg_max(node, (last_seen, life)) AS node,
        sum(restarts)::BIGINT AS restarts,
        coalesce(sum(back_offs), 0)::BIGINT AS back_offs,
        coalesce(sum(probe_kills), 0)::BIGINT AS probe_kills,
        min(first_seen) AS first_seen,
        max(last_seen) AS last_seen,
        arg_max(last_sign, (last_seen, life)) AS last_sign,
        max(stopped) AS stopped,
        arg_max(named, (last_seen, life)) AS named,
        arg_max(probed, (last_seen, life)) AS probed,
        arg_max(ran, (last_seen, life)) AS ran,
        max(badness) AS badness
    FROM lives GROUP BY ALL
),

kills AS (
    SELECT
        cluster, namespace, name, container, sum(occurrences)::BIGINT AS oom_kills, arg_max(words, (latest, words)) AS said,
        min(earliest) AS earliest, max(latest) AS latest, max(severity_rank(severity)) AS badness
    FROM starved GROUP BY ALL
),

-- up to when each cluster is known
known AS (
    SELECT cluster, coalesce(window_end(), least(as_of(), max(last_seen))) AS until
    FROM stored.rows WHERE in_window_days("day") GROUP BY cluster
),

judged AS (
    SELECT
        cluster, namespace, object_of('Pod', name) AS object, name AS pod, container, node, restarts, back_offs, probe_kills,
        coalesce(oom_kills, 0) AS oom_kills,
        CASE
            WHEN oom_kills > 0 THEN {cause: 'out of memory', said: kills.said}
            WHEN ends_with(named[1], 'probe') THEN {cause: named[1], said: coalesce(probed, named[2])}
            WHEN named IS NOT NULL THEN {cause: named[1], said: named[2]}
            WHEN blow IS NOT NULL AND back_offs = 0 THEN {cause: blow[2], said: blow[3]}
            WHEN back_offs > 0 THEN {cause: 'exits', said: 'within ' || epoch(ran)::BIGINT || 's of its start'}
            ELSE {cause: 'unknown', said: NULL}
        END AS why,
        least(first_seen, kills.earliest) AS first_seen,
        greatest(last_seen, kills.latest) AS last_seen,
        CASE
            WHEN ended >= last_seen THEN ending
            WHEN stopped >= last_seen THEN 'gone'
            WHEN until - last_seen > INTERVAL 10 MINUTE THEN 'over'
            WHEN last_sign = 'back-off' THEN 'crash loop'
            WHEN last_sign = 'failure' THEN 'cannot start'
            ELSE 'restarting'
        END AS state,
        -- what was started again is trouble even where nothing bad was said of it
        greatest(containers.badness, coalesce(kills.badness, 0), 2) AS badness
    FROM containers
    LEFT JOIN befallen USING (cluster, namespace, name, container)
    LEFT JOIN kills USING (cluster, namespace, name, container)
    LEFT JOIN ends USING (cluster, namespace, name)
    LEFT JOIN known USING (cluster)

    UNION ALL BY NAME

    -- of processes that no container here is known by
    SELECT
        cluster, 'default' AS namespace, object_of(kind, name) AS object, name AS node, occurrences AS oom_kills,
        {cause: 'out of memory', said: words} AS why,
        earliest AS first_seen, latest AS last_seen, severity_rank(severity) AS badness,
        CASE WHEN until - latest > INTERVAL 10 MINUTE THEN 'over' ELSE 'goes on' END AS state
    FROM killed
    ANTI JOIN starved USING (number)
    SEMI JOIN told USING (cluster, kind, name, reason)
    JOIN known USING (cluster)
)

SELECT
    cluster,
    CASE WHEN $by IN ('object', 'workload') THEN namespace END AS namespace,
    CASE $by
        WHEN 'object' THEN object WHEN 'workload' THEN workload WHEN 'node' THEN node WHEN 'namespace' THEN namespace
        ELSE why.cause
    END AS "by",
    stored.up_to_three(list(container)) AS container,
    count(DISTINCT (judged.namespace, object)) AS objects,
    sum(restarts)::BIGINT AS restarts,
    sum(back_offs)::BIGINT AS back_offs,
    sum(oom_kills)::BIGINT AS oom_kills,
    sum(probe_kills)::BIGINT AS probe_kills,
    stored.up_to_three(list(why.cause)) AS cause,
    arg_max(why.said, (weight, why.said)) AS message,
    stored.up_to_three(list(node)) AS node,
    min(first_seen) AS first_seen,
    max(last_seen) AS last_seen,
    count(*) FILTER (NOT is_over) AS going_on,
    going_on = 0 AS is_over,
    CASE
        WHEN count(DISTINCT state) = 1 THEN any_value(state)
        WHEN going_on = 0 THEN 'over' ELSE going_on || ' of ' || count(*) || ' going on'
    END AS state,
    max(badness) AS badness,
    stored.severity_of_rank(max(badness)) AS severity,
    sum(weight)::BIGINT AS weight
FROM (
    SELECT
        *,
        state IN ('over', 'gone', 'evicted') AS is_over,
        coalesce(restarts, 0) + coalesce(back_offs, 0) + oom_kills AS weight,
        coalesce(stored.workload_of(pod), object) AS workload,
        CASE WHEN $by IN ('object', 'workload') THEN container END AS kept_apart
    FROM judged
) AS judged
GROUP BY 1, 2, 3, kept_apart
