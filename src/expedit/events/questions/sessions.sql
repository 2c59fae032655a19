-- Sessions: one visitor's own acts with no gap of 30 minutes or more.
-- The visitor is the person behind the subject at that time, else the subject, else the daily session key.
-- What is done to people (mail sent to them, orders refunded) is no act of theirs.
WITH acts AS (
    SELECT
        CASE
            WHEN p.person_id IS NOT NULL THEN p.person_id
            WHEN e.subject_id IS NOT NULL THEN e.subject_id
            ELSE e.session_key
        END AS visitor,
        CASE WHEN e.subject_id IS NULL THEN 0 ELSE 1 END AS personal,
        e.ts_us,
        e.source,
        e.message_id,
        e.kind
    FROM events AS e
    LEFT JOIN person_map AS p
        ON p.subject_id = e.subject_id
        AND e.ts_us >= p.valid_from_us
        AND e.ts_us < p.valid_until_us
    WHERE e.ts_us >= $since_us
        AND e.kind NOT IN ('refund', 'cancel', 'mail_delivered', 'mail_bounced', 'mail_complained')
),
marked AS (
    SELECT
        visitor, personal, ts_us, source, message_id, kind,
        CASE
            WHEN ts_us - lag(ts_us) OVER (PARTITION BY visitor, personal ORDER BY ts_us, message_id, source)
                < 1800000000 THEN 0
            ELSE 1
        END AS begins
    FROM acts
    WHERE visitor IS NOT NULL
),
numbered AS (
    SELECT
        visitor, personal, ts_us, kind,
        sum(begins) OVER (
            PARTITION BY visitor, personal ORDER BY ts_us, message_id, source
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS session
    FROM marked
)
SELECT
    visitor,
    CAST(personal = 1 AS BOOLEAN) AS personal,
    CAST(session AS BIGINT) AS session,
    CAST(min(ts_us) AS BIGINT) AS started_us,
    CAST(max(ts_us) AS BIGINT) AS ended_us,
    CAST(count(*) AS BIGINT) AS events,
    CAST(count(CASE WHEN kind = 'view_item' THEN 1 END) AS BIGINT) AS views,
    CAST(count(CASE WHEN kind = 'add_to_cart' THEN 1 END) AS BIGINT) AS carts,
    CAST(count(CASE WHEN kind = 'purchase' THEN 1 END) AS BIGINT) AS purchases
FROM numbered
GROUP BY visitor, personal, session
ORDER BY visitor, personal, session
