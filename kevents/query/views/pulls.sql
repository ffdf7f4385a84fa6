-- Image pulls, from the messages of kubelets of every version.
-- "Pulling" is not a result yet. "Error: ErrImagePull" and "Error: ImagePullBackOff" name no image and accompany an event
-- that does. They are left out, otherwise each failure would be counted twice.
CREATE VIEW pulls AS
WITH messages AS (
    SELECT
        *,
        stored.strip_combined(message) AS text,
        CASE
            WHEN reason = 'Pulled' AND starts_with(text, 'Successfully pulled image "') THEN 'pulled'
            WHEN reason = 'Pulled' AND regexp_matches(text, '^Container image "[^"]+" already present') THEN 'cached'
            WHEN reason = 'BackOff' AND starts_with(text, 'Back-off pulling image "') THEN 'backoff'
            WHEN reason = 'Failed' AND starts_with(text, 'Failed to pull image "') THEN 'failed'
            WHEN reason IN ('InspectFailed', 'ErrImageNeverPull') AND contains(text, ' image ') THEN 'failed'
        END AS result
    FROM stored.differences(reason IN ('Pulled', 'BackOff', 'Failed', 'InspectFailed', 'ErrImageNeverPull'))
    WHERE occurrences > 0
)

SELECT
    cluster, namespace,
    CASE WHEN kind = 'Pod' THEN name END AS pod,
    container, node,
    -- the text between the first two quotes; a truncated message has only one quote
    CASE WHEN contains(text, '"' || split_part(text, '"', 2) || '"') THEN nullif(split_part(text, '"', 2), '') END AS image,
    result,
    occurrences AS times,
    latest,
    CASE WHEN result = 'pulled' THEN pull_took(text) END AS took,
    CASE WHEN result = 'pulled' THEN pull_waited(text) END AS waited,
    CASE
        WHEN result = 'pulled' THEN try_cast(regexp_extract(text, 'Image size: ([0-9]+) bytes', 1) AS BIGINT)
    END AS size,
    CASE
        WHEN reason = 'ErrImageNeverPull' THEN text
        WHEN result IN ('failed', 'backoff') THEN nullif(regexp_extract(text, '(?s)^[^"]*"[^"]+": ?(.*)$', 1), '')
    END AS error,
    last_seen, first_seen, "count", step_us, reason, "type", component, kind, name, object, event_name, message
FROM messages
WHERE result IS NOT NULL;
