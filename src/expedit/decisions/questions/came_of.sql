-- What came of one decision: impressions and clicks of its items, and purchases of what was clicked.
--
-- A purchase counts when the same person clicked that product in this decision within the window before it; an
-- order that several sources tell, or a reloaded page, counts once.
--
-- Tables: items (lines of events), persons (subject to person, by time).
-- Parameters: $decision_id, $since_us (moment of the decision), $window_us (click to purchase).
WITH acts AS (
    SELECT
        i.kind,
        i.ts_us,
        i.source,
        i.message_id,
        i.line,
        i.decision_id,
        coalesce(i.order_id, i.source || ':' || i.message_id) AS order_id,
        i.quantity,
        i.price_minor,
        i.currency,
        coalesce(i.product, i.item_id) AS product_id,
        coalesce(p.person_id, nullif(i.subject_id, ''), i.session_key) AS actor
    FROM items AS i
    LEFT JOIN persons AS p
        ON p.subject_id = i.subject_id AND i.ts_us >= p.valid_from_us AND i.ts_us < p.valid_until_us
    WHERE i.ts_us >= $since_us
        AND (i.kind = 'purchase' OR (i.kind IN ('impression', 'click') AND i.decision_id = $decision_id))
),
clicks AS (
    SELECT actor, product_id, min(ts_us) AS ts_us
    FROM acts
    WHERE kind = 'click'
    GROUP BY actor, product_id
),
led AS (
    SELECT
        'purchase' AS kind, b.product_id, b.ts_us, b.message_id, b.line, b.quantity, b.price_minor, b.currency,
        dense_rank() OVER (
            PARTITION BY b.order_id, b.product_id ORDER BY b.ts_us, b.source, b.message_id
        ) AS telling
    FROM acts AS b
    JOIN clicks AS c
        ON c.actor = b.actor AND c.product_id = b.product_id
        AND c.ts_us <= b.ts_us AND b.ts_us - c.ts_us <= $window_us
    WHERE b.kind = 'purchase'
)
SELECT
    kind,
    product_id,
    CAST(ts_us AS BIGINT) AS ts_us,
    CAST(quantity AS BIGINT) AS quantity,
    CAST(price_minor AS BIGINT) AS price_minor,
    currency
FROM (
    SELECT kind, product_id, ts_us, message_id, line, quantity, price_minor, currency
    FROM acts
    WHERE kind IN ('impression', 'click')
    UNION ALL
    SELECT kind, product_id, ts_us, message_id, line, quantity, price_minor, currency
    FROM led
    WHERE telling = 1
) AS everything
ORDER BY ts_us, kind, product_id, message_id, line
