-- summary = "Rollouts: images, duration, outcome"
-- about = [
--     "A rollout starts when a Deployment scales up a different ReplicaSet; it is a rollback if that ReplicaSet was active",
--     "before. It is done when the old ReplicaSet reaches zero (or, with no old one, when all desired pods have started). TOOK",
--     "is the time until then. Images are taken from kubelet events. For StatefulSets and DaemonSets, a rollout is only",
--     "visible when a pod starts with a different image.",
-- ]
-- examples = ["kevents rollouts --image checkout", "kevents rollouts -n shop --workload cart --since 7d"]
-- time = "clock"
-- order = ["started", "workload", "revision", "image", "namespace", "cluster"]
-- empty = "No rollouts found."
-- keeps_newest = true
-- cap = 200
-- [parameters]
-- image = { metavar = "NAME", help = "Only rollouts of this image: a full name or just part of it (without registry, tag or digest)." }
-- workload = { metavar = "NAME", help = "Only this Deployment, StatefulSet or DaemonSet." }
-- [columns]
-- cluster = { show = "varies" }
-- namespace = { show = "varies" }
-- started = "time"
-- workload = "text"
-- what = "text"
-- image_before = { label = "FROM" }
-- image = { label = "TO" }
-- pods = "number"
-- state = "text"
-- took = "duration"
-- failures = "number"
-- trouble = "text"
-- revision = { show = "wide", label = "REPLICA SET" }
-- revision_before = { show = "wide", label = "OLD REPLICA SET" }
-- ended = { kind = "time", show = "wide" }
WITH workload_events AS MATERIALIZED (
    SELECT
        cluster, namespace, kind, name, container, reason, occurrences, earliest, latest,
        severity_rank(severity) > 1 AS is_problem,
        CASE WHEN kind = 'Pod' THEN stored.without_random_suffix(name) WHEN kind = 'ReplicaSet' THEN name END AS revision,
        -- the message of a controller's event, and the image in a pod's event; empty if the message names none
        CASE WHEN kind NOT IN ('Pod', 'ReplicaSet') THEN stored.strip_combined(message) END AS words,
        CASE
            WHEN kind = 'Pod' AND contains(message, ' image "')
                THEN regexp_extract(stored.strip_combined(message), '^[^"]* image "([^"]+)"', 1)
        END AS image
    FROM occurrences
    WHERE occurrences > 0
        AND kind IN ('Deployment', 'ReplicaSet', 'Pod', 'StatefulSet', 'DaemonSet')
        AND (
            reason IN ('ScalingReplicaSet', 'SuccessfulCreate', 'Pulling', 'Pulled', 'Started')
            OR severity_rank(severity) > 1
        )
),

scaled AS (
    SELECT
        cluster, namespace, name, moment,
        regexp_extract(
            words, '^Scaled (up|down) (?:replica set|ReplicaSet) (\S+)(?: from ([0-9]+))? to ([0-9]+)',
            ['direction', 'revision', 'replicas_before', 'replicas']
        ) AS scaling,
        coalesce(nullif((scaling).replicas_before, '')::BIGINT, 0) AS replicas_before,
        (scaling).replicas::BIGINT AS replicas
    FROM (
        -- of several occurrences in one observation, the first and the last
        SELECT *, unnest(list_distinct([earliest, latest])) AS moment
        FROM workload_events
        WHERE kind = 'Deployment' AND reason = 'ScalingReplicaSet'
    )
    WHERE regexp_matches(words, '^Scaled (up|down) (replica set|ReplicaSet) \S+ .*to [0-9]')
),

-- scaling up a different ReplicaSet starts a rollout
ups AS (
    SELECT *, sum(is_different::INTEGER) OVER (by_time ROWS UNBOUNDED PRECEDING) AS number
    FROM (
        SELECT *, coalesce(scaling.revision <> lag(scaling.revision) OVER by_time, true) AS is_different
        FROM scaled
        WHERE scaling.direction = 'up'
        WINDOW by_time AS (PARTITION BY cluster, namespace, name ORDER BY moment, scaling.revision)
    )
    WINDOW by_time AS (PARTITION BY cluster, namespace, name ORDER BY moment, scaling.revision)
),

rollouts AS (
    SELECT
        *,
        lag(revision) OVER by_number AS last_revision,
        coalesce(lead(started) OVER by_number, 'infinity'::TIMESTAMPTZ) AS next_started,
        count(*) OVER (PARTITION BY cluster, namespace, name, revision ORDER BY number) > 1
            OR started > coalesce(first_down, 'infinity') AS is_rollback
    FROM (
        SELECT
            cluster, namespace, name, number, scaling.revision AS revision,
            min(moment) AS started, min(replicas_before) AS replicas_before, list_sort(list((moment, replicas))) AS steps
        FROM ups
        GROUP BY ALL
    )
    LEFT JOIN (
        SELECT cluster, namespace, name, scaling.revision AS revision, min(moment) AS first_down
        FROM scaled
        WHERE scaling.direction = 'down'
        GROUP BY ALL
    ) USING (cluster, namespace, name, revision)
    WINDOW by_number AS (PARTITION BY cluster, namespace, name ORDER BY number)
),

-- the old ReplicaSet is the one scaled up before, or, if that is unknown, the one scaled down during the rollout
replaced AS (
    SELECT
        rollouts.*,
        coalesce(any_value(last_revision), min(scaling.revision)) AS revision_before,
        min(moment) FILTER (replicas = 0 AND scaling.revision = coalesce(last_revision, scaling.revision)) AS old_at_zero
    FROM rollouts
    LEFT JOIN scaled ON scaled.cluster = rollouts.cluster AND scaled.namespace IS NOT DISTINCT FROM rollouts.namespace
        AND scaled.name = rollouts.name AND scaling.direction = 'down' AND scaling.revision <> revision
        AND moment >= started AND moment < next_started
    GROUP BY ALL
),

images AS (
    SELECT cluster, namespace, revision, list_sort(list(DISTINCT image)) AS images
    FROM workload_events
    WHERE image <> '' AND revision IS NOT NULL
    GROUP BY ALL
),

first_starts AS (
    SELECT cluster, namespace, revision, name AS pod, min(earliest) AS moment
    FROM workload_events
    WHERE kind = 'Pod' AND reason = 'Started'
    GROUP BY ALL
),

starts AS (
    SELECT replaced.cluster, replaced.namespace, name, number, list_sort(list(moment)) AS moments
    FROM replaced JOIN first_starts AS first_start ON first_start.cluster = replaced.cluster
        AND first_start.namespace IS NOT DISTINCT FROM replaced.namespace
        AND first_start.revision = replaced.revision AND moment >= started AND moment < next_started
    GROUP BY ALL
),

-- the events of the new ReplicaSet and its pods while it was the newest
progress AS (
    SELECT
        replaced.cluster, replaced.namespace, replaced.name, number,
        count(DISTINCT event.name) FILTER (kind = 'Pod') AS pods,
        list((earliest, occurrences, reason)) FILTER (is_problem) AS problems
    FROM replaced
    JOIN workload_events AS event ON event.cluster = replaced.cluster AND event.namespace IS NOT DISTINCT FROM replaced.namespace
        AND event.revision = replaced.revision AND latest >= started AND earliest < next_started
    GROUP BY ALL
),

deployed AS (
    SELECT
        replaced.cluster, replaced.namespace, 'Deployment/' || replaced.name AS workload, started,
        CASE WHEN is_rollback THEN 'rollback' WHEN revision_before IS NULL THEN 'first seen' ELSE 'rollout' END AS what,
        replaced.revision, revision_before, new.images AS images, old.images AS images_before, pods,
        -- the desired number of pods when the old ReplicaSet reached zero
        list_filter(steps, lambda step: coalesce(step[1] <= old_at_zero, true))[-1][2] AS desired,
        moments[desired - replicas_before] AS all_started,
        CASE WHEN old_at_zero IS NOT NULL THEN greatest(old_at_zero, all_started) WHEN revision_before IS NULL THEN all_started END
            AS ended,
        CASE WHEN ended IS NOT NULL THEN 'done' WHEN isfinite(next_started) THEN 'superseded' ELSE 'not done' END AS state,
        list_filter(problems, lambda problem: coalesce(problem[1] <= ended, true)) AS problems_before_end,
        list_sum(list_transform(problems_before_end, lambda problem: problem[2]))::BIGINT AS failures,
        list_sort(list_distinct(list_transform(problems_before_end, lambda problem: problem[3]))) AS reasons
    FROM replaced
    LEFT JOIN starts USING (cluster, namespace, name, number)
    LEFT JOIN progress USING (cluster, namespace, name, number)
    LEFT JOIN images AS new ON new.cluster = replaced.cluster AND new.namespace = replaced.namespace AND new.revision = replaced.revision
    LEFT JOIN images AS old ON old.cluster = replaced.cluster AND old.namespace = replaced.namespace AND old.revision = revision_before
),

-- pods of StatefulSets and DaemonSets, as their controllers name them
owned AS (
    SELECT DISTINCT cluster, namespace, kind || '/' || name AS workload, stored.child_in_message(words).name AS pod
    FROM workload_events
    WHERE kind IN ('StatefulSet', 'DaemonSet') AND reason = 'SuccessfulCreate'
),

pulled AS (
    SELECT event.cluster, event.namespace, workload, container, pod, earliest AS moment, image
    FROM workload_events AS event
    JOIN owned ON event.cluster = owned.cluster AND event.namespace = owned.namespace AND event.name = pod
    WHERE container IS NOT NULL AND image <> ''
),

changed AS (
    SELECT *, lag(image) OVER (PARTITION BY cluster, namespace, workload, container ORDER BY moment, pod) AS image_before
    FROM pulled
    QUALIFY image IS DISTINCT FROM image_before
),

-- for other workloads, every change of a container's image
others AS (
    SELECT
        cluster, namespace, workload, min(moment) AS started,
        CASE WHEN image_before IS NULL THEN 'first seen' ELSE 'rollout' END AS what,
        [image] AS images,
        CASE WHEN image_before IS NOT NULL THEN [image_before] END AS images_before
    FROM changed
    GROUP BY ALL
)

SELECT
    *,
    -- leave out images that did not change, unless none changed
    CASE WHEN images_before IS NULL OR images = images_before THEN images
        ELSE list_filter(images, lambda name: NOT list_contains(images_before, name)) END AS new,
    CASE WHEN images IS NULL OR images = images_before THEN images_before
        ELSE list_filter(images_before, lambda name: NOT list_contains(images, name)) END AS old,
    nullif(array_to_string(new, ', '), '') AS image,
    nullif(array_to_string(old, ', '), '') AS image_before,
    (epoch_us(ended) - epoch_us(started)) / 1e6 AS took,
    array_to_string(reasons, ', ') AS trouble
FROM (FROM deployed UNION ALL BY NAME FROM others)
WHERE ($image IS NULL OR len(list_filter(images, lambda name: is_image(name, $image))) > 0)
    AND ($workload IS NULL OR $workload IN (workload, split_part(workload, '/', 2)))
