-- Attribution (flattering): what came of the items shown, by placement, strategy and market.
--
-- An impression or click counts for the item of the decision that its event names. A purchase line counts for
-- the last click on that product within the window before it, by the same person; so no line counts twice.
--
-- Tables: decisions (the sealed decision log), items (lines of events), persons (subject to person, by time).
-- Parameters: $since_us, $until_us (moment of the decision), $window_us (click to purchase).
WITH shown AS (
    SELECT decision_id, product_id, placement, strategy, market
    FROM decisions
    WHERE position >= 1 AND ts_us >= $since_us AND ts_us < $until_us
),
acts AS (
    SELECT
        i.kind,
        i.ts_us,
        i.message_id,
        i.line,
        i.decision_id,
        i.order_id,
        i.quantity,
        i.price_minor,
        coalesce(i.product, i.item_id) AS product_id,
        coalesce(p.person_id, nullif(i.subject_id, ''), i.session_key) AS actor
    FROM items AS i
    LEFT JOIN persons AS p
        ON p.subject_id = i.subject_id AND i.ts_us >= p.valid_from_us AND i.ts_us < p.valid_until_us
    WHERE i.kind IN ('impression', 'click', 'purchase') AND i.ts_us >= $since_us
),
seen AS (
    SELECT DISTINCT s.decision_id, s.product_id, a.kind
    FROM shown AS s
    JOIN acts AS a ON a.decision_id = s.decision_id AND a.product_id = s.product_id
    WHERE a.kind IN ('impression', 'click')
),
clicks AS (
    SELECT a.actor, a.product_id, a.ts_us, a.message_id, s.decision_id
    FROM acts AS a
    JOIN shown AS s ON s.decision_id = a.decision_id AND s.product_id = a.product_id
    WHERE a.kind = 'click'
),
led AS (
    SELECT
        b.message_id,
        b.line,
        b.product_id,
        b.quantity,
        b.price_minor,
        c.decision_id,
        row_number() OVER (
            PARTITION BY b.message_id, b.line ORDER BY c.ts_us DESC, c.decision_id, c.message_id
        ) AS nearest
    FROM acts AS b
    JOIN clicks AS c
        ON c.actor = b.actor AND c.product_id = b.product_id
        AND c.ts_us <= b.ts_us AND b.ts_us - c.ts_us <= $window_us
    WHERE b.kind = 'purchase'
),
bought AS (
    SELECT
        decision_id,
        product_id,
        count(*) AS conversions,
        sum(quantity) AS units,
        sum(quantity * coalesce(price_minor, 0)) AS revenue_minor
    FROM led
    WHERE nearest = 1
    GROUP BY decision_id, product_id
)
SELECT
    s.placement,
    s.strategy,
    s.market,
    CAST(count(*) AS BIGINT) AS shown,
    CAST(count(i.decision_id) AS BIGINT) AS impressions,
    CAST(count(k.decision_id) AS BIGINT) AS clicks,
    CAST(coalesce(sum(b.conversions), 0) AS BIGINT) AS conversions,
    CAST(coalesce(sum(b.units), 0) AS BIGINT) AS units,
    CAST(coalesce(sum(b.revenue_minor), 0) AS BIGINT) AS revenue_minor
FROM shown AS s
LEFT JOIN seen AS i ON i.decision_id = s.decision_id AND i.product_id = s.product_id AND i.kind = 'impression'
LEFT JOIN seen AS k ON k.decision_id = s.decision_id AND k.product_id = s.product_id AND k.kind = 'click'
LEFT JOIN bought AS b ON b.decision_id = s.decision_id AND b.product_id = s.product_id
GROUP BY s.placement, s.strategy, s.market
ORDER BY s.placement, s.strategy, s.market
