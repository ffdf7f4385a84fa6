-- The same as around.sql where there is no window: everything counts, and is read twice, for what is sorted must be narrow.
CREATE TEMP MACRO sighting_steps(wanted) AS TABLE
WITH whole AS NOT MATERIALIZED (FROM stored.of_selected WHERE wanted)

SELECT *
FROM stored.sightings_in('whole')
LEFT JOIN (
    SELECT
        row_id,
        lag("count") OVER before AS earlier_count,
        lag(first_seen) OVER before AS earlier_first,
        lag(last_seen) OVER before AS earlier_last
    FROM stored.told_in('whole')
    WINDOW before AS (
        PARTITION BY stem_hash, name_clock
        ORDER BY last_seen NULLS FIRST, "count", resource_version NULLS FIRST
    )
    QUALIFY earlier_count IS NOT NULL
) USING (row_id);
