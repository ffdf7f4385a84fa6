-- From the raw fields of core/v1 Events to observations. All rules of precedence are here.
-- `raw` has one row per document: the fields under their own names, as text, counts as integers.
-- A value that its column cannot hold exactly is kept unchanged in `extra`.
WITH parsed AS (
    SELECT
        *,
        time_of("firstTimestamp") AS first_timestamp,
        time_of("lastTimestamp") AS last_timestamp,
        time_of("eventTime") AS event_time,
        time_of("series.lastObservedTime") AS last_observed_time,
        time_of("metadata.creationTimestamp") AS creation_timestamp,
        try_cast("metadata.uid" AS UUID) AS uid_value,
        try_cast("metadata.resourceVersion" AS BIGINT) AS version_value,
        try_cast("involvedObject.resourceVersion" AS BIGINT) AS object_version_value,
        -- most senders set metadata.name to <object>.<UnixNano of the first occurrence in hex>
        CASE WHEN "metadata.name"[-17] = '.' THEN try_cast('0x' || "metadata.name"[-16:] AS BIGINT) END AS name_clock
    FROM raw
),

times AS (
    SELECT
        *,
        coalesce(last_observed_time, last_timestamp, event_time, first_timestamp, creation_timestamp) AS last_seen,
        coalesce(event_time, first_timestamp, last_observed_time, last_timestamp, creation_timestamp) AS first_seen,
        CASE WHEN "series.count" > 0 THEN "series.count" WHEN "count" > 0 THEN "count" ELSE 1 END AS occurrence_count
    FROM parsed
),

clocked AS (
    SELECT
        *,
        -- a number more than 2 s from the first occurrence is not a clock; nanoseconds end in the year 2262
        CASE
            WHEN first_seen BETWEEN TIMESTAMPTZ '2007-01-01 00:00:00Z' AND TIMESTAMPTZ '2262-01-01 00:00:00Z'
                AND abs(name_clock - epoch_ns(first_seen)) <= 2000000000
                THEN (name_clock - epoch_ns(first_seen))::INTEGER
        END AS clock_ns,
        is_seconds("firstTimestamp") AND first_timestamp = first_seen AS first_matches,
        is_seconds("lastTimestamp") AND last_timestamp = last_seen AS last_matches,
        is_microseconds("eventTime") AND event_time = first_seen AS event_time_matches,
        is_microseconds("series.lastObservedTime") AND last_observed_time = last_seen AND "series.count" = occurrence_count
            AS series_matches,
        "count" = occurrence_count AS count_matches,
        is_seconds("metadata.creationTimestamp")
            -- first_seen truncated to the second, without date_trunc, which is slow with time zones
            AND epoch_us(creation_timestamp) = epoch_us(first_seen) - epoch_us(first_seen) % 1000000
            AND epoch_us(first_seen) >= 0 AS created_matches
    FROM times
),

with_extra AS (
    SELECT
        *,
        CASE WHEN first_matches IS NOT TRUE THEN "firstTimestamp" END AS extra_first,
        CASE WHEN last_matches IS NOT TRUE THEN "lastTimestamp" END AS extra_last,
        CASE WHEN event_time_matches IS NOT TRUE THEN "eventTime" END AS extra_event_time,
        CASE WHEN "count" <> occurrence_count THEN "count" END AS extra_count,
        CASE WHEN series_matches IS NOT TRUE THEN "series.count" END AS extra_series_count,
        CASE WHEN series_matches IS NOT TRUE THEN "series.lastObservedTime" END AS extra_series_time,
        CASE
            WHEN is_seconds("metadata.creationTimestamp") IS NOT TRUE OR creation_timestamp IS NULL
                THEN "metadata.creationTimestamp"
        END AS extra_created,
        CASE WHEN uid_value::VARCHAR IS DISTINCT FROM "metadata.uid" THEN "metadata.uid" END AS extra_uid,
        CASE
            WHEN version_value::VARCHAR IS DISTINCT FROM "metadata.resourceVersion" THEN "metadata.resourceVersion"
        END AS extra_version,
        CASE
            WHEN object_version_value::VARCHAR IS DISTINCT FROM "involvedObject.resourceVersion"
                THEN "involvedObject.resourceVersion"
        END AS extra_object_version
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
    occurrence_count AS "count",
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
    CASE WHEN extra_uid IS NULL THEN uid_value END AS uid,
    CASE WHEN extra_version IS NULL THEN version_value END AS resource_version,
    CASE WHEN created_matches THEN NULL ELSE creation_timestamp END AS created,
    nullif("involvedObject.namespace", '') AS object_namespace,
    nullif("involvedObject.uid", '') AS object_uid,
    CASE WHEN extra_object_version IS NULL THEN object_version_value END AS object_resource_version,
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
            CASE WHEN first_matches THEN 'firstTimestamp' END,
            CASE WHEN last_matches THEN 'lastTimestamp' END,
            CASE WHEN event_time_matches THEN 'eventTime' END,
            CASE WHEN series_matches THEN 'series' END,
            CASE WHEN count_matches THEN 'count' END,
            CASE WHEN created_matches THEN 'creationTimestamp' END
        ),
        ''
    ) AS time_fields,
    CASE
        WHEN coalesce(
            extra_first, extra_last, extra_event_time, extra_series_time, extra_created, extra_uid, extra_version,
            extra_object_version, extra_count::VARCHAR, extra_series_count::VARCHAR
        ) IS NULL THEN extra
        -- in a merge patch (RFC 7396) null means "remove": the inner patch drops the nulls, the outer one adds the rest
        ELSE json_merge_patch(
            coalesce(extra, '{}'),
            json_merge_patch('{}', json_object(
                'firstTimestamp', extra_first,
                'lastTimestamp', extra_last,
                'eventTime', extra_event_time,
                'count', extra_count,
                'series', CASE
                    WHEN coalesce(extra_series_time, extra_series_count::VARCHAR) IS NOT NULL
                        THEN json_object('count', extra_series_count, 'lastObservedTime', extra_series_time)
                END,
                'metadata', CASE
                    WHEN coalesce(extra_created, extra_uid, extra_version) IS NOT NULL
                        THEN json_object('creationTimestamp', extra_created, 'uid', extra_uid, 'resourceVersion', extra_version)
                END,
                'involvedObject', CASE
                    WHEN extra_object_version IS NOT NULL THEN json_object('resourceVersion', extra_object_version)
                END
            ))
        )::VARCHAR
    END AS extra
FROM with_extra
