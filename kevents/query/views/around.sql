-- The rows that the occurrences of a window follow from; what is left out cannot change them.
-- Each is compared with the observation of its event before it (occurrences.sql), so some that count lie outside.
--
-- Of a regular event no observation lies before the clock in its name, and each has a first_seen within 2 s of that clock,
-- so that two of its observations say first_seen at most 4 s apart. Hence
-- - a observation behind the window tells of it only if first_seen is before the window's end, or 4 s after;
-- - an event has observations before the window only if first_seen is before the window's start, or 4 s after;
-- - and those lie after the least of all such first_seen, or 4 s before it: days before that need not be read.
-- Of objects with a observation that is not regular everything is read. A observation too many does no harm.
CREATE TEMP MACRO before_window_days(date) AS date < window_start()::DATE;
CREATE TEMP MACRO after_window_days(date) AS date > window_last()::DATE;
CREATE MACRO stored.event_hash(name, first_seen, clock_ns) AS hash(name, name_time(first_seen, clock_ns));

-- wanted: a condition on what stays the same over the life of an event
CREATE TEMP MACRO rows_around(wanted) AS TABLE
WITH told AS NOT MATERIALIZED (FROM stored.of_selected WHERE wanted),

-- Lists, for a list is never taken for the larger side of a join. A row without a name is never regular.
strange AS MATERIALIZED (
    SELECT list(DISTINCT name) AS names
    FROM told
    -- never seen before the clock in its name, which is within 2 s of first_seen
    WHERE (event_name IS NULL AND clock_ns BETWEEN -2000000000 AND 2000000000 AND first_seen <= last_seen) IS NOT TRUE
),

begun_before AS MATERIALIZED (
    SELECT
        list(DISTINCT stored.event_hash(name, first_seen, clock_ns)) AS hashes,
        min(first_seen) - INTERVAL 4 SECOND AS since
    FROM told
    WHERE (within_days("day") OR after_window_days("day"))
        AND first_seen < window_start() + INTERVAL 4 SECOND
        AND name NOT IN (SELECT unnest(names) FROM strange)
)

FROM told
WHERE within_days("day")

UNION ALL

FROM told
WHERE after_window_days("day") AND first_seen < window_end() + INTERVAL 4 SECOND

UNION ALL

FROM told
WHERE after_window_days("day") AND (first_seen < window_end() + INTERVAL 4 SECOND) IS NOT TRUE
    AND name IN (SELECT unnest(names) FROM strange)

UNION ALL

FROM told
WHERE after_window_days("day") AND (first_seen < window_end() + INTERVAL 4 SECOND) IS NOT TRUE AND name IS NULL

UNION ALL

FROM told
WHERE before_window_days("day") AND name IN (SELECT unnest(names) FROM strange)

UNION ALL

FROM told
WHERE before_window_days("day") AND name IS NULL

UNION ALL

FROM told
WHERE before_window_days("day") AND first_seen >= (SELECT since FROM begun_before)
    AND stored.event_hash(name, first_seen, clock_ns) IN (SELECT unnest(hashes) FROM begun_before);

CREATE TEMP MACRO observation_steps(wanted) AS TABLE
WITH around AS NOT MATERIALIZED (FROM rows_around(wanted)),

nearby AS NOT MATERIALIZED (FROM stored.observations_in('around'))

FROM stored.steps_in('nearby');
