-- How bad it is and what it is about. The ratings are a map from reasons, looked up only where a question reads the
-- columns; a join would be made for every question.
CREATE MACRO stored.words_of(message) AS regexp_replace(message, '^[(]combined from similar events[)]: ', '');

CREATE MACRO stored.case_of(rating, kind, component, message) AS list_filter(
    (rating).unless,
    lambda one: (one.kind IS NULL OR one.kind = kind)
        AND (one.component IS NULL OR one.component = component)
        AND (one.message IS NULL OR regexp_matches(stored.words_of(message), one.message))
)[1];

-- a reason that nobody rated is as bad as its type says
CREATE MACRO severity_of("type", reason, kind, component, message) AS coalesce(
    stored.case_of(getvariable('ratings')[reason], kind, component, message).severity,
    getvariable('ratings')[reason].severity,
    CASE WHEN "type" = 'Normal' THEN 'info' ELSE 'warning' END
);

CREATE MACRO category_of(reason, kind, component, message) AS coalesce(
    stored.case_of(getvariable('ratings')[reason], kind, component, message).category,
    getvariable('ratings')[reason].category,
    'other'
);

-- 0 for info to 4 for critical, to sort by and to compare with
CREATE MACRO severity_rank(severity) AS coalesce(list_position(['info', 'notice', 'warning', 'error', 'critical'], severity), 1) - 1;
