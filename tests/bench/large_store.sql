-- One day of generated observations as the table `generated`, with the columns of a store's files and directories.
-- Variables: start (of the first day), every_us (between the creation of two pods), low and high (the range of numbers
-- of the pods that can have events on the day), midnight (the start of the day), cluster.
CREATE OR REPLACE MACRO pick(id, salt, n) AS (hash(id, salt) % n)::BIGINT;
CREATE OR REPLACE MACRO unit(id, salt) AS (hash(id, salt) / 18446744073709551616.0);
CREATE OR REPLACE MACRO digits(id, salt, n) AS lpad(lower(hex(hash(id, salt)))[:n], n, '0');
CREATE OR REPLACE MACRO some_uuid(id, salt) AS (
    digits(id, salt, 8) || '-' || digits(id, salt || 'b', 4) || '-4' || digits(id, salt || 'c', 3) || '-8'
    || digits(id, salt || 'd', 3) || '-' || digits(id, salt || 'e', 12)
);

CREATE OR REPLACE TABLE generated AS
WITH pods AS (
    SELECT
        p,
        getvariable('start')::TIMESTAMPTZ + to_microseconds((p * getvariable('every_us'))::BIGINT) AS created_at,
        pick(p, 'app', 240) AS a,
        (['api', 'web', 'worker', 'cache', 'ingest', 'search', 'auth', 'billing', 'cart', 'ledger', 'mail', 'queue'])[a % 12 + 1]
            || '-' || (['core', 'edge', 'batch', 'stream', 'v2', 'canary'])[a // 12 % 6 + 1] AS app,
        'team-' || a // 4 AS namespace,
        app || '-' || digits(a * 100000 + p // 20000, 'rs', 10) AS replicaset,
        replicaset || '-' || digits(p, 'pod', 5) AS pod,
        some_uuid(p, 'pod')::UUID AS pod_uid,
        'ip-10-35-' || pick(p, 'node', 200) || '-' || pick(pick(p, 'node', 200), 'ip', 256)
            || '.us-west-2.compute.internal' AS node,
        '4163.dkr.ecr.us-west-2.amazonaws.com/' || app || ':1.' || a % 40 || '.' || p // 20000 % 100 AS image,
        unit(p, 'health') AS health,  -- below 0.08 it crashes, below 0.11 its image is missing, below 0.3 its probe fails
        'r' || p AS version
    FROM range(getvariable('low')::BIGINT, getvariable('high')::BIGINT) AS pods(p)
),

-- the possible events of a pod, with the component that reports it and the seconds after the pod's creation
events AS (
    SELECT
        *,
        p * 16 + e AS id,
        component = 'default-scheduler' AS is_new_style,
        CASE
            WHEN e IN (2, 3, 4) AND health < 0.08 THEN least(864, (8 / greatest(unit(p, 'loops'), 0.008))::BIGINT)
            WHEN e = 5 THEN least(4500, (40 / greatest(unit(p, 'loops'), 0.008))::BIGINT)
            WHEN e IN (6, 11, 12, 13) THEN least(3000, (3 / greatest(unit(id, 'n'), 0.001))::BIGINT)
            ELSE 1
        END AS times,
        least(times * CASE e WHEN 5 THEN 55 WHEN 2 THEN 300 WHEN 3 THEN 300 WHEN 4 THEN 300 ELSE 10 END, 250000) AS life_s,
        CASE WHEN times = 1 THEN 1 ELSE least(times, 40) END AS observations,
        CASE
            WHEN is_new_style THEN created_at + to_seconds(after) + to_microseconds(pick(id, 'us', 1000000))
            ELSE date_trunc('second', created_at + to_seconds(after))
        END AS first_seen
    FROM pods, LATERAL (
        SELECT * FROM (VALUES
            (0, 'Scheduled', 'Normal', 'default-scheduler', 'Pod', 0),
            (1, 'Pulling', 'Normal', 'kubelet', 'Pod', 1),
            (2, 'Pulled', 'Normal', 'kubelet', 'Pod', 12),
            (3, 'Created', 'Normal', 'kubelet', 'Pod', 12),
            (4, 'Started', 'Normal', 'kubelet', 'Pod', 13),
            (5, 'BackOff', 'Warning', 'kubelet', 'Pod', 40),
            (6, 'Unhealthy', 'Warning', 'kubelet', 'Pod', 20),
            (7, 'Killing', 'Normal', 'kubelet', 'Pod', 600),
            (8, 'SuccessfulCreate', 'Normal', 'replicaset-controller', 'ReplicaSet', 0),
            (9, 'ScalingReplicaSet', 'Normal', 'deployment-controller', 'Deployment', 0),
            (10, 'SuccessfulDelete', 'Normal', 'replicaset-controller', 'ReplicaSet', 600),
            (11, 'FailedScheduling', 'Warning', 'default-scheduler', 'Pod', -30),
            (12, 'FailedMount', 'Warning', 'kubelet', 'Pod', 5),
            (13, 'Failed', 'Warning', 'kubelet', 'Pod', 15),
            (14, 'FailedCreatePodSandBox', 'Warning', 'kubelet', 'Pod', 2),
            (15, 'NodeNotReady', 'Normal', 'node-controller', 'Node', 300)
        ) AS t(e, reason, "type", component, kind, after)
        WHERE CASE
            WHEN e IN (0, 1, 3, 4, 8) THEN true
            WHEN e = 2 THEN health >= 0.11 OR health < 0.08
            WHEN e = 5 THEN health < 0.11
            WHEN e = 6 THEN health < 0.3
            WHEN e IN (7, 10) THEN health >= 0.11
            WHEN e = 9 THEN p % 6 = 0
            WHEN e = 11 THEN p % 5 = 0
            WHEN e = 12 THEN p % 25 = 1
            WHEN e = 13 THEN health BETWEEN 0.08 AND 0.11
            WHEN e = 14 THEN p % 40 = 2
            ELSE p % 2000 = 3
        END
    ) AS candidates
),

-- In every second pod, each pull and each failed probe is an event of its own, because its message has a new number.
observations AS (
    SELECT
        * EXCLUDE (id, first_seen),
        e IN (2, 6) AND p % 2 = 0 AS is_separate_event,
        CASE WHEN is_separate_event THEN pick(id, k, 1152921504606846976) ELSE id END AS id,
        CASE WHEN observations = 1 OR is_separate_event THEN 1 ELSE 1 + (times - 1) * k // (observations - 1) END AS "count",
        CASE
            WHEN observations = 1 THEN events.first_seen
            WHEN is_new_style THEN events.first_seen + to_microseconds(life_s * 1000000 * k // (observations - 1))
            ELSE events.first_seen + to_seconds(life_s * k // (observations - 1))
        END AS last_seen,
        CASE WHEN is_separate_event THEN last_seen ELSE events.first_seen END AS first_seen
    FROM events, LATERAL (SELECT unnest(range(observations)) AS k) AS seen
    WHERE events.first_seen + to_seconds(life_s) >= getvariable('midnight')
)

SELECT
    CASE kind WHEN 'Node' THEN 'default' ELSE namespace END AS namespace,
    kind,
    CASE kind WHEN 'Pod' THEN pod WHEN 'ReplicaSet' THEN replicaset WHEN 'Deployment' THEN app ELSE node END AS name,
    last_seen, first_seen, "count", "type", reason,
    CASE e
        WHEN 0 THEN 'Successfully assigned ' || namespace || '/' || pod || ' to ' || node
        WHEN 1 THEN 'Pulling image "' || image || '"'
        WHEN 2 THEN
            CASE WHEN times > 1 AND NOT is_separate_event THEN 'Container image "' || image || '" already present on machine'
                ELSE 'Successfully pulled image "' || image || '" in ' || pick(id, 'took', 30000) / 1000 || 's ('
                    || 1 + pick(id, 'took', 30000) / 1000 || 's including waiting). Image size: '
                    || 1000000 + pick(image, 'size', 900000000) || ' bytes.'
            END
        WHEN 3 THEN 'Created container: ' || app
        WHEN 4 THEN 'Started container ' || app
        WHEN 5 THEN
            CASE WHEN health < 0.08
                THEN 'Back-off restarting failed container ' || app || ' in pod ' || pod || '_' || namespace || '(' || pod_uid || ')'
                ELSE 'Back-off pulling image "' || image || '"'
            END
        WHEN 6 THEN 'Readiness probe failed: Get "http://10.' || pick(p, 'b', 256) || '.' || pick(p, 'c', 256) || '.'
            || pick(p, 'd', 256) || ':8080/healthz": ' || CASE WHEN is_separate_event
                THEN 'read tcp 10.35.0.1:' || 32768 + pick(id, 'port', 28000) || ': connection reset by peer'
                ELSE 'dial tcp: connect: connection refused' END
        WHEN 7 THEN 'Stopping container ' || app
        WHEN 8 THEN 'Created pod: ' || pod
        WHEN 9 THEN 'Scaled up replica set ' || replicaset || ' from ' || p % 9 || ' to ' || p % 9 + 1
        WHEN 10 THEN 'Deleted pod: ' || pod
        WHEN 11 THEN '0/200 nodes are available: ' || pick(p, 'cpu', 200) || ' Insufficient cpu. preemption: 0/200 nodes '
            || 'are available: 200 Preemption is not helpful for scheduling.'
        WHEN 12 THEN 'MountVolume.SetUp failed for volume "config" : configmap "' || app || '-config" not found'
        WHEN 13 THEN 'Failed to pull image "' || image || '": rpc error: code = NotFound desc = failed to resolve reference'
        WHEN 14 THEN 'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "'
            || digits(id, 'sandbox', 16) || digits(id, 'box', 16) || '": plugin type="aws-cni" failed (add)'
        ELSE 'Node ' || node || ' status is now: NodeNotReady'
    END AS message,
    CASE WHEN is_new_style THEN pick(id, 'ns', 1000) ELSE pick(id, 'ns', 1000000000) END::INTEGER AS clock_ns,
    NULL::VARCHAR AS event_name,
    some_uuid(id, 'event')::UUID AS uid,
    -- one counter for the whole cluster
    (epoch_us(last_seen) - epoch_us(getvariable('start')::TIMESTAMPTZ)) // 20000 + 100000000 AS resource_version,
    NULL::TIMESTAMPTZ AS created,
    CASE kind WHEN 'Node' THEN NULL ELSE namespace END AS object_namespace,
    CASE kind
        WHEN 'Pod' THEN pod_uid::VARCHAR
        WHEN 'ReplicaSet' THEN some_uuid(replicaset, 'rs')
        WHEN 'Deployment' THEN some_uuid(app || namespace, 'deployment')
        ELSE some_uuid(node, 'node')
    END AS object_uid,
    CASE kind WHEN 'Node' THEN NULL ELSE
        (epoch_us(created_at) - epoch_us(getvariable('start')::TIMESTAMPTZ)) // 20000 + 99999000 END AS object_resource_version,
    CASE kind WHEN 'Pod' THEN 'v1' WHEN 'Node' THEN NULL ELSE 'apps/v1' END AS api_version,
    CASE WHEN component = 'kubelet' AND e NOT IN (12, 14) THEN 'spec.containers{' || app || '}' END AS field_path,
    CASE WHEN NOT is_new_style THEN component END AS source_component,
    CASE WHEN component = 'kubelet' THEN node END AS source_host,
    component AS reporting_controller,
    CASE component
        WHEN 'kubelet' THEN node
        WHEN 'default-scheduler' THEN 'default-scheduler-ip-10-35-0-1'
    END AS reporting_instance,
    CASE WHEN is_new_style THEN CASE e WHEN 0 THEN 'Binding' ELSE 'Scheduling' END END AS "action",
    NULL::VARCHAR AS related,
    CASE
        WHEN is_new_style AND "count" > 1 THEN 'eventTime series creationTimestamp'
        WHEN is_new_style THEN 'eventTime creationTimestamp'
        ELSE 'firstTimestamp lastTimestamp count creationTimestamp'
    END AS time_fields,
    NULL::VARCHAR AS extra,
    getvariable('cluster') AS cluster,
    getvariable('midnight')::DATE AS "day"
FROM observations
WHERE last_seen >= getvariable('midnight') AND last_seen < getvariable('midnight') + INTERVAL 1 DAY;
