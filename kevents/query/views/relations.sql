-- Relations between objects, as far as events show them: the store holds no objects, only their events.
-- The time window is ignored: a relation found in an event of last week still holds today.
-- how: 'said' in a message, 'owner' from ownerReferences that an exporter added to the object, 'inferred' from names alone.

CREATE MACRO stored.relations_with_prefix(prefix) AS TABLE
WITH objects AS NOT MATERIALIZED (
    SELECT DISTINCT cluster, namespace, kind, name
    FROM stored.relation_sources(prefix)
    WHERE kind IN (
        'Pod', 'ReplicaSet', 'Job', 'ReplicationController', 'DaemonSet', 'StatefulSet', 'Deployment',
        'HorizontalPodAutoscaler'
    )
),

-- objects with a generated name, and the owners of pods whose names are generated too
generated AS NOT MATERIALIZED (
    SELECT DISTINCT cluster, namespace, unnest(CASE
        WHEN kind <> 'Pod' THEN [{kind: kind, name: name}]
        WHEN stored.has_template_hash(stored.without_random_suffix(name))
            THEN [{kind: 'Pod', name: name}, {kind: 'ReplicaSet', name: stored.without_random_suffix(name)}]
        WHEN stored.has_job_time(stored.without_random_suffix(name))
            THEN [{kind: 'Pod', name: name}, {kind: 'Job', name: stored.without_random_suffix(name)}]
    END) AS child
    FROM objects
    WHERE kind IN ('Pod', 'ReplicaSet', 'Job')
),

sources AS (
    -- a controller names its children
    SELECT
        cluster, namespace, kind AS parent_kind, name AS parent_name,
        stored.child_in_message(stored.strip_combined(message)) AS child,
        'owner' AS relation, 'said' AS how, reason, first_seen AS since
    FROM stored.relation_sources(prefix)
    WHERE kind IN (
        'Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'ReplicationController', 'Rollout',
        'HelmChart'
    ) AND child IS NOT NULL

    UNION ALL

    -- an exporter adds the object's owners
    SELECT
        cluster, namespace, owner.kind, owner.name, {kind: kind, name: name}, 'owner', 'owner', NULL, first_seen
    FROM (
        SELECT
            *,
            unnest(from_json(
                extra::JSON -> '$.involvedObject.ownerReferences', '[{"kind": "VARCHAR", "name": "VARCHAR"}]'
            )) AS owner
        FROM stored.relation_sources(prefix)
        WHERE contains(extra, 'ownerReferences')
    )

    UNION ALL

    -- the scheduler assigns a pod to a node, and a kubelet runs it
    SELECT
        cluster, namespace, 'Node', node, {kind: kind, name: name}, 'node', 'said', reason, first_seen
    FROM stored.relation_sources(prefix)
    WHERE kind = 'Pod' AND node IS NOT NULL AND (reason = 'Scheduled' OR component = 'kubelet')

    UNION ALL

    -- volume claims, in messages of three senders: the controller that creates them, the one that waits for their pods, and
    -- the scheduler that waits for them
    SELECT
        cluster, namespace, 'PersistentVolumeClaim', regexp_extract(text, '^\w+ Claim (\S+)', 1),
        {kind: 'Pod', name: regexp_extract(text, '^\w+ Claim \S+ Pod (\S+)', 1)}, 'volume', 'said', reason, first_seen
    FROM (SELECT *, stored.strip_combined(message) AS text FROM stored.relation_sources(prefix) WHERE kind = 'StatefulSet')
    WHERE regexp_matches(text, '^\w+ Claim \S+ Pod \S+ in StatefulSet ')

    UNION ALL

    SELECT
        cluster, namespace, kind, name, {kind: 'Pod', name: unnest(string_split(pods, ','))}, 'volume', 'said', reason, first_seen
    FROM (
        SELECT *, regexp_extract(message, '^waiting for pods? (\S+) to be scheduled', 1) AS pods
        FROM stored.relation_sources(NULL)
        WHERE kind = 'PersistentVolumeClaim'
    )
    WHERE pods <> ''

    UNION ALL

    SELECT
        cluster, namespace, 'PersistentVolumeClaim', claim, {kind: kind, name: name}, 'volume', 'said', reason, first_seen
    FROM (
        SELECT *, regexp_extract(message, 'persistentvolumeclaim "([^"]+)"', 1) AS claim
        FROM stored.relation_sources(prefix)
        WHERE kind = 'Pod' AND reason = 'FailedScheduling'
    )
    WHERE claim <> ''

    UNION ALL

    -- a provisioned volume is named after the uid of its claim
    SELECT
        claims.cluster, claims.namespace, 'PersistentVolumeClaim', claims.name, {kind: 'Pod', name: pods.name}, 'volume',
        'said', pods.reason, pods.first_seen
    FROM stored.relation_sources(prefix) AS pods
    JOIN (
        SELECT DISTINCT cluster, namespace, name, 'pvc-' || object_uid AS volume
        FROM stored.relation_sources(NULL)
        WHERE kind = 'PersistentVolumeClaim' AND object_uid IS NOT NULL
    ) AS claims ON pods.cluster = claims.cluster AND pods.namespace = claims.namespace
        AND regexp_extract(pods.message, 'olume "(pvc-[0-9a-f-]{36})"', 1) = claims.volume
    WHERE pods.kind = 'Pod'

    UNION ALL

    -- relations inferred from names
    SELECT
        cluster, namespace,
        CASE WHEN child.kind = 'Pod' AND stored.has_job_time(stored.without_random_suffix(child.name)) THEN 'Job'
            WHEN child.kind = 'Pod' THEN 'ReplicaSet'
            WHEN child.kind = 'Job' THEN 'CronJob'
            ELSE 'Deployment'
        END,
        CASE WHEN child.kind = 'Pod' THEN stored.without_random_suffix(child.name) ELSE regexp_extract(child.name, '^(.+)-\w+$', 1) END,
        child, 'owner', 'inferred', NULL, NULL
    FROM generated
    WHERE child.kind = 'Pod' OR (child.kind = 'Job' AND stored.has_job_time(child.name))
        OR (child.kind = 'ReplicaSet' AND stored.has_template_hash(child.name))

    UNION ALL

    -- other owners only if an object of that name exists
    SELECT
        pods.cluster, pods.namespace, owners.kind, owners.name, {kind: 'Pod', name: pods.name}, 'owner', 'inferred', NULL, NULL
    FROM objects AS pods
    JOIN objects AS owners ON pods.cluster = owners.cluster AND pods.namespace = owners.namespace
        AND owners.name = CASE
            WHEN owners.kind = 'StatefulSet' THEN regexp_extract(pods.name, '^(.+)-[0-9]+$', 1)
            ELSE stored.without_random_suffix(pods.name)
        END
    WHERE pods.kind = 'Pod'
        AND owners.kind IN ('ReplicaSet', 'Job', 'ReplicationController', 'DaemonSet', 'StatefulSet')

    UNION ALL

    SELECT
        scalers.cluster, scalers.namespace, scalers.kind, scalers.name, {kind: targets.kind, name: targets.name}, 'target',
        'inferred', NULL, NULL
    FROM objects AS scalers
    JOIN objects AS targets ON scalers.cluster = targets.cluster AND scalers.namespace = targets.namespace
        AND scalers.name = targets.name
    WHERE scalers.kind = 'HorizontalPodAutoscaler'
        AND targets.kind IN ('Deployment', 'StatefulSet', 'ReplicationController')
)

SELECT
    cluster, namespace, parent_kind, parent_name, child.kind AS kind, child.name AS name, relation,
    max(how) AS how, -- the alphabetical order happens to be inferred, owner, said
    arg_min(reason, since) AS reason,
    min(since) AS since
FROM sources
WHERE child.name <> '' AND parent_name <> ''
GROUP BY ALL;

CREATE VIEW relations AS FROM stored.relations_with_prefix(NULL);
