CREATE MACRO stored.words_of(message) AS (
    CASE WHEN starts_with(message, '(combined from similar events): ') THEN message[33:] ELSE message END
);

-- How bad it is and what it is about. A rating is a place in the lists of what ratings say, null for a reason that nobody
-- rated. What this says is replaced when the views stand, for each that is created would bind all of its patterns. Those
-- are of a message's words, which it names here to have them defined.
CREATE MACRO stored.rating_of(reason, kind, component, message) AS CASE WHEN false THEN stored.words_of(message)::INTEGER END;

-- a reason that nobody rated is as bad as its type says, and trouble where its own words say so
CREATE MACRO stored.severity_of(rating, "type", reason) AS coalesce(
    (getvariable('severities')::VARCHAR[])[rating],
    CASE
        WHEN lower("type") != 'normal' THEN 'warning'
        WHEN regexp_matches(
            reason,
            '(?:Fail|Failed|Failure|Failing|Error|Err|Unhealthy|Invalid|Denied|Forbidden|Timeout|TimedOut|Unavailable|Degraded'
            || '|NotReady|NotFound|Conflict|Exceeded|Insufficient|Unreachable|BackOff|Backoff|Crash|CrashLoop|OOM|OOMKilled'
            || '|OOMKilling|Panic|Evicted|Lost|Expired|Rejected|Missing|Violation|Violated|Aborted|Unsupported)(?:[^a-z]|$)'
            || '|(?i:(?:^|[^a-z])(?:failed|failure|error|unhealthy)(?:[^a-z]|$))'
        ) THEN 'warning'
        ELSE 'info'
    END
);

CREATE MACRO stored.category_of(rating) AS coalesce((getvariable('categories')::VARCHAR[])[rating], 'other');

-- 0 for info to 4 for critical, to sort by and to compare with
CREATE MACRO severity_rank(severity) AS coalesce(list_position(['info', 'notice', 'warning', 'error', 'critical'], severity), 1) - 1;
CREATE MACRO stored.severity_of_rank(rank) AS ['info', 'notice', 'warning', 'error', 'critical'][rank + 1];
