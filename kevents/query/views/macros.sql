-- Macros that the views share.

CREATE MACRO object_of(kind, name) AS nullif(concat_ws('/', kind, name), '');

-- If the object's name is missing, it is the event's name up to the last dot.
CREATE MACRO name_of(name, event_name) AS coalesce(name, regexp_replace(event_name, '[.][^.]*$', ''));

CREATE MACRO component_of(source_component, reporting_controller) AS coalesce(source_component, reporting_controller);

-- The image in a message such as `Failed to pull image "nginx:1.29"`.
CREATE MACRO stored.image_named(message) AS nullif(regexp_extract(message, '[Ii]mage "([^"]+)"', 1), '');

-- The value of the column with this name, for --by. Pass each column that --by accepts under its own name, and the message
-- for the image. If the name is a parameter of the query, the optimizer keeps only that column.
CREATE MACRO stored.column_named(
    column_name, reason := NULL, severity := NULL, "type" := NULL, category := NULL, cluster := NULL, namespace := NULL,
    kind := NULL, object := NULL, node := NULL, component := NULL, message := NULL
) AS (
    CASE column_name
        WHEN 'reason' THEN reason
        WHEN 'severity' THEN severity
        WHEN 'type' THEN "type"
        WHEN 'category' THEN category
        WHEN 'cluster' THEN cluster
        WHEN 'namespace' THEN namespace
        WHEN 'kind' THEN kind
        WHEN 'object' THEN object
        WHEN 'node' THEN node
        WHEN 'component' THEN component
        WHEN 'image' THEN stored.image_named(message)
    END
);

-- The node is the object itself, the host of the sender, or the node that the pod was assigned to.
CREATE MACRO node_of(kind, name, source_host, reporting_controller, reporting_instance, reason, message) AS (
    CASE
        WHEN kind = 'Node' THEN name
        WHEN source_host IS NOT NULL THEN source_host
        WHEN reporting_controller = 'kubelet' THEN reporting_instance
        WHEN reason = 'Scheduled' THEN nullif(regexp_extract(message, '^Successfully assigned \S+ to (\S+)', 1), '')
    END
);

-- The clock in an event's name, in nanoseconds since 1970. Without a clock, first_seen may be out of the range of
-- nanoseconds. The condition is inside epoch_ns, because DuckDB evaluates an expression that is in several branches before
-- it chooses the branch.
CREATE MACRO name_time(first_seen, clock_ns) AS (
    epoch_ns(CASE WHEN clock_ns IS NOT NULL THEN first_seen END) + clock_ns
);

-- A time in nanoseconds since 1970, limited to the range of nanoseconds.
CREATE MACRO stored.nanoseconds(moment) AS epoch_ns(
    CASE
        WHEN moment < TIMESTAMPTZ '1678-01-01 00:00:00+00' THEN TIMESTAMPTZ '1678-01-01 00:00:00+00'
        WHEN moment > TIMESTAMPTZ '2262-01-01 00:00:00+00' THEN TIMESTAMPTZ '2262-01-01 00:00:00+00'
        ELSE moment
    END
);

-- `<stem>.<UnixNano in hex>`: 16 digits since 2007, of which the first is below 8 until 2262
CREATE MACRO has_clock(event_name) AS regexp_full_match(event_name, '(?s).*[.][1-7][0-9a-f]{15}');

-- The clock in an event's name, whether the name is stored or omitted because other columns imply it.
CREATE MACRO stored.name_clock(event_name, first_seen, clock_ns) AS (
    CASE
        WHEN event_name IS NULL THEN name_time(first_seen, clock_ns)
        WHEN has_clock(event_name) THEN ('0x' || event_name[-16:])::BIGINT
    END
);

-- How many of n occurrences at latest, latest - step, latest - 2 step, … lie at or after a moment.
CREATE MACRO stored.at_or_after(latest, n, step_us, moment) AS (
    CASE
        WHEN latest < moment THEN 0
        WHEN step_us = 0 THEN n
        ELSE least(n, (epoch_us(latest) - epoch_us(moment::TIMESTAMPTZ)) // step_us + 1)
    END
);

-- How many of a row's occurrences lie in [since, until); null means no bound. With integers only, the counts of adjacent
-- time ranges add up exactly.
CREATE MACRO happened(latest, occurrences, step_us, since, until) AS (
    CASE
        WHEN since IS NULL AND until IS NULL THEN occurrences
        WHEN latest IS NULL THEN 0
        ELSE CASE WHEN since IS NULL THEN occurrences ELSE stored.at_or_after(latest, occurrences, step_us, since) END
            - CASE WHEN until IS NULL THEN 0 ELSE stored.at_or_after(latest, occurrences, step_us, until) END
    END
);

-- The time of the first occurrence in an observation. A first_seen before the first release of Kubernetes is wrong.
CREATE MACRO stored.first_occurrence(first_seen, last_seen, "count") AS (
    CASE WHEN "count" > 1 AND first_seen >= TIMESTAMPTZ '2014-06-01 00:00:00+00' THEN first_seen ELSE last_seen END
);

-- The time span of a report: its window, otherwise the span of its occurrences; with --since alone it ends now. These are
-- aggregates over the rows of `occurrences`.
CREATE MACRO stored.span_start(earliest) AS coalesce(window_start(), min(earliest));
CREATE MACRO stored.span_end(latest) AS coalesce(
    window_end(),
    greatest(max(latest) + to_microseconds(1), CASE WHEN window_start() IS NOT NULL THEN as_of() END)
);

-- A span in slots of equal length: their length, the slot of a moment, and how many of a row's occurrences lie in a slot.
-- The first slot includes everything before the span.
CREATE MACRO stored.slot_us(since, until, slots) AS greatest((epoch_us(until) - epoch_us(since) + slots - 1) // slots, 1);
CREATE MACRO stored.slot_of(moment, since, slot_us, slots) AS (
    greatest(least((epoch_us(moment) - epoch_us(since)) // slot_us, slots - 1), 0)
);
CREATE MACRO stored.occurrences_in_slot(latest, occurrences, step_us, since, slot_us, slot) AS happened(
    latest, occurrences, step_us,
    CASE WHEN slot > 0 THEN since + to_microseconds(slot * slot_us) END,
    since + to_microseconds((slot + 1) * slot_us)
);

-- The sort weight among problems of equal severity: the logarithm of the count, reduced with age, so that an ongoing
-- problem comes before one that repeated more often but is over. Senders update a repeating event at least every
-- 5 minutes, so 10 minutes without an update halve the weight.
CREATE MACRO stored.weight_of(times, latest, until) AS (
    ln(1 + times) / (1 + greatest(epoch_us(until) - epoch_us(latest), 0) / 600e6)
);

-- The trend, from the counts in the first and in the second half of a time range.
CREATE MACRO trend_of(before, after) AS (
    CASE
        WHEN before + after < 4 THEN NULL
        WHEN 2 * after > 3 * before THEN 'rising'
        WHEN 2 * before > 3 * after THEN 'falling'
        ELSE 'steady'
    END
);

-- A hash of a text. DuckDB's hash reads 8 bytes at a time and collides for some texts that differ in a few digits; a
-- second copy, shifted by 3 bytes, puts these digits at other positions.
CREATE MACRO stored.text_hash(text) AS hash(text, 'abc' || text);

-- Names for a table cell: up to three, followed by … if there are more.
CREATE MACRO stored.up_to_three(names) AS nullif(
    array_to_string(list_sort(list_distinct(names))[:3], ', ') || CASE WHEN len(list_distinct(names)) > 3 THEN ', …' ELSE '' END,
    ''
);

-- Whether an image has this name, with or without registry, tag and digest: nginx matches docker.io/library/nginx:1.29,
-- but not my-nginx.
CREATE MACRO is_image(image, name) AS (
    ends_with('/' || image, '/' || name)
    OR ends_with('/' || regexp_replace(image, '@.*$', ''), '/' || name)
    OR ends_with('/' || regexp_replace(image, '(:[^/:@]*)?(@.*)?$', ''), '/' || name)
);

-- A Go duration (1h2m3.5s, 308ms, 1.5µs) in seconds; null if the text is not one.
CREATE MACRO go_seconds(text) AS (
    CASE
        -- fast paths for the usual forms
        WHEN regexp_full_match(text, '[0-9]*[.]?[0-9]+s') THEN try_cast(text[:-2] AS DOUBLE)
        WHEN regexp_full_match(text, '[0-9]*[.]?[0-9]+ms') THEN try_cast(text[:-3] AS DOUBLE) / 1e3
        WHEN regexp_full_match(text, '(?:[0-9]*[.]?[0-9]+(?:h|m|s|ms|µs|μs|us|ns))+') THEN
            coalesce(try_cast(regexp_extract(text, '([0-9.]+)h', 1) AS DOUBLE), 0) * 3600
            + coalesce(try_cast(regexp_extract(text, '([0-9.]+)m(?:[0-9.]|$)', 1) AS DOUBLE), 0) * 60
            + coalesce(try_cast(regexp_extract(text, '([0-9.]+)s', 1) AS DOUBLE), 0)
            + coalesce(try_cast(regexp_extract(text, '([0-9.]+)ms', 1) AS DOUBLE), 0) / 1e3
            + coalesce(try_cast(regexp_extract(text, '([0-9.]+)(?:µ|μ|u)s', 1) AS DOUBLE), 0) / 1e6
            + coalesce(try_cast(regexp_extract(text, '([0-9.]+)ns', 1) AS DOUBLE), 0) / 1e9
    END
);
-- A macro evaluates its argument at each use; the element of a list is evaluated once.
CREATE MACRO stored.go_seconds_once(text) AS list_transform([text], lambda once: go_seconds(once))[1];

-- The two durations of `Successfully pulled image "X" in 308ms (1.2s including waiting)`, in seconds.
CREATE MACRO pull_took(message) AS stored.go_seconds_once(regexp_extract(message, '" in ((?:[0-9]+[.]?[0-9]*[a-zµμ]+)+)', 1));
CREATE MACRO pull_waited(message) AS stored.go_seconds_once(regexp_extract(message, '[(](\S+) including waiting[)]', 1));
