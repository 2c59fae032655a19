-- Visits, visitors, orders and revenue in the chosen markets, by UTC day or in all.
--
-- A visit is one visitor's own acts with no gap of 30 minutes or more, counted on the day it began. The visitor is
-- the person behind the subject at that time, else the subject, else the daily session key. What is done to people
-- (mail, refunds), said of them (identify, consent) or happens at a till is no visit. An order that several sources
-- report, or that a reloaded page reports again, counts once, as it was told first; of every channel.
-- One that tells no value is worth its lines.
--
-- Tables: events, items, persons (subject to person, by time), chosen (markets).
-- Parameters: $since_us, $until_us, $currency, $by_day.
WITH acts AS (
    SELECT
        coalesce(p.person_id, nullif(e.subject_id, ''), e.session_key) AS visitor,
        e.ts_us,
        e.source,
        e.message_id,
        e.kind,
        CAST(CAST(e.ts AS DATE) AS VARCHAR) AS day
    FROM events AS e
    LEFT JOIN persons AS p
        ON p.subject_id = e.subject_id AND e.ts_us >= p.valid_from_us AND e.ts_us < p.valid_until_us
    WHERE e.ts_us >= $since_us AND e.ts_us < $until_us
        AND coalesce(e.market, '') IN (SELECT market FROM chosen)
        AND e.channel NOT IN ('mail', 'store')
        AND e.kind NOT IN ('refund', 'cancel', 'identify', 'alias', 'group', 'consent', 'impression')
),
marked AS (
    SELECT
        visitor,
        kind,
        day,
        CASE
            WHEN ts_us - lag(ts_us) OVER (PARTITION BY visitor ORDER BY ts_us, message_id, source) < 1800000000
                THEN 0
            ELSE 1
        END AS begins
    FROM acts
    WHERE visitor IS NOT NULL
),
visits AS (
    SELECT
        CASE WHEN $by_day THEN day ELSE '' END AS day,
        count(DISTINCT visitor) AS visitors,
        sum(begins) AS visits,
        sum(CASE WHEN kind = 'view_item' THEN 1 ELSE 0 END) AS views
    FROM marked
    GROUP BY CASE WHEN $by_day THEN day ELSE '' END
),
worth AS (
    SELECT source, message_id, sum(quantity * price_minor) AS lines_minor
    FROM items
    WHERE kind = 'purchase' AND ts_us >= $since_us AND ts_us < $until_us
    GROUP BY source, message_id
),
told AS (
    SELECT
        coalesce(e.value_minor, w.lines_minor, 0) AS value_minor,
        CAST(CAST(e.ts AS DATE) AS VARCHAR) AS day,
        row_number() OVER (
            PARTITION BY coalesce(e.order_id, e.source || ':' || e.message_id)
            ORDER BY e.ts_us, e.message_id, e.source
        ) AS telling
    FROM events AS e
    LEFT JOIN worth AS w ON w.source = e.source AND w.message_id = e.message_id
    WHERE e.kind = 'purchase' AND e.currency = $currency AND e.ts_us >= $since_us AND e.ts_us < $until_us
        AND coalesce(e.market, '') IN (SELECT market FROM chosen)
),
orders AS (
    SELECT
        CASE WHEN $by_day THEN day ELSE '' END AS day,
        count(*) AS orders,
        sum(value_minor) AS revenue_minor,
        sum(CAST(value_minor AS DOUBLE) * CAST(value_minor AS DOUBLE)) AS revenue_squares
    FROM told
    WHERE telling = 1
    GROUP BY CASE WHEN $by_day THEN day ELSE '' END
)
SELECT
    CAST(coalesce(v.day, o.day) AS VARCHAR) AS day,
    CAST(coalesce(v.visitors, 0) AS BIGINT) AS visitors,
    CAST(coalesce(v.visits, 0) AS BIGINT) AS visits,
    CAST(coalesce(v.views, 0) AS BIGINT) AS views,
    CAST(coalesce(o.orders, 0) AS BIGINT) AS orders,
    CAST(coalesce(o.revenue_minor, 0) AS BIGINT) AS revenue_minor,
    CAST(coalesce(o.revenue_squares, 0) AS DOUBLE) AS revenue_squares
FROM visits AS v
FULL OUTER JOIN orders AS o ON o.day = v.day
ORDER BY day
