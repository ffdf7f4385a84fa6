-- summary = "When which image was rolled out, and how it went"
-- about = [
--     "A rollout begins when a Deployment scales up another replica set than before; it is a rollback when that one was",
--     "there before. It is done when the old replica set is scaled to nothing, or, where there is no old one, when all",
--     "pods that were wanted have started; TOOK is until then. Images are those that kubelets name for the pods. Of",
--     "StatefulSets and DaemonSets only a pod with another image than the pods before tells of a rollout.",
-- ]
-- examples = ["kevents rollouts --image checkout", "kevents rollouts -n shop --workload cart --since 7d"]
-- time = "clock"
-- order = ["started", "workload", "revision", "image", "namespace", "cluster"]
-- keeps_newest = true
-- cap = 200
-- [parameters]
-- image = { metavar = "NAME", help = "Only rollouts of this image: its full name, or without registry, tag or digest." }
-- workload = { metavar = "NAME", help = "Only those of the Deployment, StatefulSet or DaemonSet of this name." }
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

WITH told AS MATERIALIZED (
    SELECT
        cluster, namespace, kind, name, container, reason, occurrences, earliest, latest,
        severity_rank(severity) > 1 AS is_trouble,
        CASE WHEN kind = 'Pod' THEN stored.without_random_suffix(name) WHEN kind = 'ReplicaSet' THEN name END AS revision,
        -- what controllers say in words, and pods of images; empty where it is no image after all
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
            ['way', 'revision', 'had', 'wanted']
        ) AS said,
        coalesce(nullif((said).had, '')::BIGINT, 0) AS had,
        (said).wanted::BIGINT AS wanted
    FROM (
        -- of repeats told together, the first and the last
        SELECT *, unnest(list_distinct([earliest, latest])) AS moment
        FROM told
        WHERE kind = 'Deployment' AND reason = 'ScalingReplicaSet'
    )
    WHERE regexp_matches(words, '^Scaled (up|down) (replica set|ReplicaSet) \S+ .*to [0-9]')
),

-- scaling up another replica set than before begins a rollout
ups AS (
    SELECT *, sum(is_other::INTEGER) OVER (turns ROWS UNBOUNDED PRECEDING) AS number
    FROM (
        SELECT *, coalesce(said.revision <> lag(said.revision) OVER turns, true) AS is_other
        FROM scaled
        WHERE said.way = 'up'
        WINDOW turns AS (PARTITION BY cluster, namespace, name ORDER BY moment, said.revision)
    )
    WINDOW turns AS (PARTITION BY cluster, namespace, name ORDER BY moment, said.revision)
),

begun AS (
    SELECT
        *,
        lag(revision) OVER turns AS last_revision,
        coalesce(lead(started) OVER turns, 'infinity'::TIMESTAMPTZ) AS next_started,
        count(*) OVER (PARTITION BY cluster, namespace, name, revision ORDER BY number) > 1
            OR started > coalesce(first_down, 'infinity') AS is_again
    FROM (
        SELECT
            cluster, namespace, name, number, said.revision AS revision,
            min(moment) AS started, min(had) AS had, list_sort(list((moment, wanted))) AS steps
        FROM ups
        GROUP BY ALL
    )
    LEFT JOIN (
        SELECT cluster, namespace, name, said.revision AS revision, min(moment) AS first_down
        FROM scaled
        WHERE said.way = 'down'
        GROUP BY ALL
    ) USING (cluster, namespace, name, revision)
    WINDOW turns AS (PARTITION BY cluster, namespace, name ORDER BY number)
),

-- the old one is what was scaled up before, or, where that is not known, what is scaled down meanwhile
replaced AS (
    SELECT
        begun.*,
        coalesce(any_value(last_revision), min(said.revision)) AS revision_before,
        min(moment) FILTER (wanted = 0 AND said.revision = coalesce(last_revision, said.revision)) AS gone
    FROM begun
    LEFT JOIN scaled ON scaled.cluster = begun.cluster AND scaled.namespace IS NOT DISTINCT FROM begun.namespace
        AND scaled.name = begun.name AND said.way = 'down' AND said.revision <> revision
        AND moment >= started AND moment < next_started
    GROUP BY ALL
),

images AS (
    SELECT cluster, namespace, revision, list_sort(list(DISTINCT image)) AS images
    FROM told
    WHERE image <> '' AND revision IS NOT NULL
    GROUP BY ALL
),

born AS (
    SELECT cluster, namespace, revision, name AS pod, min(earliest) AS moment
    FROM told
    WHERE kind = 'Pod' AND reason = 'Started'
    GROUP BY ALL
),

starts AS (
    SELECT replaced.cluster, replaced.namespace, name, number, list_sort(list(moment)) AS moments
    FROM replaced JOIN born ON born.cluster = replaced.cluster AND born.namespace IS NOT DISTINCT FROM replaced.namespace
        AND born.revision = replaced.revision AND moment >= started AND moment < next_started
    GROUP BY ALL
),

-- what was told of the new replica set and its pods while it was the newest
running AS (
    SELECT
        replaced.cluster, replaced.namespace, replaced.name, number,
        count(DISTINCT told.name) FILTER (kind = 'Pod') AS pods,
        list((earliest, occurrences, reason)) FILTER (is_trouble) AS troubles
    FROM replaced
    JOIN told ON told.cluster = replaced.cluster AND told.namespace IS NOT DISTINCT FROM replaced.namespace
        AND told.revision = replaced.revision AND latest >= started AND earliest < next_started
    GROUP BY ALL
),

deployed AS (
    SELECT
        replaced.cluster, replaced.namespace, 'Deployment/' || replaced.name AS workload, started,
        CASE WHEN is_again THEN 'rollback' WHEN revision_before IS NULL THEN 'first seen' ELSE 'rollout' END AS what,
        replaced.revision, revision_before, new.images AS images, old.images AS images_before, pods,
        -- how many pods there should be when the old ones are gone
        list_filter(steps, lambda step: coalesce(step[1] <= gone, true))[-1][2] AS wanted,
        moments[wanted - had] AS all_run,
        CASE WHEN gone IS NOT NULL THEN greatest(gone, all_run) WHEN revision_before IS NULL THEN all_run END AS ended,
        CASE WHEN ended IS NOT NULL THEN 'done' WHEN isfinite(next_started) THEN 'superseded' ELSE 'not done' END AS state,
        list_filter(troubles, lambda one: coalesce(one[1] <= ended, true)) AS on_the_way,
        list_sum(list_transform(on_the_way, lambda one: one[2]))::BIGINT AS failures,
        list_sort(list_distinct(list_transform(on_the_way, lambda one: one[3]))) AS reasons
    FROM replaced
    LEFT JOIN starts USING (cluster, namespace, name, number)
    LEFT JOIN running USING (cluster, namespace, name, number)
    LEFT JOIN images AS new ON new.cluster = replaced.cluster AND new.namespace = replaced.namespace AND new.revision = replaced.revision
    LEFT JOIN images AS old ON old.cluster = replaced.cluster AND old.namespace = replaced.namespace AND old.revision = revision_before
),

-- pods of StatefulSets and DaemonSets, as their controllers name them
owned AS (
    SELECT DISTINCT cluster, namespace, kind || '/' || name AS workload, stored.child_in_message(words).name AS pod
    FROM told
    WHERE kind IN ('StatefulSet', 'DaemonSet') AND reason = 'SuccessfulCreate'
),

pulled AS (
    SELECT told.cluster, told.namespace, workload, container, pod, earliest AS moment, image
    FROM told JOIN owned ON told.cluster = owned.cluster AND told.namespace = owned.namespace AND told.name = pod
    WHERE container IS NOT NULL AND image <> ''
),

changed AS (
    SELECT *, lag(image) OVER (PARTITION BY cluster, namespace, workload, container ORDER BY moment, pod) AS image_before
    FROM pulled
    QUALIFY image IS DISTINCT FROM image_before
),

-- of other workloads: every change of a container's image
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
    -- images that did not change say nothing, unless none did
    CASE WHEN images_before IS NULL OR images = images_before THEN images
        ELSE list_filter(images, lambda one: NOT list_contains(images_before, one)) END AS new,
    CASE WHEN images IS NULL OR images = images_before THEN images_before
        ELSE list_filter(images_before, lambda one: NOT list_contains(images, one)) END AS old,
    nullif(array_to_string(new, ', '), '') AS image,
    nullif(array_to_string(old, ', '), '') AS image_before,
    (epoch_us(ended) - epoch_us(started)) / 1e6 AS took,
    array_to_string(reasons, ', ') AS trouble
FROM (FROM deployed UNION ALL BY NAME FROM others)
WHERE ($image IS NULL OR len(list_filter(images, lambda one: is_image(one, $image))) > 0)
    AND ($workload IS NULL OR $workload IN (workload, split_part(workload, '/', 2)))
