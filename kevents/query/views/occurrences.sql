-- Every observation with the occurrences that are new since the event's previous observation, evenly spread.
-- An observation after the window can contain occurrences in the window, and one before the window can be the previous
-- one. So the window is applied last, by counting the occurrences in it.
-- condition: on values that never change for an event; it is applied before counts are subtracted.
CREATE MACRO stored.differences(condition) AS TABLE
WITH counted AS (
    SELECT
        *,
        -- a new series: the first observation, and the first one after the sender restarted; its complete count is new
        nameless OR previous_count IS NULL
        OR (previous_maximum IS NULL AND "count" < previous_count AND first_seen > previous_first_seen) AS is_new_series,
        CASE
            WHEN is_new_series THEN "count"
            ELSE greatest("count" - coalesce(previous_maximum, previous_count), 0)
        END AS added,
        -- the newest is at last_seen, the oldest at first_seen, or one step after the previous observation
        coalesce(CASE
            WHEN is_new_series AND added > 1 THEN greatest(epoch_us(last_seen) - epoch_us(first_seen), 0) // (added - 1)
            WHEN NOT is_new_series AND added > 0
                THEN greatest(epoch_us(last_seen) - epoch_us(previous_last_seen), 0) // added
        END, 0) AS step_us
    FROM observations_with_previous(condition)
),

windowed AS (
    SELECT
        * EXCLUDE (
            name_clock, name_stem, stem_hash, nameless, written_name, row_id, previous_count, previous_first_seen,
            previous_last_seen, previous_maximum, is_new_series, added, step_us
        ),
        happened(last_seen, added, step_us, window_start(), window_end()) AS occurrences,
        step_us,
        CASE
            WHEN occurrences > 0 AND last_seen >= window_end()
                THEN last_seen - to_microseconds(stored.at_or_after(last_seen, added, step_us, window_end()) * step_us)
            WHEN occurrences > 0 THEN last_seen
        END AS latest,
        latest - to_microseconds((occurrences - 1) * step_us) AS earliest
    FROM counted
)

SELECT *
FROM windowed
WHERE (occurrences > 0 OR in_window(last_seen)) AND observation_matches("type", message, "count", severity, category);

CREATE VIEW occurrences AS SELECT * EXCLUDE (object_hash) FROM stored.differences(true);
