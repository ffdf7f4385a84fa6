-- The newest sighting of each logical event (cluster, namespace, event name): its state, as of --until.
-- Cutting to the window before looking for the newest is right: of an event that was seen in the window, the newest
-- sighting that counts is in the window too.
CREATE VIEW stored.newest AS
SELECT *
FROM (
    SELECT *
    FROM stored.sightings
    WHERE within(last_seen) AND within_days("day")
    QUALIFY nameless OR row_number() OVER (
        PARTITION BY cluster, namespace, kind, name, name_stem, name_clock
        ORDER BY last_seen DESC, "count" DESC, resource_version DESC
    ) = 1
)
WHERE shown("type", message, "count", severity, category);

CREATE VIEW events AS
SELECT * EXCLUDE (name_clock, name_stem, nameless, written_name)
FROM stored.newest;
