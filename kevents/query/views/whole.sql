-- The same as around.sql where there is no window: everything counts, and is read twice, for what is sorted must be narrow.
CREATE TEMP MACRO observation_steps(wanted) AS TABLE
WITH whole AS NOT MATERIALIZED (FROM stored.of_selected WHERE wanted),

told AS NOT MATERIALIZED (FROM stored.told_in('whole'))

SELECT *
FROM stored.observations_in('whole')
LEFT JOIN (
    SELECT row_id, earlier_count, earlier_first, earlier_last
    FROM stored.steps_in('told')
    WHERE earlier_count IS NOT NULL
) USING (row_id);
