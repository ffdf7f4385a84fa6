-- summary = "Image pulls: counts, durations, cache hits and failures"
-- examples = ["kevents images --since 1d", "kevents images checkout"]
-- order = ["problems DESC", "pulls DESC", "cached DESC", "image"]
-- empty = "No image pulls found."
-- [argument]
-- metavar = "IMAGE"
-- help = "Show every pull of this image. Accepts a full name or just part of it (without registry, tag or digest)."
-- report = "image"
-- [columns]
-- image = "text"
-- pulls = "number"
-- cached = "number"
-- failed = "number"
-- backoff = "number"
-- took_median = { kind = "duration", label = "TOOK" }
-- took_p95 = { kind = "duration", label = "TOOK P95" }
-- waited_median = { kind = "duration", label = "WAITED" }
-- waited_p95 = { kind = "duration", label = "WAITED P95" }
-- size = "bytes"
-- nodes = "number"
-- last_pulled = "time"
SELECT
    image,
    coalesce(sum(times) FILTER (result = 'pulled'), 0)::BIGINT AS pulls,
    coalesce(sum(times) FILTER (result = 'cached'), 0)::BIGINT AS cached,
    coalesce(sum(times) FILTER (result = 'failed'), 0)::BIGINT AS failed,
    coalesce(sum(times) FILTER (result = 'backoff'), 0)::BIGINT AS backoff,
    failed + backoff AS problems,
    median(took) AS took_median,
    quantile_cont(took, 0.95) AS took_p95,
    median(waited) AS waited_median,
    quantile_cont(waited, 0.95) AS waited_p95,
    arg_max(size, latest) AS size,
    count(DISTINCT (cluster, node)) FILTER (node IS NOT NULL) AS nodes,
    max(latest) FILTER (result = 'pulled') AS last_pulled
FROM pulls
WHERE image IS NOT NULL
GROUP BY image
