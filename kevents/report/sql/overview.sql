-- summary = "What mattered, an object a line, the worst first"
-- by = ["object", "namespace", "kind", "node", "family", "category", "component", "cluster"]
-- examples = ["kevents overview --since 1h", "kevents overview --by family -n shop --as-of last"]
-- order = ["badness DESC", "weight DESC", "last_seen DESC", "by", "namespace", "cluster"]
-- cap = 30
-- [columns]
-- cluster = { show = "varies" }
-- namespace = { show = "varies" }
-- by = "text"
-- severity = "severity"
-- reason = "text"
-- warnings = "number"
-- normals = { kind = "number", show = "roomy" }
-- last_reason = { show = "roomy" }
-- last_seen = "time"
-- trend = { kind = "spark", label = "OVER TIME" }
-- objects = { kind = "number", show = "wide" }
-- first_seen = { kind = "time", show = "wide" }
-- message = { show = "wide" }
WITH owners AS (
    SELECT cluster, namespace, kind, name, arg_max((parent_kind, parent_name), how) AS parent
    FROM relations
    WHERE $by = 'family' AND relation = 'owner'
    GROUP BY ALL
),

-- a pod's ReplicaSet, its Deployment, and what may own that
families AS (
    SELECT
        one.cluster, one.namespace, one.kind, one.name,
        coalesce(three.parent, two.parent, one.parent) AS head
    FROM owners AS one
    LEFT JOIN owners AS two ON (two.cluster, two.namespace, two.kind, two.name)
        = (one.cluster, one.namespace, one.parent[1], one.parent[2])
    LEFT JOIN owners AS three ON (three.cluster, three.namespace, three.kind, three.name)
        = (two.cluster, two.namespace, two.parent[1], two.parent[2])
),

-- up to where something was last seen, even if that was nothing new
span AS (
    SELECT
        stored.span_start(stored.first_occurrence(first_seen, last_seen, "count")) AS since,
        stored.span_end(last_seen) AS until,
        stored.slot_us(since, until, 24) AS slot_us
    FROM stored.observations
    WHERE "day" IS NOT NULL AND observation_matches("type", message, "count", severity, category)
        -- what was seen behind the end may tell of what happened before it
        AND (window_end() IS NULL OR stored.first_occurrence(first_seen, last_seen, "count") < window_end())
        -- where the window has a beginning, the span begins there
        AND (window_start() IS NULL OR (in_window(last_seen) AND in_window_days("day")))
),

-- one pass over all there is, an object at a time; every occurrence is whole in the first slot that it touches, and
-- shared out over all
parts AS (
    SELECT
        cluster, namespace, kind, name, called, severity, slot,
        -- most lie in one slot, and only absurd times in none
        sum(CASE
            WHEN low = high AND "day" IS NOT NULL THEN occurrences
            ELSE stored.occurrences_in_slot(latest, occurrences, step_us, since, slot_us, slot)
        END) AS happened,
        sum(occurrences) FILTER (slot = low) AS total,
        sum(occurrences) FILTER (slot = low AND "type" = 'Warning') AS warned,
        min(earliest) AS earliest,
        max(latest) AS latest,
        max((latest, reason, message)) AS newest
    FROM (
        SELECT *, unnest(range(low, high + 1)) AS slot
        FROM (
            SELECT
                *,
                CASE $by
                    WHEN 'node' THEN node
                    WHEN 'category' THEN category
                    WHEN 'component' THEN component
                END AS called,
                stored.slot_of(earliest, since, slot_us, 24) AS low,
                stored.slot_of(latest, since, slot_us, 24) AS high
            FROM occurrences, span
            WHERE occurrences > 0
        )
    )
    GROUP BY ALL
),

named AS MATERIALIZED (
    SELECT
        cluster,
        CASE WHEN $by IN ('object', 'family') THEN namespace END AS namespace,
        CASE $by
            WHEN 'object' THEN object_of(kind, name)
            WHEN 'namespace' THEN namespace
            WHEN 'kind' THEN kind
            WHEN 'family' THEN coalesce(head[1] || '/' || head[2], object_of(kind, name))
            WHEN 'cluster' THEN cluster
            ELSE called
        END AS "by",
        namespace AS home, kind, name, severity, slot, happened, total, warned, earliest, latest, newest
    FROM parts LEFT JOIN families USING (cluster, namespace, kind, name)
),

severities AS (
    SELECT
        cluster, namespace, "by", severity,
        sum(total) AS total,
        sum(warned) AS warned,
        min(earliest) AS earliest,
        max(latest) AS latest,
        max(newest) AS newest
    FROM named
    GROUP BY ALL
),

ranked AS (
    SELECT
        cluster, namespace, "by",
        max(severity_rank(severity)) AS badness,
        arg_max((severity, newest, total, latest), severity_rank(severity)) AS worst,
        coalesce(sum(warned), 0)::BIGINT AS warnings,
        (sum(total) - warnings)::BIGINT AS normals,
        max(newest)[2] AS last_reason,
        max(latest) AS last_seen,
        min(earliest) AS first_seen
    FROM severities
    GROUP BY ALL
),

trends AS (
    SELECT cluster, namespace, "by", map_from_entries(list((slot, happened))) AS slots
    FROM (
        SELECT cluster, namespace, "by", slot, sum(happened)::BIGINT AS happened
        FROM named
        GROUP BY ALL
    )
    GROUP BY ALL
),

members AS (
    SELECT cluster, "by", count(DISTINCT (home, kind, name)) AS objects
    FROM named
    WHERE $by <> 'object'
    GROUP BY ALL
)

SELECT
    ranked.*,
    worst[1] AS severity,
    worst[2][2] AS reason,
    worst[2][3] AS message,
    coalesce(objects, 1) AS objects,
    stored.weight_of(worst[3], coalesce(worst[4], since), until) AS weight,
    list_transform(range(24), lambda slot: coalesce(slots[slot], 0)) AS trend
FROM ranked
LEFT JOIN span ON true
LEFT JOIN members ON (ranked.cluster, ranked."by") IS NOT DISTINCT FROM (members.cluster, members."by")
LEFT JOIN trends ON (ranked.cluster, ranked.namespace, ranked."by")
    IS NOT DISTINCT FROM (trends.cluster, trends.namespace, trends."by")
