-- summary = "An object's events, as kubectl describe prints them"
-- is_command = false
-- order = ["last_seen", "name_time", "event_name"]
-- keeps_newest = true
-- document = "event_document(report, written_name)"
-- [columns]
-- type = { label = "Type" }
-- reason = { label = "Reason" }
-- last_seen = { kind = "seen", label = "Age" }
-- component = { label = "From" }
-- text = { show = "drawn", label = "Message" }
-- message = { show = "data" }
-- cluster = { show = "data" }
-- namespace = { show = "data" }
-- object = { show = "data" }
-- field_path = { show = "data" }
-- first_seen = { kind = "time", show = "data" }
-- count = { kind = "number", show = "data" }
-- event_name = { show = "data" }
SELECT
    *,
    -- kubectl 1.36 and later put the container before the message
    concat_ws(': ', field_path, trim(message, E' \t\r\n')) AS text,
    name_time(first_seen, clock_ns) AS name_time
FROM stored.newest
