-- How often it happened: every observation with the occurrences that are new since the one before it, evenly spread.
-- A observation after the window may tell of occurrences in it, and one before it is what the difference is taken from:
-- so time cuts last, by counting the happenings in the window.
-- wanted: a condition on what stays the same over the life of an event, applied below the difference.
CREATE MACRO stored.differences(wanted) AS TABLE
WITH counted AS (
    SELECT
        *,
        -- the first observation tells of the whole count, and so does the first after a restart of the sender
        nameless OR earlier_count IS NULL OR ("count" < earlier_count AND first_seen > earlier_first) AS begins,
        CASE WHEN begins THEN "count" ELSE greatest("count" - earlier_count, 0) END AS added,
        -- of n happenings the newest is at last seen; the oldest at first seen, or one step after the observation before
        coalesce(CASE
            WHEN begins AND added > 1 THEN greatest(epoch_us(last_seen) - epoch_us(first_seen), 0) // (added - 1)
            WHEN NOT begins AND added > 0 THEN greatest(epoch_us(last_seen) - epoch_us(earlier_last), 0) // added
        END, 0) AS step_us
    FROM observation_steps(wanted)
),

windowed AS (
    SELECT
        * EXCLUDE (
            name_clock, name_stem, stem_hash, nameless, written_name, row_id, earlier_count, earlier_first, earlier_last, begins, added, step_us
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
WHERE (occurrences > 0 OR within(last_seen)) AND shown("type", message, "count", severity, category);

CREATE VIEW occurrences AS SELECT * EXCLUDE (object_hash) FROM stored.differences(true);
