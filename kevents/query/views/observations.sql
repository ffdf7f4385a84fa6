-- The rows of the files that match the selection's filters on events.
CREATE VIEW stored.selected_rows AS
SELECT *
FROM candidate_rows()
WHERE event_matches(
    cluster, namespace, kind, name, name_of(name, event_name), object_of(kind, name_of(name, event_name)), reason, api_version,
    component_of(source_component, reporting_controller),
    node_of(kind, name, source_host, reporting_controller, reporting_instance, reason, message)
);

-- Every observation, with the values restored that the files omit because other columns imply them.
-- The filters on values that never change for an event were applied before, so that they are pushed down to the Parquet
-- files.
-- rows: the name of stored.selected_rows, or of a subset of its rows, so that only these are decoded.
CREATE MACRO stored.decoded(rows) AS TABLE
SELECT
    namespace, kind,
    name_of(name, event_name) AS name,
    last_seen, first_seen, "count", "type", reason, message, clock_ns,
    coalesce(event_name, name || '.' || lower(hex(name_time(first_seen, clock_ns)))) AS event_name,
    coalesce(uid::VARCHAR, extra ->> '$.metadata.uid') AS uid,
    resource_version,
    CASE
        WHEN created IS NOT NULL THEN created
        WHEN contains(time_fields, 'creationTimestamp') THEN date_trunc('second', first_seen)
    END AS created,
    object_namespace, object_uid, object_resource_version, api_version, field_path, source_component, source_host,
    reporting_controller, reporting_instance, "action", related::JSON AS related, time_fields, extra::JSON AS extra, cluster, "day",
    object_of(kind, name_of(name, event_name)) AS object,
    nullif(regexp_extract(field_path, '[{](.*)[}]$', 1), '') AS container,
    component_of(source_component, reporting_controller) AS component,
    node_of(kind, name, source_host, reporting_controller, reporting_instance, reason, message) AS node,
    -- Identify the event without building its name: by the clock in the name, in nanoseconds, and by the rest of the name
    -- if that differs from the object's name. A name in the files and the same name omitted give the same values.
    stored.name_clock(event_name, first_seen, clock_ns) AS name_clock,
    nullif(CASE WHEN has_clock(event_name) THEN event_name[:-18] ELSE event_name END, name) AS name_stem,
    -- The object, as 64 bits, which are enough to keep the objects of a store apart.
    hash(
        cluster, namespace, kind,
        CASE WHEN name IS NULL THEN stored.text_hash(name_of(name, event_name)) ELSE stored.text_hash(name) END
    ) AS object_hash,
    -- The object and the stem of the event's name. Without a clock, only this keeps events apart, and a collision would
    -- lose one: so the stem is hashed a second time.
    xor(
        hash(cluster, namespace, kind, stored.text_hash(name), name_stem),
        CASE WHEN name_clock IS NULL AND name_stem IS NOT NULL THEN md5_number_lower(name_stem) ELSE 0::UBIGINT END
    ) AS stem_hash,
    event_name IS NULL AND clock_ns IS NULL AS nameless,
    name AS written_name,
    row_id
FROM query_table(rows);

-- Decoded rows with severity and category.
CREATE MACRO stored.observations_in(rows) AS TABLE
SELECT
    * EXCLUDE (rating),
    stored.severity_of(rating, "type", reason) AS severity,
    stored.category_of(rating) AS category
FROM (SELECT *, stored.rating_index(reason, kind, component, message) AS rating FROM stored.decoded(rows));

CREATE VIEW stored.observations AS FROM stored.observations_in('stored.selected_rows');

CREATE VIEW observations AS
SELECT * EXCLUDE (name_clock, name_stem, object_hash, stem_hash, nameless, written_name, row_id)
FROM stored.observations
WHERE in_window(last_seen) AND in_window_days("day") AND observation_matches("type", message, "count", severity, category);

-- The rows of `observations`, encoded as in the files.
CREATE VIEW stored.filtered_rows AS
SELECT * EXCLUDE (rating)
FROM (
    SELECT *, stored.rating_index(reason, kind, component_of(source_component, reporting_controller), message) AS rating
    FROM stored.selected_rows
)
WHERE in_window(last_seen) AND in_window_days("day")
    AND observation_matches(
        "type", message, "count", stored.severity_of(rating, "type", reason), stored.category_of(rating)
    );

-- The series of an observation: the occurrences that one count covers. A sender that restarts begins a new one with a new
-- first_seen. If the name has a clock, it tells more than first_seen, which is cut to seconds by some senders.
CREATE MACRO stored.series_of(name_clock, first_seen) AS (
    CASE
        WHEN abs(name_clock::HUGEINT - stored.nanoseconds(first_seen)) <= 2000000000 THEN NULL
        ELSE epoch_us(first_seen) // 1000000
    END
);

-- Each observation with the count and times of the event's previous observation, if there is one, and the highest count
-- before it in its series: a clock that was set back sorts a higher count before a lower one.
-- Events are identified by two numbers, for their object and for the clock in their name: sorting by text takes three
-- times as long.
CREATE MACRO stored.with_previous(observations) AS TABLE
SELECT
    *,
    lag("count") OVER event_order AS previous_count,
    lag(first_seen) OVER event_order AS previous_first_seen,
    lag(last_seen) OVER event_order AS previous_last_seen,
    max("count") OVER series_order AS previous_maximum
FROM query_table(observations)
WINDOW event_order AS (
    PARTITION BY stem_hash, name_clock
    ORDER BY last_seen NULLS FIRST, "count", resource_version NULLS FIRST
),
series_order AS (
    PARTITION BY stem_hash, name_clock, stored.series_of(name_clock, first_seen)
    ORDER BY last_seen NULLS FIRST, "count", resource_version NULLS FIRST
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
);
