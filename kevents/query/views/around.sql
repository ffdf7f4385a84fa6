-- The sightings that the occurrences of a window follow from; what is left out cannot change them.
-- Each is compared with the sighting of its event before it (occurrences.sql), so some that count lie outside.
--
-- Of a regular event no sighting lies before the clock in its name, and each has a first_seen within 2 s of that clock,
-- so that two of its sightings say first_seen at most 4 s apart. Hence
-- - a sighting behind the window tells of it only if first_seen is before the window's end, or 4 s after;
-- - an event has sightings before the window only if first_seen is before the window's start, or 4 s after.
-- Of events with a sighting that is not regular everything is read. An event too many, of the same hash, does no harm.
CREATE MACRO stored.before_days(date) AS date < window_start()::DATE;
CREATE MACRO stored.after_days(date) AS date > window_end()::DATE;
CREATE MACRO stored.event_hash(name, name_clock) AS hash(name, name_clock);

CREATE VIEW stored.not_before AS
FROM stored.sightings
WHERE within_days("day")
UNION ALL
FROM stored.sightings
WHERE stored.after_days("day") AND (
    NOT is_regular
    OR first_seen < window_end() + INTERVAL 4 SECOND
    OR stored.event_hash(name, name_clock) IN (
        SELECT stored.event_hash(name, name_clock)
        FROM stored.sightings
        WHERE NOT is_regular AND name_clock IS NOT NULL
    )
);

CREATE VIEW stored.around AS
FROM stored.not_before
UNION ALL
FROM stored.sightings
WHERE stored.before_days("day") AND (
    NOT is_regular
    OR stored.event_hash(name, name_clock) IN (
        SELECT stored.event_hash(name, name_clock)
        FROM stored.not_before
        WHERE name_clock IS NOT NULL AND (NOT is_regular OR first_seen < window_start() + INTERVAL 4 SECOND)
    )
);
