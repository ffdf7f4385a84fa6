-- summary = "What else happened around an object's worst event"
-- order = ["weight DESC", "nearness", "distance", "reason", "object", "message"]
-- cap = 20
-- [parameters]
-- at = { value = "time", metavar = "TIME", help = "The moment." }
-- since = { value = "time", metavar = "TIME", help = "Where its window begins." }
-- until = { value = "time", metavar = "TIME", help = "Where its window ends." }
-- kind = { metavar = "KIND", help = "The object's kind." }
-- name = { metavar = "NAME", help = "The object's name." }
-- home = { metavar = "NAME", help = "The object's namespace." }
-- members = { metavar = "TYPE/NAME", help = "Its family." }
-- nodes = { metavar = "NAME", help = "Its nodes." }
-- images = { metavar = "IMAGE", help = "Its images." }
-- volumes = { metavar = "NAME", help = "Its volumes." }
-- reason = { metavar = "REASON", help = "The reason of its worst event." }
-- shape = { metavar = "SHAPE", help = "The shape of that event's message." }
-- [columns]
-- cluster = { show = "varies" }
-- surprise = "number"
-- related = "text"
-- namespace = { show = "varies" }
-- offset = { kind = "offset", label = "OFFSET" }
-- severity = "severity"
-- object = "text"
-- objects = { kind = "number", show = "varies" }
-- reason = "text"
-- times = "number"
-- usual = "number"
-- message = "text"
WITH span AS (
    SELECT
        epoch_us($until::TIMESTAMPTZ) - epoch_us($since::TIMESTAMPTZ) AS inside_us,
        epoch_us(greatest(max(last_seen), $until)) - epoch_us(least(min(stored.first_occurrence(first_seen, last_seen, "count")), $since)) - inside_us AS outside_us
    FROM observations
    WHERE "day" IS NOT NULL
),

-- what may be tied is chosen first, by what costs least to see, and the shape of each message is made once
told AS (
    SELECT
        cluster, namespace, kind, name, object, severity, reason, message,
        namespace = $home AS in_namespace,
        list_contains($members, object) AND (kind = 'Node' OR namespace = coalesce($home, namespace)) AS in_family,
        list_contains($nodes, node) AS on_node,
        reason = $reason AS of_reason,
        -- only a provisioned volume has a name that is no other's
        len($volumes) > 0 AND (namespace = $home OR contains(message, '"pvc-'))
            AND list_has_any($volumes, regexp_extract_all(message, '"([^"]+)"', 1)) AS on_volume,
        len($images) > 0 AND contains(message, 'mage "')
            AND list_contains($images, nullif(regexp_extract(message, '[Ii]mage "([^"]+)"', 1), '')) AS of_image,
        sum(happened(latest, occurrences, step_us, $since, $until)) AS inside,
        sum(occurrences) AS occurrences,
        min(earliest) FILTER (happened(latest, occurrences, step_us, $since, $until) > 0) AS earliest
    FROM occurrences
    WHERE occurrences > 0 AND "day" IS NOT NULL
        AND NOT (kind = $kind AND name = $name AND namespace = coalesce($home, namespace))
        AND (in_namespace OR in_family OR on_node OR of_reason OR of_image OR on_volume)
    GROUP BY ALL
),

-- of what is told of other times only what happened in the window as well
shaped AS (
    SELECT *, shape_of(message, name) AS shape, of_reason AND shape = $shape AS of_shape
    FROM told
    WHERE (kind, reason) IN (SELECT DISTINCT kind, reason FROM told WHERE inside > 0)
),

related AS (
    SELECT
        *,
        -- the nearest first
        list_filter([
            CASE WHEN in_family THEN 'family' END,
            CASE WHEN on_node THEN 'node' END,
            CASE WHEN on_volume THEN 'volume' END,
            CASE WHEN of_image THEN 'image' END,
            CASE WHEN of_shape THEN 'shape' END,
            CASE WHEN in_namespace THEN 'namespace' END
        ], lambda one: one IS NOT NULL) AS ways
    FROM shaped
    WHERE in_namespace OR in_family OR on_node OR of_image OR on_volume OR of_shape
),

grouped AS (
    SELECT
        cluster, namespace, kind, reason, shape, ways[1] AS nearest,
        sum(inside)::BIGINT AS times,
        sum(occurrences) - times AS elsewhere,
        count(DISTINCT object) FILTER (inside > 0) AS objects,
        arg_min(object, (earliest, object)) FILTER (inside > 0) AS object,
        arg_min(message, (earliest, object, message)) FILTER (inside > 0) AS message,
        arg_max(severity, severity_rank(severity)) FILTER (inside > 0) AS severity,
        greatest(min(earliest) FILTER (inside > 0), $since) AS began,
        flatten(list(ways) FILTER (inside > 0)) AS ways
    FROM related
    GROUP BY cluster, namespace, kind, reason, shape, related.ways[1]
    HAVING sum(inside) > 0
)

SELECT
    cluster, namespace, severity, object, objects, reason, times, message,
    ['family', 'node', 'volume', 'image', 'shape', 'namespace'] AS nearer,
    array_to_string(list_filter(nearer, lambda one: list_contains(ways, one)), ', ') AS related,
    list_position(nearer, nearest) AS nearness,
    round(coalesce(elsewhere * inside_us / nullif(outside_us, 0), 0)::DOUBLE, 2) AS usual,
    -- in doublings; half a time more on both sides, so that what happened once is no great surprise
    round(log2((times + 0.5) / (usual + 0.5)), 1) AS surprise,
    surprise + severity_rank(severity) AS weight,
    (epoch_us(began) - epoch_us($at::TIMESTAMPTZ)) / 1e6 AS "offset",
    abs("offset") AS distance
FROM grouped, span
