-- summary = "What else happened around an object's worst event"
-- order = ["weight DESC", "closeness", "distance", "reason", "object", "message"]
-- cap = 20
-- [parameters]
-- at = { value = "time", metavar = "TIME", help = "The moment." }
-- since = { value = "time", metavar = "TIME", help = "Start of the window." }
-- until = { value = "time", metavar = "TIME", help = "End of the window (exclusive)." }
-- kind = { metavar = "KIND", help = "The object's kind." }
-- name = { metavar = "NAME", help = "The object's name." }
-- home = { metavar = "NAME", help = "The object's namespace." }
-- members = { metavar = "TYPE/NAME", help = "Its family." }
-- nodes = { metavar = "NAME", help = "Its nodes." }
-- images = { metavar = "IMAGE", help = "Its images." }
-- volumes = { metavar = "NAME", help = "Its volumes." }
-- reason = { metavar = "REASON", help = "The reason of its worst event." }
-- pattern = { metavar = "PATTERN", help = "The message pattern of that event." }
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
WITH lengths AS (
    SELECT
        epoch_us($until::TIMESTAMPTZ) - epoch_us($since::TIMESTAMPTZ) AS inside_us,
        epoch_us(greatest(max(last_seen), $until)) - epoch_us(least(min(stored.first_occurrence(first_seen, last_seen, "count")), $since)) - inside_us AS outside_us
    FROM observations
    WHERE "day" IS NOT NULL
),

-- filter by what is cheap to check before computing patterns, and compute each message's pattern only once
candidates AS (
    SELECT
        cluster, namespace, kind, name, object, severity, reason, message,
        namespace = $home AS same_namespace,
        list_contains($members, object) AND (kind = 'Node' OR namespace = coalesce($home, namespace)) AS same_family,
        list_contains($nodes, node) AS same_node,
        reason = $reason AS same_reason,
        -- outside the namespace only the name of a provisioned volume is unique
        len($volumes) > 0 AND (namespace = $home OR contains(message, '"pvc-'))
            AND list_has_any($volumes, regexp_extract_all(message, '"([^"]+)"', 1)) AS same_volume,
        len($images) > 0 AND contains(message, 'mage "') AND list_contains($images, stored.image_named(message)) AS same_image,
        sum(happened(latest, occurrences, step_us, $since, $until)) AS inside,
        sum(occurrences) AS occurrences,
        min(earliest) FILTER (happened(latest, occurrences, step_us, $since, $until) > 0) AS earliest
    FROM occurrences
    WHERE occurrences > 0 AND "day" IS NOT NULL
        AND NOT (kind = $kind AND name = $name AND namespace = coalesce($home, namespace))
        AND (same_namespace OR same_family OR same_node OR same_reason OR same_image OR same_volume)
    GROUP BY ALL
),

-- events outside the window count only if the same kind and reason also occurred inside
masked AS (
    SELECT *, shape_of(message, name) AS pattern, same_reason AND pattern = $pattern AS same_pattern
    FROM candidates
    WHERE (kind, reason) IN (SELECT DISTINCT kind, reason FROM candidates WHERE inside > 0)
),

related AS (
    SELECT
        *,
        -- closest relation first
        list_filter([
            CASE WHEN same_family THEN 'family' END,
            CASE WHEN same_node THEN 'node' END,
            CASE WHEN same_volume THEN 'volume' END,
            CASE WHEN same_image THEN 'image' END,
            CASE WHEN same_pattern THEN 'pattern' END,
            CASE WHEN same_namespace THEN 'namespace' END
        ], lambda relation: relation IS NOT NULL) AS relations
    FROM masked
    WHERE same_namespace OR same_family OR same_node OR same_image OR same_volume OR same_pattern
),

grouped AS (
    SELECT
        cluster, namespace, kind, reason, pattern, relations[1] AS closest,
        sum(inside)::BIGINT AS times,
        sum(occurrences) - times AS elsewhere,
        count(DISTINCT object) FILTER (inside > 0) AS objects,
        arg_min(object, (earliest, object)) FILTER (inside > 0) AS object,
        arg_min(message, (earliest, object, message)) FILTER (inside > 0) AS message,
        arg_max(severity, severity_rank(severity)) FILTER (inside > 0) AS severity,
        greatest(min(earliest) FILTER (inside > 0), $since) AS started,
        flatten(list(relations) FILTER (inside > 0)) AS relations
    FROM related
    GROUP BY cluster, namespace, kind, reason, pattern, related.relations[1]
    HAVING sum(inside) > 0
)

SELECT
    cluster, namespace, severity, object, objects, reason, times, message,
    ['family', 'node', 'volume', 'image', 'pattern', 'namespace'] AS closest_first,
    array_to_string(list_filter(closest_first, lambda relation: list_contains(relations, relation)), ', ') AS related,
    list_position(closest_first, closest) AS closeness,
    round(coalesce(elsewhere * inside_us / nullif(outside_us, 0), 0)::DOUBLE, 2) AS usual,
    -- log2 of the ratio; half an occurrence is added on both sides, so that a single one does not rank too high
    round(log2((times + 0.5) / (usual + 0.5)), 1) AS surprise,
    surprise + severity_rank(severity) AS weight,
    (epoch_us(started) - epoch_us($at::TIMESTAMPTZ)) / 1e6 AS "offset",
    abs("offset") AS distance
FROM grouped, lengths
