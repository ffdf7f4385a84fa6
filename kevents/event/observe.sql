-- From the raw fields of core/v1 Events to observations: every rule of precedence has its home here.
-- `raw` holds one row a document: the fields as text (counts as integers) under their own names.
-- What a column cannot hold exactly goes into `extra` as it was written.
WITH parsed AS (
    SELECT
        *,
        instant("firstTimestamp") AS first_timestamp,
        instant("lastTimestamp") AS last_timestamp,
        instant("eventTime") AS event_time,
        instant("series.lastObservedTime") AS last_observed_time,
        instant("metadata.creationTimestamp") AS creation_timestamp,
        try_cast("metadata.uid" AS UUID) AS uid_value,
        try_cast("metadata.resourceVersion" AS BIGINT) AS version_value,
        try_cast("involvedObject.resourceVersion" AS BIGINT) AS object_version_value,
        -- metadata.name is <object>.<UnixNano of the first occurrence in hex>, if its sender kept to the habit
        CASE WHEN "metadata.name"[-17] = '.' THEN try_cast('0x' || "metadata.name"[-16:] AS BIGINT) END AS name_clock
    FROM raw
),

seen AS (
    SELECT
        *,
        coalesce(last_observed_time, last_timestamp, event_time, first_timestamp, creation_timestamp) AS last_seen,
        coalesce(event_time, first_timestamp, last_observed_time, last_timestamp, creation_timestamp) AS first_seen,
        CASE WHEN "series.count" > 0 THEN "series.count" WHEN "count" > 0 THEN "count" ELSE 1 END AS times
    FROM parsed
),

clocked AS (
    SELECT
        *,
        -- a clock further than 2 s from the first occurrence is no clock; nanoseconds end in the year 2262
        CASE
            WHEN first_seen BETWEEN TIMESTAMPTZ '2007-01-01 00:00:00Z' AND TIMESTAMPTZ '2262-01-01 00:00:00Z'
                AND abs(name_clock - epoch_ns(first_seen)) <= 2000000000
                THEN (name_clock - epoch_ns(first_seen))::INTEGER
        END AS clock_ns,
        seconds("firstTimestamp") AND first_timestamp = first_seen AS first_holds,
        seconds("lastTimestamp") AND last_timestamp = last_seen AS last_holds,
        microseconds("eventTime") AND event_time = first_seen AS event_time_holds,
        microseconds("series.lastObservedTime") AND last_observed_time = last_seen AND "series.count" = times
            AS series_holds,
        "count" = times AS count_holds,
        seconds("metadata.creationTimestamp")
            -- first_seen's second, without asking ICU for it
            AND epoch_us(creation_timestamp) = epoch_us(first_seen) - epoch_us(first_seen) % 1000000
            AND epoch_us(first_seen) >= 0 AS created_holds
    FROM seen
),

odd AS (
    SELECT
        *,
        CASE WHEN first_holds IS NOT TRUE THEN "firstTimestamp" END AS odd_first,
        CASE WHEN last_holds IS NOT TRUE THEN "lastTimestamp" END AS odd_last,
        CASE WHEN event_time_holds IS NOT TRUE THEN "eventTime" END AS odd_event_time,
        CASE WHEN "count" <> times THEN "count" END AS odd_count,
        CASE WHEN series_holds IS NOT TRUE THEN "series.count" END AS odd_series_count,
        CASE WHEN series_holds IS NOT TRUE THEN "series.lastObservedTime" END AS odd_series_time,
        CASE
            WHEN seconds("metadata.creationTimestamp") IS NOT TRUE OR creation_timestamp IS NULL
                THEN "metadata.creationTimestamp"
        END AS odd_created,
        CASE WHEN uid_value::VARCHAR IS DISTINCT FROM "metadata.uid" THEN "metadata.uid" END AS odd_uid,
        CASE
            WHEN version_value::VARCHAR IS DISTINCT FROM "metadata.resourceVersion" THEN "metadata.resourceVersion"
        END AS odd_version,
        CASE
            WHEN object_version_value::VARCHAR IS DISTINCT FROM "involvedObject.resourceVersion"
                THEN "involvedObject.resourceVersion"
        END AS odd_object_version
    FROM clocked
)

SELECT
    file,
    coalesce(cluster, getvariable('cluster')) AS cluster,
    nullif("metadata.namespace", '') AS namespace,
    nullif("involvedObject.kind", '') AS kind,
    nullif("involvedObject.name", '') AS name,
    last_seen,
    first_seen,
    times AS "count",
    nullif("type", '') AS "type",
    nullif(reason, '') AS reason,
    nullif(message, '') AS message,
    clock_ns,
    CASE
        WHEN clock_ns IS NULL
            OR "metadata.name" IS DISTINCT FROM "involvedObject.name" || "metadata.name"[-17:]
            OR lower("metadata.name"[-16:]) <> "metadata.name"[-16:]
            THEN "metadata.name"
    END AS event_name,
    CASE WHEN odd_uid IS NULL THEN uid_value END AS uid,
    CASE WHEN odd_version IS NULL THEN version_value END AS resource_version,
    CASE WHEN created_holds THEN NULL ELSE creation_timestamp END AS created,
    nullif("involvedObject.namespace", '') AS object_namespace,
    nullif("involvedObject.uid", '') AS object_uid,
    CASE WHEN odd_object_version IS NULL THEN object_version_value END AS object_resource_version,
    nullif("involvedObject.apiVersion", '') AS api_version,
    nullif("involvedObject.fieldPath", '') AS field_path,
    nullif("source.component", '') AS source_component,
    nullif("source.host", '') AS source_host,
    nullif("reportingComponent", '') AS reporting_controller,
    nullif("reportingInstance", '') AS reporting_instance,
    nullif("action", '') AS "action",
    related,
    nullif(
        concat_ws(
            ' ',
            CASE WHEN first_holds THEN 'firstTimestamp' END,
            CASE WHEN last_holds THEN 'lastTimestamp' END,
            CASE WHEN event_time_holds THEN 'eventTime' END,
            CASE WHEN series_holds THEN 'series' END,
            CASE WHEN count_holds THEN 'count' END,
            CASE WHEN created_holds THEN 'creationTimestamp' END
        ),
        ''
    ) AS time_fields,
    CASE
        WHEN coalesce(
            odd_first, odd_last, odd_event_time, odd_series_time, odd_created, odd_uid, odd_version,
            odd_object_version, odd_count::VARCHAR, odd_series_count::VARCHAR
        ) IS NULL THEN extra
        -- a merge patch (RFC 7396) takes null for "remove": the inner one drops the nulls, the outer one adds the rest
        ELSE json_merge_patch(
            coalesce(extra, '{}'),
            json_merge_patch('{}', json_object(
                'firstTimestamp', odd_first,
                'lastTimestamp', odd_last,
                'eventTime', odd_event_time,
                'count', odd_count,
                'series', CASE
                    WHEN coalesce(odd_series_time, odd_series_count::VARCHAR) IS NOT NULL
                        THEN json_object('count', odd_series_count, 'lastObservedTime', odd_series_time)
                END,
                'metadata', CASE
                    WHEN coalesce(odd_created, odd_uid, odd_version) IS NOT NULL
                        THEN json_object('creationTimestamp', odd_created, 'uid', odd_uid, 'resourceVersion', odd_version)
                END,
                'involvedObject', CASE
                    WHEN odd_object_version IS NOT NULL THEN json_object('resourceVersion', odd_object_version)
                END
            ))
        )::VARCHAR
    END AS extra
FROM odd
