-- How the related objects of an object are found in events: in messages, and in generated names.

-- The child object that a controller names in one of its messages.
CREATE MACRO stored.child_in_message(message) AS (
    CASE
        WHEN regexp_matches(message, '^(Created|Deleted) pod: ')
            THEN {kind: 'Pod', name: regexp_extract(message, '^\w+ pod: (\S+)', 1)}
        WHEN regexp_matches(message, '^\w+ Pod \S+ in StatefulSet ')
            THEN {kind: 'Pod', name: regexp_extract(message, '^\w+ Pod (\S+)', 1)}
        WHEN regexp_matches(message, '^\w+ Claim \S+ Pod \S+ in StatefulSet ')
            THEN {kind: 'PersistentVolumeClaim', name: regexp_extract(message, '^\w+ Claim (\S+)', 1)}
        WHEN regexp_matches(message, '^Scaled (up|down) (replica set|ReplicaSet) ')
            THEN {kind: 'ReplicaSet', name: regexp_extract(message, '^Scaled \w+ (?:replica set|ReplicaSet) (\S+)', 1)}
        WHEN regexp_matches(message, '^((Created|Deleted) job|Saw completed job:|Active job went missing:) ')
            THEN {kind: 'Job', name: regexp_extract(message, ' (?:job|job:|missing:) ([^\s,]+)', 1)}
        WHEN starts_with(message, 'Applying HelmChart using Job ')
            THEN {kind: 'Job', name: regexp_extract(message, ' Job (?:[^\s/]+/)?(\S+)', 1)}
    END
);

-- Generated names are <owner>-<5 characters>, of a ReplicaSet <owner>-<hash>, of a CronJob's Job <owner>-<time>.
-- Kubernetes uses letters and digits except vowels, 0, 1 and 3. Hashes were decimal before 1.8. A Job's time is in minutes,
-- before 1.21 in seconds.
CREATE MACRO stored.without_random_suffix(name) AS (
    -- regexp_matches is six times as fast as regexp_extract
    CASE WHEN regexp_matches(name, '-[bcdfghjklmnpqrstvwxz24-9]{5}$') THEN nullif(name[:-7], '') END
);
CREATE MACRO stored.has_job_time(name) AS regexp_matches(name, '-(2[0-9]{7}|1[4-7][0-9]{8})$');
CREATE MACRO stored.has_template_hash(name) AS (
    regexp_matches(name, '-([bcdfghjklmnpqrstvwxz24-9]{7,10}|[0-9]{9,10})$') AND NOT stored.has_job_time(name)
);

-- The name of a pod's owner, which is the pod's name without its random suffix or ordinal; and the name of its workload,
-- which is the Deployment if the owner is a ReplicaSet.
CREATE MACRO stored.pod_owner_name(name) AS regexp_replace(name, '-([0-9]+|[bcdfghjklmnpqrstvwxz24-9]{5})$', '');
CREATE MACRO stored.workload_of(name) AS (
    CASE WHEN stored.has_template_hash(stored.pod_owner_name(name)) THEN regexp_extract(stored.pod_owner_name(name), '^(.+)-\w+$', 1) ELSE stored.pod_owner_name(name) END
);

-- The rows that relations are read from, with only the columns needed, because one query reads them many times.
-- prefix: only objects whose name starts with it, so that fewer files are read; null for all.
CREATE MACRO stored.relation_sources(prefix) AS TABLE
SELECT
    cluster, namespace, kind, name_of(name, event_name) AS name, object_uid, reason, message, first_seen, last_seen, clock_ns,
    component_of(source_component, reporting_controller) AS component,
    node_of(kind, name, source_host, reporting_controller, reporting_instance, reason, message) AS node,
    extra, "day"
FROM stored.selected_rows
WHERE prefix IS NULL OR (name >= prefix AND name < prefix || chr(1114111));
