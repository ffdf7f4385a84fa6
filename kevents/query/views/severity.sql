-- The message without the prefix that senders add to an event that stands for several similar ones.
CREATE MACRO stored.strip_combined(message) AS (
    CASE WHEN starts_with(message, '(combined from similar events): ') THEN message[33:] ELSE message END
);

-- The rating of an event, as an index into the lists of severities and categories; null if the reason has no rating.
-- This is a placeholder. The macro is replaced when all views exist (severity_sql.py), because creating a view binds all
-- patterns of the ratings. It mentions strip_combined, which the replacement calls, so that this macro is created too.
CREATE MACRO stored.rating_index(reason, kind, component, message) AS CASE WHEN false THEN stored.strip_combined(message)::INTEGER END;

-- A reason without a rating has the severity of its type, or warning if its own words mean a failure.
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

-- From 0 for info to 4 for critical, for sorting and comparing.
CREATE MACRO severity_rank(severity) AS coalesce(list_position(severity_levels(), severity), 1) - 1;
CREATE MACRO stored.severity_of_rank(rank) AS severity_levels()[rank + 1];
