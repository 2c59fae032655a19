-- Revenue per visitor of each UTC day, by the arm in which the visitor first met an experiment.
--
-- A day's visitors are the people who got a decision that day; their revenue is what they bought that day, clicked
-- or not, in any channel. People belong to the arm of their first decision in the time asked about.
--
-- Tables: decisions (the sealed decision log), events, items, persons (subject to person, by time), chosen (markets).
-- Parameters: $experiment, $currency, $since_us, $until_us.
WITH met AS (
    SELECT
        coalesce(p.person_id, d.subject_id) AS person_id,
        d.arm,
        d.ts_us,
        d.decision_id,
        CAST(CAST(d.ts AS DATE) AS VARCHAR) AS day
    FROM decisions AS d
    LEFT JOIN persons AS p
        ON p.subject_id = d.subject_id AND d.ts_us >= p.valid_from_us AND d.ts_us < p.valid_until_us
    WHERE d.position = 0 AND d.experiment = $experiment AND d.arm <> '' AND d.subject_id <> ''
        AND d.ts_us >= $since_us AND d.ts_us < $until_us
        AND coalesce(d.market, '') IN (SELECT market FROM chosen)
),
ranked AS (
    SELECT
        person_id,
        arm,
        ts_us,
        row_number() OVER (PARTITION BY person_id ORDER BY ts_us, decision_id) AS place
    FROM met
),
people AS (
    SELECT person_id, arm, ts_us AS first_us
    FROM ranked
    WHERE place = 1
),
visited AS (
    SELECT DISTINCT person_id, day
    FROM met
),
worth AS (
    SELECT source, message_id, sum(quantity * price_minor) AS lines_minor
    FROM items
    WHERE kind = 'purchase' AND ts_us >= $since_us AND ts_us < $until_us
    GROUP BY source, message_id
),
orders AS (
    SELECT
        coalesce(p.person_id, e.subject_id) AS person_id,
        coalesce(e.order_id, e.message_id) AS order_id,
        min(e.ts_us) AS ts_us,
        min(CAST(CAST(e.ts AS DATE) AS VARCHAR)) AS day,
        max(coalesce(e.value_minor, w.lines_minor, 0)) AS value_minor
    FROM events AS e
    LEFT JOIN worth AS w ON w.source = e.source AND w.message_id = e.message_id
    LEFT JOIN persons AS p
        ON p.subject_id = e.subject_id AND e.ts_us >= p.valid_from_us AND e.ts_us < p.valid_until_us
    WHERE e.kind = 'purchase' AND e.subject_id <> '' AND e.currency = $currency
        AND e.ts_us >= $since_us AND e.ts_us < $until_us
    GROUP BY coalesce(p.person_id, e.subject_id), coalesce(e.order_id, e.message_id)
),
spent AS (
    SELECT w.person_id, o.day, sum(o.value_minor) AS value_minor
    FROM people AS w
    JOIN orders AS o ON o.person_id = w.person_id AND o.ts_us >= w.first_us
    GROUP BY w.person_id, o.day
)
SELECT
    v.day,
    w.arm,
    CAST(count(*) AS BIGINT) AS visitors,
    CAST(sum(coalesce(s.value_minor, 0)) AS BIGINT) AS revenue_minor,
    CAST(
        sum(CAST(coalesce(s.value_minor, 0) AS DOUBLE) * CAST(coalesce(s.value_minor, 0) AS DOUBLE)) AS DOUBLE
    ) AS revenue_squares
FROM visited AS v
JOIN people AS w ON w.person_id = v.person_id
LEFT JOIN spent AS s ON s.person_id = v.person_id AND s.day = v.day
GROUP BY v.day, w.arm
ORDER BY v.day, w.arm
