-- summary = "Problems by object, worst first. Start here"
-- by = ["object", "namespace", "kind", "node", "family", "category", "component", "cluster"]
-- examples = ["kevents overview --since 1h", "kevents overview --by family -n shop --as-of last"]
-- order = ["rank DESC", "weight DESC", "last_seen DESC", "by", "namespace", "cluster"]
-- cap = 30
-- [columns]
-- cluster = { show = "varies" }
-- namespace = { show = "varies" }
-- by = "text"
-- severity = "severity"
-- reason = "text"
-- times = "number"
-- warnings = { kind = "number", show = "roomy" }
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

-- up to three levels: a pod's ReplicaSet, its Deployment, and a possible owner of that
families AS (
    SELECT
        child.cluster, child.namespace, child.kind, child.name,
        coalesce(grandparent.parent, parent.parent, child.parent) AS top_owner
    FROM owners AS child
    LEFT JOIN owners AS parent ON (parent.cluster, parent.namespace, parent.kind, parent.name)
        = (child.cluster, child.namespace, child.parent[1], child.parent[2])
    LEFT JOIN owners AS grandparent ON (grandparent.cluster, grandparent.namespace, grandparent.kind, grandparent.name)
        = (parent.cluster, parent.namespace, parent.parent[1], parent.parent[2])
),

-- the time range of the trend; it ends at the last observation, even one without a new occurrence
span AS (
    SELECT
        stored.span_start(stored.first_occurrence(first_seen, last_seen, "count")) AS since,
        stored.span_end(last_seen) AS until,
        stored.slot_us(since, until, 24) AS slot_us
    FROM stored.observations
    WHERE "day" IS NOT NULL AND observation_matches("type", message, "count", severity, category)
        -- an observation after the window can report occurrences in it
        AND (window_end() IS NULL OR stored.first_occurrence(first_seen, last_seen, "count") < window_end())
        -- a window with a start determines the start of the range
        AND (window_start() IS NULL OR (in_window(last_seen) AND in_window_days("day")))
),

-- One pass over all occurrences, grouped by object, reason and slot of the trend. A row that spans several slots counts in each of
-- them, but its totals count only in the first.
parts AS (
    SELECT
        cluster, namespace, kind, name, own_value, severity, reason, slot,
        -- most rows lie in one slot; only those with impossible times lie in none
        sum(CASE
            WHEN first_slot = last_slot AND "day" IS NOT NULL THEN occurrences
            ELSE stored.occurrences_in_slot(latest, occurrences, step_us, since, slot_us, slot)
        END) AS in_slot,
        sum(occurrences) FILTER (slot = first_slot) AS total,
        sum(occurrences) FILTER (slot = first_slot AND "type" = 'Warning') AS total_warnings,
        min(earliest) AS earliest,
        max(latest) AS latest,
        max((latest, reason, message)) AS newest
    FROM (
        SELECT *, unnest(range(first_slot, last_slot + 1)) AS slot
        FROM (
            SELECT
                *,
                -- the columns that can differ between the events of an object
                stored.column_named($by, node := node, category := category, component := component) AS own_value,
                stored.slot_of(earliest, since, slot_us, 24) AS first_slot,
                stored.slot_of(latest, since, slot_us, 24) AS last_slot
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
        CASE
            WHEN $by = 'family' THEN coalesce(top_owner[1] || '/' || top_owner[2], object_of(kind, name))
            ELSE stored.column_named(
                $by, object := object_of(kind, name), namespace := namespace, kind := kind, cluster := cluster,
                node := own_value, category := own_value, component := own_value
            )
        END AS "by",
        namespace AS home, kind, name, severity, reason, slot, in_slot, total, total_warnings, earliest, latest, newest
    FROM parts LEFT JOIN families USING (cluster, namespace, kind, name)
),

reasons AS (
    -- a reason can have several severities, by its message
    SELECT *, sum(total) OVER (PARTITION BY cluster, namespace, "by", reason) AS times
    FROM (
        SELECT
            cluster, namespace, "by", severity, reason,
            coalesce(sum(total), 0) AS total,
            sum(total_warnings) AS total_warnings,
            min(earliest) AS earliest,
            max(latest) AS latest,
            max(newest) AS newest
        FROM named
        GROUP BY ALL
    )
),

severities AS (
    SELECT
        cluster, namespace, "by", severity,
        sum(total) AS total,
        sum(total_warnings) AS total_warnings,
        min(earliest) AS earliest,
        max(latest) AS latest,
        max(newest) AS newest,
        arg_max(times, newest)::BIGINT AS times -- of the reason that is shown
    FROM reasons
    GROUP BY ALL
),

ranked AS (
    SELECT
        cluster, namespace, "by",
        max(severity_rank(severity)) AS rank,
        arg_max((severity, newest, total, latest, times), severity_rank(severity)) AS worst,
        coalesce(sum(total_warnings), 0)::BIGINT AS warnings,
        (sum(total) - warnings)::BIGINT AS normals,
        max(newest)[2] AS last_reason,
        max(latest) AS last_seen,
        min(earliest) AS first_seen
    FROM severities
    GROUP BY ALL
),

trends AS (
    SELECT cluster, namespace, "by", map_from_entries(list((slot, occurrences))) AS slots
    FROM (
        SELECT cluster, namespace, "by", slot, sum(in_slot)::BIGINT AS occurrences
        FROM named
        GROUP BY ALL
    )
    GROUP BY ALL
),

members AS (
    SELECT cluster, namespace, "by", count(DISTINCT (home, kind, name)) AS objects
    FROM named
    WHERE $by <> 'object'
    GROUP BY ALL
)

SELECT
    ranked.*,
    worst[1] AS severity,
    worst[2][2] AS reason,
    worst[5] AS times,
    worst[2][3] AS message,
    coalesce(objects, 1) AS objects,
    stored.weight_of(worst[3], coalesce(worst[4], since), until) AS weight,
    list_transform(range(24), lambda slot: coalesce(slots[slot], 0)) AS trend
FROM ranked
LEFT JOIN span ON true
LEFT JOIN members ON (ranked.cluster, ranked.namespace, ranked."by")
    IS NOT DISTINCT FROM (members.cluster, members.namespace, members."by")
LEFT JOIN trends ON (ranked.cluster, ranked.namespace, ranked."by")
    IS NOT DISTINCT FROM (trends.cluster, trends.namespace, trends."by")
