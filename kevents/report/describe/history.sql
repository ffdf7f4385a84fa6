-- Every event with its occurrences, their time range, its messages over time, and the child that it names.
WITH versions AS (
    SELECT
        cluster, namespace, kind, name, object,
        coalesce(event_name, concat_ws(' ', first_seen, message)) AS event,
        message,
        sum(occurrences)::BIGINT AS occurrences,
        min(earliest) AS earliest,
        max(latest) AS latest,
        min(first_seen) AS first_seen,
        min(last_seen) AS since,
        max(last_seen) AS until,
        min(name_time(first_seen, clock_ns)) AS clock,
        arg_min(object_uid, last_seen) AS object_uid,
        min(coalesce(pull_waited(message), pull_took(message))) AS waited,
        list((latest, occurrences, step_us)) AS parts,
        arg_max((
            event_name, "type", reason, severity, category, component, node, container,
            stored.child_in_message(stored.strip_combined(message))
        ), last_seen) AS newest
    FROM occurrences
    GROUP BY ALL
),

joined AS (
    SELECT
        cluster, namespace, kind, name, object, event,
        sum(occurrences)::BIGINT AS occurrences,
        -- the occurrences in the window; an event without any is shown with the times that it reports
        coalesce(min(earliest), min(first_seen)) AS first_seen,
        coalesce(max(latest), max(until)) AS last_seen,
        min(clock) AS clock,
        arg_min(object_uid, since) AS object_uid,
        arg_min(waited, since) AS waited,
        flatten(list(parts)) AS parts,
        arg_max(newest, until) AS newest,
        arg_max(message, until) AS message,
        list({message: message, since: since, until: until, times: occurrences} ORDER BY until, since) AS versions
    FROM versions
    GROUP BY ALL
),

halved AS (
    SELECT
        *,
        greatest(epoch_us(last_seen) - epoch_us(first_seen), 0) AS span_us,
        first_seen + to_microseconds(span_us // 2) AS middle,
        list_sum(list_transform(parts, lambda p: happened(p[1], p[2], p[3], NULL, middle)))::BIGINT AS before
    FROM joined
)

SELECT
    cluster, namespace, kind, name, object, object_uid, first_seen, last_seen, occurrences AS times,
    CASE WHEN occurrences > 1 THEN (occurrences - 1) * 60e6 / nullif(span_us, 0) END AS rate,
    -- occurrences from one observation are spread evenly, so they show no trend
    CASE WHEN len(list_filter(parts, lambda p: p[2] > 0)) > 1 THEN trend_of(before, occurrences - before) END AS trend,
    newest[1] AS event_name, newest[2] AS "type", newest[3] AS reason, newest[4] AS severity, newest[5] AS category,
    newest[6] AS component, newest[7] AS node, newest[8] AS container,
    CASE WHEN kind IN ('Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'ReplicationController',
        'Rollout', 'HelmChart') THEN object_of(newest[9].kind, newest[9].name) END AS child,
    coalesce(clock, stored.nanoseconds(first_seen)) AS clock, waited, message, versions
FROM halved
ORDER BY first_seen, clock, object, event_name
