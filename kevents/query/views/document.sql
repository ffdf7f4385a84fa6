-- An observation as the core/v1 Event that it came from. time_fields lists the event's fields whose values equal the time
-- and count columns; values that no column holds are in extra, unchanged.
CREATE MACRO stored.format_seconds(moment) AS strftime(moment, '%Y-%m-%dT%H:%M:%SZ');
CREATE MACRO stored.format_microseconds(moment) AS strftime(moment, '%Y-%m-%dT%H:%M:%S.%fZ');
CREATE MACRO stored.has_field(time_fields, field) AS list_contains(string_split(time_fields, ' '), field);
-- a merge patch (RFC 7396) removes nulls
CREATE MACRO stored.without_nulls(object) AS json_merge_patch('{}', object);

CREATE MACRO event_document(e, object_name) AS json_merge_patch(
    json_merge_patch(
        -- fields that kubectl prints even if they are empty
        '{"apiVersion":"v1","kind":"Event","metadata":{"creationTimestamp":null},"involvedObject":{},"source":{},'
        || '"firstTimestamp":null,"lastTimestamp":null,"eventTime":null,"reportingComponent":"","reportingInstance":""}',
        stored.without_nulls(json_object(
            'metadata', json_object(
                'name', (e).event_name,
                'namespace', (e).namespace,
                'uid', (e).uid,
                'resourceVersion', (e).resource_version::VARCHAR,
                'creationTimestamp', stored.format_seconds((e).created)
            ),
            'involvedObject', json_object(
                'kind', (e).kind,
                'namespace', (e).object_namespace,
                'name', object_name,
                'uid', (e).object_uid,
                'apiVersion', (e).api_version,
                'resourceVersion', (e).object_resource_version::VARCHAR,
                'fieldPath', (e).field_path
            ),
            'reason', (e).reason,
            'message', (e).message,
            'source', json_object('component', (e).source_component, 'host', (e).source_host),
            'firstTimestamp',
            CASE WHEN stored.has_field((e).time_fields, 'firstTimestamp') THEN stored.format_seconds((e).first_seen) END,
            'lastTimestamp',
            CASE WHEN stored.has_field((e).time_fields, 'lastTimestamp') THEN stored.format_seconds((e).last_seen) END,
            'eventTime',
            CASE WHEN stored.has_field((e).time_fields, 'eventTime') THEN stored.format_microseconds((e).first_seen) END,
            'count', CASE WHEN stored.has_field((e).time_fields, 'count') THEN (e)."count" END,
            'series', CASE
                WHEN stored.has_field((e).time_fields, 'series')
                    THEN json_object('count', (e)."count", 'lastObservedTime', stored.format_microseconds((e).last_seen))
            END,
            'type', (e)."type",
            'action', (e)."action",
            'related', (e).related,
            'reportingComponent', (e).reporting_controller,
            'reportingInstance', (e).reporting_instance
        ))
    ),
    coalesce((e).extra, '{}')
);
