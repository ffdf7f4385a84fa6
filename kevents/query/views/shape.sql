-- What messages of one kind have in common: all that differs from one happening to the next is masked, names and hashes
-- as `*`, numbers as `#`. Every expression but the last is fixed, so that RE2 compiles it once.
-- words: what was made of a message so far. message: as it came, where looking tells sooner that there is nothing to do.

CREATE MACRO stored.mask_quoted(words) AS regexp_replace(words, '\\"[^"\\]*\\"|"(?:[^"\\]|\\.)*"', '"*"', 'g');

-- unattached volumes=[host kube-api-access-xddvj], in any order
CREATE MACRO stored.mask_lists(words, message) AS (
    CASE WHEN contains(message, '=[') THEN regexp_replace(words, '=\[[^\]]*\]', '=[*]', 'g') ELSE words END
);

-- the names that kubelets, controllers and the scheduler write without quotes
CREATE MACRO stored.mask_named(words) AS regexp_replace(
    words,
    '^((?:(?:Created|Deleted|Started|Stopping) (?:pod|container|job)|Scaled (?:up|down) replica set'
    || '|(?:Marking for|Cancelling) deletion(?: of)? Pod|Saw completed job|(?:create|delete) (?:Pod|Claim)'
    || '|Successfully assigned|Back-off restarting failed container):? )[^\s,"]+',
    '\1*'
);
CREATE MACRO stored.mask_places(words, message) AS (
    CASE
        WHEN contains(message, ' in pod ') OR contains(message, 'Successfully assigned ')
            THEN regexp_replace(words, '( in pod |^Successfully assigned [*] to )[^\s,(]+', '\1*')
        ELSE words
    END
);

-- URLs; UUIDs, digests and other words of hexadecimal digits; times; addresses; and what Kubernetes appends to names:
-- hashes of templates and random words without vowels (k8s.io/apimachinery/pkg/util/rand), ordinals
CREATE MACRO stored.mask_hashes(words) AS regexp_replace(
    words,
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

-- Go's durations, quantities, and digits at the end of a word (node12, but not k8s)
CREATE MACRO stored.mask_numbers(words) AS regexp_replace(
    words,
    '\b(?:[0-9]+(?:[.][0-9]+)?(?:ns|us|µs|μs|ms|s|m|h))+\b'
    || '|\b[0-9]+(?:[.,:][0-9]+)*(?:(?:[KMGTPE]i?B?|[kB])\b)?|\B[0-9]+\b',
    '#', 'g'
);

-- A message may be of any length; what it says stands at its beginning. To look for blanks at an end is slow.
CREATE MACRO stored.beginning_of(words, message) AS (
    CASE
        WHEN strlen(message) >= 2000 OR ends_with(message, ' ') OR starts_with(message, '(combined ')
            OR strlen(message) <> length(message) -- it may end in another kind of blank
            THEN rtrim(regexp_replace(left(words, 2000), '^[(]combined from similar events[)]: ', ''))
        ELSE words
    END
);

CREATE MACRO stored.shape(words, message) AS stored.mask_numbers(stored.mask_hashes(stored.mask_places(
    stored.mask_named(stored.mask_lists(stored.mask_quoted(stored.beginning_of(words, message)), message)), message
)));

-- The expression for a plain name is made for each row, and only where the message holds the name.
CREATE MACRO stored.mask_own(message, name) AS (
    CASE
        WHEN name IS NULL OR name = '' OR NOT contains(message, name) THEN message
        WHEN contains(name, '-') THEN replace(message, name, '*')
        ELSE regexp_replace(message, '\b' || regexp_escape(name) || '\b', '*', 'g')
    END
);

-- name: the object that the message is about, masked wherever it stands
CREATE MACRO shape_of
    (message) AS stored.shape(message, message),
    (message, name) AS stored.shape(stored.mask_own(message, name), message);
