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

-- prefix: only what begins with it, so that few files need be read; null for all.
CREATE MACRO stored.sightings_named(prefix) AS TABLE
SELECT *
FROM stored.sightings
WHERE prefix IS NULL OR (written_name >= prefix AND written_name < prefix || chr(1114111));
