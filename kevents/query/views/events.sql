-- The newest observation of each logical event (cluster, namespace, event name): its state, as of --until.
-- Cutting to the window before looking for the newest is right: of an event that was seen in the window, the newest
-- observation that counts is in the window too.
-- What tells observations apart is compared first, and only then are the columns of those that are left read.
CREATE VIEW stored.newest AS
SELECT *
FROM stored.observations
SEMI JOIN (
    SELECT max((coalesce(epoch_us(last_seen), -1000000000000000000), "count", coalesce(resource_version, -1), row_id))[4]
        AS row_id
    FROM stored.observations
    WHERE within(last_seen) AND within_days("day") AND lately(last_seen, "day")
    GROUP BY stem_hash, name_clock, CASE WHEN nameless THEN row_id END
) AS newest USING (row_id)
WHERE within(last_seen) AND within_days("day") AND lately(last_seen, "day")
    AND shown("type", message, "count", severity, category);

CREATE VIEW events AS
SELECT * EXCLUDE (name_clock, name_stem, object_hash, stem_hash, nameless, written_name, row_id)
FROM stored.newest;
