-- Without a time window every row counts. The rows are read twice, so that only a few columns have to be sorted.
CREATE TEMP MACRO observations_with_previous(condition) AS TABLE
WITH matching AS NOT MATERIALIZED (FROM stored.selected_rows WHERE condition),

decoded AS NOT MATERIALIZED (FROM stored.decoded('matching'))

SELECT *
FROM stored.observations_in('matching')
LEFT JOIN (
    SELECT row_id, previous_count, previous_first_seen, previous_last_seen, previous_maximum
    FROM stored.with_previous('decoded')
    WHERE previous_count IS NOT NULL
) USING (row_id);
