-- Events of each UTC day by kind, and how many subjects and daily session keys they came from.
SELECT
    CAST(CAST(ts AS DATE) AS VARCHAR) AS day,
    kind,
    CAST(count(*) AS BIGINT) AS events,
    CAST(count(DISTINCT subject_id) AS BIGINT) AS subjects,
    CAST(count(DISTINCT session_key) AS BIGINT) AS anonymous_sessions
FROM events
WHERE ts_us >= $since_us AND ts_us < $until_us
GROUP BY day, kind
ORDER BY day, kind
