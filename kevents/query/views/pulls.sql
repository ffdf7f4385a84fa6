-- What kubelets say of images, in every version's words.
-- "Pulling" is no result yet. "Error: ErrImagePull" and "Error: ImagePullBackOff" name no image and come beside an event
-- that does: they are left out, or each failure would count twice.
CREATE VIEW pulls AS
WITH said AS (
    SELECT
        *,
        stored.words_of(message) AS words,
        CASE
            WHEN reason = 'Pulled' AND starts_with(words, 'Successfully pulled image "') THEN 'pulled'
            WHEN reason = 'Pulled' AND regexp_matches(words, '^Container image "[^"]+" already present') THEN 'cached'
            WHEN reason = 'BackOff' AND starts_with(words, 'Back-off pulling image "') THEN 'backoff'
            WHEN reason = 'Failed' AND starts_with(words, 'Failed to pull image "') THEN 'failed'
            WHEN reason IN ('InspectFailed', 'ErrImageNeverPull') AND contains(words, ' image ') THEN 'failed'
        END AS result
    FROM stored.differences(reason IN ('Pulled', 'BackOff', 'Failed', 'InspectFailed', 'ErrImageNeverPull'))
    WHERE occurrences > 0
)

SELECT
    cluster, namespace,
    CASE WHEN kind = 'Pod' THEN name END AS pod,
    container, node,
    -- what is between the first two quotes; a text that was cut off has one
    CASE WHEN contains(words, '"' || split_part(words, '"', 2) || '"') THEN nullif(split_part(words, '"', 2), '') END AS image,
    result,
    occurrences AS times,
    latest,
    CASE WHEN result = 'pulled' THEN pull_took(words) END AS took,
    CASE WHEN result = 'pulled' THEN pull_waited(words) END AS waited,
    CASE
        WHEN result = 'pulled' THEN try_cast(regexp_extract(words, 'Image size: ([0-9]+) bytes', 1) AS BIGINT)
    END AS size,
    CASE
        WHEN reason = 'ErrImageNeverPull' THEN words
        WHEN result IN ('failed', 'backoff') THEN nullif(regexp_extract(words, '(?s)^[^"]*"[^"]+": ?(.*)$', 1), '')
    END AS error,
    last_seen, first_seen, "count", step_us, reason, "type", component, kind, name, object, event_name, message
FROM said
WHERE result IS NOT NULL;
