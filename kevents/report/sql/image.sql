-- summary = "One image's history, pull by pull"
-- is_command = false
-- order = ["latest", "cluster", "namespace", "pod", "result"]
-- keeps_newest = true
-- cap = 1000
-- [columns]
-- cluster = { show = "varies" }
-- namespace = { show = "varies" }
-- latest = { kind = "time", label = "WHEN" }
-- image = { show = "varies" }
-- result = "text"
-- times = "number"
-- took = "duration"
-- waited = "duration"
-- size = "bytes"
-- node = "text"
-- pod = "text"
-- container = "text"
-- error = "text"
WITH named AS (
    SELECT
        *,
        regexp_replace(image, '@.*$', '') AS tagged,
        regexp_replace(tagged, ':[^/:]*$', '') AS repository
    FROM pulls
)

SELECT *
FROM named
-- with or without registry, tag and digest: nginx is docker.io/library/nginx:1.29, and never my-nginx
WHERE $name IN (image, tagged, repository)
    OR ends_with(image, '/' || $name)
    OR ends_with(tagged, '/' || $name)
    OR ends_with(repository, '/' || $name)
