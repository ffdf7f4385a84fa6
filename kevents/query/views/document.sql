-- An observation as the core/v1 Event that it came from. time_fields names those of the event's own fields that hold
-- exactly what the columns hold; all else is in extra, as it was written.
CREATE MACRO stored.seconds(moment) AS strftime(moment, '%Y-%m-%dT%H:%M:%SZ');
CREATE MACRO stored.microseconds(moment) AS strftime(moment, '%Y-%m-%dT%H:%M:%S.%fZ');
CREATE MACRO stored.holds(time_fields, field) AS list_contains(string_split(time_fields, ' '), field);
-- merging a patch drops its nulls
CREATE MACRO stored.without_nulls(object) AS json_merge_patch('{}', object);

CREATE MACRO event_document(e, object_name) AS json_merge_patch(
    json_merge_patch(
        -- what kubectl prints even where it is empty
        '{"apiVersion":"v1","kind":"Event","metadata":{"creationTimestamp":null},"involvedObject":{},"source":{},'
        || '"firstTimestamp":null,"lastTimestamp":null,"eventTime":null,"reportingComponent":"","reportingInstance":""}',
        stored.without_nulls(json_object(
            'metadata', json_object(
                'name', (e).event_name,
                'namespace', (e).namespace,
                'uid', (e).uid,
                'resourceVersion', (e).resource_version::VARCHAR,
                'creationTimestamp', stored.seconds((e).created)
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
            CASE WHEN stored.holds((e).time_fields, 'firstTimestamp') THEN stored.seconds((e).first_seen) END,
            'lastTimestamp',
            CASE WHEN stored.holds((e).time_fields, 'lastTimestamp') THEN stored.seconds((e).last_seen) END,
            'eventTime',
            CASE WHEN stored.holds((e).time_fields, 'eventTime') THEN stored.microseconds((e).first_seen) END,
            'count', CASE WHEN stored.holds((e).time_fields, 'count') THEN (e)."count" END,
            'series', CASE
                WHEN stored.holds((e).time_fields, 'series')
                    THEN json_object('count', (e)."count", 'lastObservedTime', stored.microseconds((e).last_seen))
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
