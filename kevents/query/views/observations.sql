-- The rows of the files that the selection's filters on events let through.
CREATE VIEW stored.of_selected AS
SELECT *
FROM rows_named()
WHERE selected(cluster, namespace, kind, name, name_of(name, event_name), object_of(kind, name_of(name, event_name)), reason,
    api_version,
    component_of(source_component, reporting_controller),
    node_of(kind, name, source_host, reporting_controller, reporting_instance, reason, message));

-- Every observation of an Event, with what the files leave out because other columns say it.
-- The selection's filters on what never changes in the life of an event are applied here, below every difference, so that
-- they reach the Parquet files.
-- rows: the name of stored.of_selected, or of some of its rows, so that what is made of them is made of those alone.
CREATE MACRO stored.told_in(rows) AS TABLE
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
    -- The logical event without building its name: nanoseconds of the name's clock, and its stem where that is not the
    -- object's name. A name in the files and the same name left out of them give the same two.
    stored.name_clock(event_name, first_seen, clock_ns) AS name_clock,
    nullif(CASE WHEN has_clock(event_name) THEN event_name[:-18] ELSE event_name END, name) AS name_stem,
    -- Which object it is, and of which of its events whose clock is the same, if any is: 64 bits tell those of a store
    -- apart.
    hash(
        cluster, namespace, kind,
        CASE WHEN name IS NULL THEN stored.number_of(name_of(name, event_name)) ELSE stored.number_of(name) END
    ) AS object_hash,
    -- Where no clock tells apart as well, a number that is the same by chance would lose an event.
    xor(
        hash(cluster, namespace, kind, stored.number_of(name), name_stem),
        CASE WHEN name_clock IS NULL AND name_stem IS NOT NULL THEN md5_number_lower(name_stem) ELSE 0::UBIGINT END
    ) AS stem_hash,
    event_name IS NULL AND clock_ns IS NULL AS nameless,
    name AS written_name,
    row_id
FROM query_table(rows);

-- The same with what its reason means.
CREATE MACRO stored.observations_in(rows) AS TABLE
SELECT
    * EXCLUDE (rating),
    stored.severity_of(rating, "type", reason) AS severity,
    stored.category_of(rating) AS category
FROM (SELECT *, stored.rating_of(reason, kind, component, message) AS rating FROM stored.told_in(rows));

CREATE VIEW stored.observations AS FROM stored.observations_in('stored.of_selected');

CREATE VIEW observations AS
SELECT * EXCLUDE (name_clock, name_stem, object_hash, stem_hash, nameless, written_name, row_id)
FROM stored.observations
WHERE within(last_seen) AND within_days("day") AND shown("type", message, "count", severity, category);

-- The rows of `observations` as they lie in the files.
CREATE VIEW stored.chosen AS
SELECT * EXCLUDE (rating)
FROM (
    SELECT *, stored.rating_of(reason, kind, component_of(source_component, reporting_controller), message) AS rating
    FROM stored.of_selected
)
WHERE within(last_seen) AND within_days("day")
    AND shown("type", message, "count", stored.severity_of(rating, "type", reason), stored.category_of(rating));

-- Each of some observations with what the one before it of its event said, if any did.
-- Events are told apart by two numbers, of their object and of the clock in their name: sorting by text takes thrice as
-- long.
CREATE MACRO stored.steps_in(observations) AS TABLE
SELECT
    *,
    lag("count") OVER before AS earlier_count,
    lag(first_seen) OVER before AS earlier_first,
    lag(last_seen) OVER before AS earlier_last
FROM query_table(observations)
WINDOW before AS (
    PARTITION BY stem_hash, name_clock
    ORDER BY last_seen NULLS FIRST, "count", resource_version NULLS FIRST
);
