-- With a time window: the rows that the window's occurrences can depend on. Leaving the others out changes no result.
-- Occurrences are counted from the difference to the event's previous observation (occurrences.sql), so some of the rows
-- that are needed lie outside the window.
--
-- A regular event has no observation before the clock in its name, and each observation has a first_seen within 2 s of
-- that clock, so the first_seen of two of its observations differ by at most 4 s. Hence
-- - an observation after the window matters only if its first_seen is less than 4 s after the window's end;
-- - an event has observations before the window only if first_seen is less than 4 s after the window's start;
-- - and those are no older than the smallest such first_seen minus 4 s: earlier days need not be read.
-- For objects with an irregular observation everything is read. Reading a row too many does no harm.
CREATE TEMP MACRO before_window_days(date) AS date < window_start()::DATE;
CREATE TEMP MACRO after_window_days(date) AS date > window_last()::DATE;
CREATE MACRO stored.event_hash(name, first_seen, clock_ns) AS hash(name, name_time(first_seen, clock_ns));

-- condition: on values that never change for an event
CREATE TEMP MACRO window_rows(condition) AS TABLE
WITH matching AS NOT MATERIALIZED (FROM stored.selected_rows WHERE condition),

-- Lists, because a list always becomes the small side of a join. A row without a name is always irregular.
irregular AS MATERIALIZED (
    SELECT list(DISTINCT name) AS names
    FROM matching
    -- a regular one was never seen before the clock in its name, which is within 2 s of first_seen
    WHERE (event_name IS NULL AND clock_ns BETWEEN -2000000000 AND 2000000000 AND first_seen <= last_seen) IS NOT TRUE
),

started_before AS MATERIALIZED (
    SELECT
        list(DISTINCT stored.event_hash(name, first_seen, clock_ns)) AS hashes,
        min(first_seen) - INTERVAL 4 SECOND AS since
    FROM matching
    WHERE (in_window_days("day") OR after_window_days("day"))
        AND first_seen < window_start() + INTERVAL 4 SECOND
        AND name NOT IN (SELECT unnest(names) FROM irregular)
)

FROM matching
WHERE in_window_days("day")

UNION ALL

FROM matching
WHERE after_window_days("day") AND first_seen < window_end() + INTERVAL 4 SECOND

UNION ALL

FROM matching
WHERE after_window_days("day") AND (first_seen < window_end() + INTERVAL 4 SECOND) IS NOT TRUE
    AND name IN (SELECT unnest(names) FROM irregular)

UNION ALL

FROM matching
WHERE after_window_days("day") AND (first_seen < window_end() + INTERVAL 4 SECOND) IS NOT TRUE AND name IS NULL

UNION ALL

FROM matching
WHERE before_window_days("day") AND name IN (SELECT unnest(names) FROM irregular)

UNION ALL

FROM matching
WHERE before_window_days("day") AND name IS NULL

UNION ALL

FROM matching
WHERE before_window_days("day") AND first_seen >= (SELECT since FROM started_before)
    AND stored.event_hash(name, first_seen, clock_ns) IN (SELECT unnest(hashes) FROM started_before);

CREATE TEMP MACRO observations_with_previous(condition) AS TABLE
WITH needed_rows AS NOT MATERIALIZED (FROM window_rows(condition)),

needed AS NOT MATERIALIZED (FROM stored.observations_in('needed_rows'))

FROM stored.with_previous('needed');
