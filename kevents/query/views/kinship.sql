-- How events name an object's relatives.

-- The child that a controller names in a message of its own.
CREATE MACRO stored.child_said(words) AS (
    CASE
        WHEN regexp_matches(words, '^(Created|Deleted) pod: ')
            THEN {kind: 'Pod', name: regexp_extract(words, '^\w+ pod: (\S+)', 1)}
        WHEN regexp_matches(words, '^\w+ Pod \S+ in StatefulSet ')
            THEN {kind: 'Pod', name: regexp_extract(words, '^\w+ Pod (\S+)', 1)}
        WHEN regexp_matches(words, '^\w+ Claim \S+ Pod \S+ in StatefulSet ')
            THEN {kind: 'PersistentVolumeClaim', name: regexp_extract(words, '^\w+ Claim (\S+)', 1)}
        WHEN regexp_matches(words, '^Scaled (up|down) (replica set|ReplicaSet) ')
            THEN {kind: 'ReplicaSet', name: regexp_extract(words, '^Scaled \w+ (?:replica set|ReplicaSet) (\S+)', 1)}
        WHEN regexp_matches(words, '^((Created|Deleted) job|Saw completed job:|Active job went missing:) ')
            THEN {kind: 'Job', name: regexp_extract(words, ' (?:job|job:|missing:) ([^\s,]+)', 1)}
        WHEN starts_with(words, 'Applying HelmChart using Job ')
            THEN {kind: 'Job', name: regexp_extract(words, ' Job (?:[^\s/]+/)?(\S+)', 1)}
    END
);

-- Generated names are <owner>-<5 characters>; of a ReplicaSet <owner>-<hash>, of a CronJob's Job <owner>-<time>.
-- Kubernetes draws them from letters and digits without vowels, 0, 1 and 3; hashes were decimal before 1.8, and a Job's
-- time was in seconds before 1.21, in minutes since.
CREATE MACRO stored.stem_of(name) AS (
    -- looking is six times as fast as taking out
    CASE WHEN regexp_matches(name, '-[bcdfghjklmnpqrstvwxz24-9]{5}$') THEN nullif(name[:-7], '') END
);
CREATE MACRO stored.is_timed(name) AS regexp_matches(name, '-(2[0-9]{7}|1[4-7][0-9]{8})$');
CREATE MACRO stored.is_hashed(name) AS (
    regexp_matches(name, '-([bcdfghjklmnpqrstvwxz24-9]{7,10}|[0-9]{9,10})$') AND NOT stored.is_timed(name)
);

-- What a pod's name says of its owner's: that without a pod's suffix, or an ordinal, and of a ReplicaSet its Deployment's.
CREATE MACRO stored.set_of(name) AS regexp_replace(name, '-([0-9]+|[bcdfghjklmnpqrstvwxz24-9]{5})$', '');
CREATE MACRO stored.workload_of(name) AS (
    CASE WHEN stored.is_hashed(stored.set_of(name)) THEN regexp_extract(stored.set_of(name), '^(.+)-\w+$', 1) ELSE stored.set_of(name) END
);

-- What tells of relatives. It has no more columns than that, for it is read many times in one question.
-- prefix: of the names of objects, so that few files need be read; null for all.
CREATE MACRO stored.kin_named(prefix) AS TABLE
SELECT
    cluster, namespace, kind, name_of(name, event_name) AS name, object_uid, reason, message, first_seen, last_seen, clock_ns,
    component_of(source_component, reporting_controller) AS component,
    node_of(kind, name, source_host, reporting_controller, reporting_instance, reason, message) AS node,
    extra, "day"
FROM stored.of_selected
WHERE prefix IS NULL OR (name >= prefix AND name < prefix || chr(1114111));
