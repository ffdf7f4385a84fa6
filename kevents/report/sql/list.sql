-- summary = "List events, newest last, like kubectl"
-- aliases = ["get"]
-- examples = ["kevents list -n shop --since 1h", "kevents list --type Warning --for deploy/cart", "kevents list -A -o json | jq -r .items[].message"]
-- order = ["last_seen", "name_time", "namespace", "object", "event_name", "message"]
-- keeps_newest = true
-- cap = 1000
-- document = "event_document(report, written_name)"
-- [columns]
-- cluster = { show = "varies" }
-- namespace = { show = "varies" }
-- last_seen = "seen"
-- type = "text"
-- reason = "text"
-- object = "text"
-- subobject = { show = "wide" }
-- source = { show = "wide" }
-- message = "text"
-- first_seen = { kind = "time", show = "wide" }
-- count = { kind = "number", show = "wide" }
-- event_name = { show = "wide", label = "NAME" }
-- severity = { kind = "severity", show = "wide" }
-- category = { show = "wide" }
SELECT
    *,
    field_path AS subobject,
    concat_ws(', ', component, coalesce(source_host, reporting_instance)) AS source,
    name_time(first_seen, clock_ns) AS name_time
FROM stored.newest
