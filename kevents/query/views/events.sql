-- The newest observation of each event (cluster, namespace, event name): its state, as of --until.
-- The window may be applied before the newest observation is looked up: if an event was seen in the window, its newest
-- observation before --until is in the window too.
-- The row ids of the newest observations are computed first; only then are the other columns of these rows read.
CREATE VIEW stored.newest AS
SELECT *
FROM stored.observations
SEMI JOIN (
    SELECT max((coalesce(epoch_us(last_seen), -1000000000000000000), "count", coalesce(resource_version, -1), row_id))[4]
        AS row_id
    FROM stored.observations
    WHERE in_window(last_seen) AND in_window_days("day") AND is_recent(last_seen, "day")
    GROUP BY stem_hash, name_clock, CASE WHEN nameless THEN row_id END
) AS newest USING (row_id)
WHERE in_window(last_seen) AND in_window_days("day") AND is_recent(last_seen, "day")
    AND observation_matches("type", message, "count", severity, category);

CREATE VIEW events AS
SELECT * EXCLUDE (name_clock, name_stem, object_hash, stem_hash, nameless, written_name, row_id)
FROM stored.newest;
