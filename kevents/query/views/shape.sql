-- The shape of a message: what differs from one occurrence to the next is masked, names and hashes as `*`, numbers as `#`.
-- All expressions except the last one are constants, so that RE2 compiles each of them once.
-- text: the message as masked so far. message: the original, where a quick check of it can skip a mask.

CREATE MACRO stored.mask_quoted(text) AS regexp_replace(text, '\\"[^"\\]*\\"|"(?:[^"\\]|\\.)*"', '"*"', 'g');

-- lists whose order varies: unattached volumes=[host kube-api-access-xddvj]
CREATE MACRO stored.mask_lists(text, message) AS (
    CASE WHEN contains(message, '=[') THEN regexp_replace(text, '=\[[^\]]*\]', '=[*]', 'g') ELSE text END
);

-- names that kubelets, controllers and the scheduler write without quotes
CREATE MACRO stored.mask_unquoted_names(text) AS regexp_replace(
    text,
    '^((?:(?:Created|Deleted|Started|Stopping) (?:pod|container|job)|Scaled (?:up|down) replica set'
    || '|(?:Marking for|Cancelling) deletion(?: of)? Pod|Saw completed job|(?:create|delete) (?:Pod|Claim)'
    || '|Successfully assigned|Back-off restarting failed container):? )[^\s,"]+',
    '\1*'
);
CREATE MACRO stored.mask_locations(text, message) AS (
    CASE
        WHEN contains(message, ' in pod ') OR contains(message, 'Successfully assigned ')
            THEN regexp_replace(text, '( in pod |^Successfully assigned [*] to )[^\s,(]+', '\1*')
        ELSE text
    END
);

-- URLs; UUIDs, digests and other hexadecimal words; times; addresses; and what Kubernetes appends to names: template
-- hashes, random words without vowels (k8s.io/apimachinery/pkg/util/rand) and ordinals
CREATE MACRO stored.mask_hashes(text) AS regexp_replace(
    text,
    '[a-z]+://[^\s"]*[^\s":.,;)]'
    || '|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|sha256:[0-9a-f]+|0x[0-9a-f]+'
    || '|\b(?:[a-f]+[0-9]|[0-9]+[a-f])[0-9a-f]{5,}\b'
    || '|[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+(?:Z|[+-][0-9:]+)?'
    || '|[0-9]{1,3}(?:[.][0-9]{1,3}){3}(?::[0-9]+|/[0-9]+)?'
    || '|(?:[0-9a-f]{1,4}:){3,7}[0-9a-f]{1,4}|[0-9a-f:]*::[0-9a-f:]*[0-9a-f]'
    || '|''[^''\s]+'''
    || '|\b(?:-(?:[4-9bcdf]{6,10}|[2-9b-df-hj-np-tv-xz]{5}|[0-9]+)\b)+',
    '*', 'g'
);

-- Go durations, quantities, and digits at the end of a word (node12, but not k8s)
CREATE MACRO stored.mask_numbers(text) AS regexp_replace(
    text,
    '\b(?:[0-9]+(?:[.][0-9]+)?(?:ns|us|µs|μs|ms|s|m|h))+\b'
    || '|\b[0-9]+(?:[.,:][0-9]+)*(?:(?:[KMGTPE]i?B?|[kB])\b)?|\B[0-9]+\b',
    '#', 'g'
);

-- At most 2000 characters, without the prefix "combined from similar events" and trailing spaces. Trimming is slow, so it
-- is done only where needed.
CREATE MACRO stored.trimmed(text, message) AS (
    CASE
        WHEN strlen(message) >= 2000 OR ends_with(message, ' ') OR starts_with(message, '(combined ')
            OR strlen(message) <> length(message) -- not ASCII: it may end with another kind of space
            THEN rtrim(regexp_replace(left(text, 2000), '^[(]combined from similar events[)]: ', ''))
        ELSE text
    END
);

CREATE MACRO stored.shape(text, message) AS stored.mask_numbers(stored.mask_hashes(stored.mask_locations(
    stored.mask_unquoted_names(stored.mask_lists(stored.mask_quoted(stored.trimmed(text, message)), message)), message
)));

-- The expression for a name without a dash is compiled for each row, so only if the message contains the name.
CREATE MACRO stored.mask_object_name(message, name) AS (
    CASE
        WHEN name IS NULL OR name = '' OR NOT contains(message, name) THEN message
        WHEN contains(name, '-') THEN replace(message, name, '*')
        ELSE regexp_replace(message, '\b' || regexp_escape(name) || '\b', '*', 'g')
    END
);

-- name: the name of the event's object, which is masked wherever it occurs
CREATE MACRO shape_of
    (message) AS stored.shape(message, message),
    (message, name) AS stored.shape(stored.mask_object_name(message, name), message);
