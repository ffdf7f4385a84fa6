-- Who belongs to whom, as events tell it: no object is in the store, only what was said of it.
-- The window does not cut here: what was created a week ago belongs together today.
-- how: an event says so in its message; an exporter wrote ownerReferences beside the object; or names alone suggest it.

CREATE MACRO stored.relations_named(prefix) AS TABLE
WITH named AS NOT MATERIALIZED (
    SELECT DISTINCT cluster, namespace, kind, name
    FROM stored.kin_named(prefix)
    WHERE kind IN (
        'Pod', 'ReplicaSet', 'Job', 'ReplicationController', 'DaemonSet', 'StatefulSet', 'Deployment',
        'HorizontalPodAutoscaler'
    )
),

-- whatever a pod or its generated owner is called after
generated AS NOT MATERIALIZED (
    SELECT DISTINCT cluster, namespace, unnest(CASE
        WHEN kind <> 'Pod' THEN [{kind: kind, name: name}]
        WHEN stored.is_hashed(stored.stem_of(name))
            THEN [{kind: 'Pod', name: name}, {kind: 'ReplicaSet', name: stored.stem_of(name)}]
        WHEN stored.is_timed(stored.stem_of(name))
            THEN [{kind: 'Pod', name: name}, {kind: 'Job', name: stored.stem_of(name)}]
    END) AS child
    FROM named
    WHERE kind IN ('Pod', 'ReplicaSet', 'Job')
),

told AS (
    -- a controller of its children
    SELECT
        cluster, namespace, kind AS parent_kind, name AS parent_name,
        stored.child_said(stored.words_of(message)) AS child,
        'owner' AS relation, 'said' AS how, reason, first_seen AS since
    FROM stored.kin_named(prefix)
    WHERE kind IN (
        'Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'ReplicationController', 'Rollout',
        'HelmChart'
    ) AND child IS NOT NULL

    UNION ALL

    -- an exporter of the object's owners
    SELECT
        cluster, namespace, owner.kind, owner.name, {kind: kind, name: name}, 'owner', 'owner', NULL, first_seen
    FROM (
        SELECT
            *,
            unnest(from_json(
                extra::JSON -> '$.involvedObject.ownerReferences', '[{"kind": "VARCHAR", "name": "VARCHAR"}]'
            )) AS owner
        FROM stored.kin_named(prefix)
        WHERE contains(extra, 'ownerReferences')
    )

    UNION ALL

    -- the scheduler, and the kubelet that runs the pod
    SELECT
        cluster, namespace, 'Node', node, {kind: kind, name: name}, 'node', 'said', reason, first_seen
    FROM stored.kin_named(prefix)
    WHERE kind = 'Pod' AND node IS NOT NULL AND (reason = 'Scheduled' OR component = 'kubelet')

    UNION ALL

    -- of claims: the controller that makes them, the one that waits for their pods, the scheduler that waits for them
    SELECT
        cluster, namespace, 'PersistentVolumeClaim', regexp_extract(words, '^\w+ Claim (\S+)', 1),
        {kind: 'Pod', name: regexp_extract(words, '^\w+ Claim \S+ Pod (\S+)', 1)}, 'volume', 'said', reason, first_seen
    FROM (SELECT *, stored.words_of(message) AS words FROM stored.kin_named(prefix) WHERE kind = 'StatefulSet')
    WHERE regexp_matches(words, '^\w+ Claim \S+ Pod \S+ in StatefulSet ')

    UNION ALL

    SELECT
        cluster, namespace, kind, name, {kind: 'Pod', name: unnest(string_split(pods, ','))}, 'volume', 'said', reason, first_seen
    FROM (
        SELECT *, regexp_extract(message, '^waiting for pods? (\S+) to be scheduled', 1) AS pods
        FROM stored.kin_named(NULL)
        WHERE kind = 'PersistentVolumeClaim'
    )
    WHERE pods <> ''

    UNION ALL

    SELECT
        cluster, namespace, 'PersistentVolumeClaim', claim, {kind: kind, name: name}, 'volume', 'said', reason, first_seen
    FROM (
        SELECT *, regexp_extract(message, 'persistentvolumeclaim "([^"]+)"', 1) AS claim
        FROM stored.kin_named(prefix)
        WHERE kind = 'Pod' AND reason = 'FailedScheduling'
    )
    WHERE claim <> ''

    UNION ALL

    -- a provisioned volume is called after the uid of its claim
    SELECT
        claims.cluster, claims.namespace, 'PersistentVolumeClaim', claims.name, {kind: 'Pod', name: pods.name}, 'volume',
        'said', pods.reason, pods.first_seen
    FROM stored.kin_named(prefix) AS pods
    JOIN (
        SELECT DISTINCT cluster, namespace, name, 'pvc-' || object_uid AS volume
        FROM stored.kin_named(NULL)
        WHERE kind = 'PersistentVolumeClaim' AND object_uid IS NOT NULL
    ) AS claims ON pods.cluster = claims.cluster AND pods.namespace = claims.namespace
        AND regexp_extract(pods.message, 'olume "(pvc-[0-9a-f-]{36})"', 1) = claims.volume
    WHERE pods.kind = 'Pod'

    UNION ALL

    -- what follows is read out of names
    SELECT
        cluster, namespace,
        CASE WHEN child.kind = 'Pod' AND stored.is_timed(stored.stem_of(child.name)) THEN 'Job'
            WHEN child.kind = 'Pod' THEN 'ReplicaSet'
            WHEN child.kind = 'Job' THEN 'CronJob'
            ELSE 'Deployment'
        END,
        CASE WHEN child.kind = 'Pod' THEN stored.stem_of(child.name) ELSE regexp_extract(child.name, '^(.+)-\w+$', 1) END,
        child, 'owner', 'inferred', NULL, NULL
    FROM generated
    WHERE child.kind = 'Pod' OR (child.kind = 'Job' AND stored.is_timed(child.name))
        OR (child.kind = 'ReplicaSet' AND stored.is_hashed(child.name))

    UNION ALL

    -- other owners only where there is one of that name
    SELECT
        pods.cluster, pods.namespace, owners.kind, owners.name, {kind: 'Pod', name: pods.name}, 'owner', 'inferred', NULL, NULL
    FROM named AS pods
    JOIN named AS owners ON pods.cluster = owners.cluster AND pods.namespace = owners.namespace
        AND owners.name = CASE
            WHEN owners.kind = 'StatefulSet' THEN regexp_extract(pods.name, '^(.+)-[0-9]+$', 1)
            ELSE stored.stem_of(pods.name)
        END
    WHERE pods.kind = 'Pod'
        AND owners.kind IN ('ReplicaSet', 'Job', 'ReplicationController', 'DaemonSet', 'StatefulSet')

    UNION ALL

    SELECT
        scalers.cluster, scalers.namespace, scalers.kind, scalers.name, {kind: targets.kind, name: targets.name}, 'target',
        'inferred', NULL, NULL
    FROM named AS scalers
    JOIN named AS targets ON scalers.cluster = targets.cluster AND scalers.namespace = targets.namespace
        AND scalers.name = targets.name
    WHERE scalers.kind = 'HorizontalPodAutoscaler'
        AND targets.kind IN ('Deployment', 'StatefulSet', 'ReplicationController')
)

SELECT
    cluster, namespace, parent_kind, parent_name, child.kind AS kind, child.name AS name, relation,
    max(how) AS how, -- said before owner before inferred: as luck has it, the alphabet downwards
    arg_min(reason, since) AS reason,
    min(since) AS since
FROM told
WHERE child.name <> '' AND parent_name <> ''
GROUP BY ALL;

CREATE VIEW relations AS FROM stored.relations_named(NULL);
