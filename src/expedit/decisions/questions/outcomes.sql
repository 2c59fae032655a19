-- Attribution (flattering): what came of the items shown, by placement, strategy and market, or by product.
--
-- An impression or click counts for the item of the decision that its event names. A purchase line counts for
-- the last click on that product within the window before it, by the same person; so no line counts twice, nor
-- does an order that several sources tell, or a reloaded page. What was put in the cart follows the same way. Amounts are those of one currency: there is no rate by which others
-- could be added. What happens after the end of the time asked about is not known yet.
--
-- Tables: decisions (the sealed decision log), items (lines of events), persons (subject to person, by time).
-- Parameters: $since_us, $until_us (moment of the decision and of what came of it), $window_us (click to
-- purchase), $currency, $by_product (false: by placement and strategy), $by_day (the UTC day of the decision).
WITH shown AS (
    SELECT decision_id, product_id, placement, strategy, market, CAST(CAST(ts AS DATE) AS VARCHAR) AS day
    FROM decisions
    WHERE position >= 1 AND ts_us >= $since_us AND ts_us < $until_us
),
acts AS (
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
        coalesce(i.product, i.item_id) AS product_id,
        coalesce(p.person_id, nullif(i.subject_id, ''), i.session_key) AS actor
    FROM items AS i
    LEFT JOIN persons AS p
        ON p.subject_id = i.subject_id AND i.ts_us >= p.valid_from_us AND i.ts_us < p.valid_until_us
    WHERE i.kind IN ('impression', 'click', 'add_to_cart', 'purchase')
        AND i.ts_us >= $since_us AND i.ts_us < $until_us
        AND (i.kind <> 'purchase' OR i.currency = $currency)
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
        b.kind,
        b.product_id,
        b.quantity,
        b.price_minor,
        c.decision_id,
        row_number() OVER (
            PARTITION BY b.kind, b.source, b.message_id, b.line
            ORDER BY c.ts_us DESC, c.decision_id, c.message_id
        ) AS nearest,
        dense_rank() OVER (
            PARTITION BY b.kind, b.order_id, b.product_id ORDER BY b.ts_us, b.source, b.message_id
        ) AS telling
    FROM acts AS b
    JOIN clicks AS c
        ON c.actor = b.actor AND c.product_id = b.product_id
        AND c.ts_us <= b.ts_us AND b.ts_us - c.ts_us <= $window_us
    WHERE b.kind IN ('add_to_cart', 'purchase')
),
followed AS (
    SELECT
        decision_id,
        product_id,
        sum(CASE WHEN kind = 'purchase' THEN 1 ELSE 0 END) AS conversions,
        sum(CASE WHEN kind = 'purchase' THEN quantity ELSE 0 END) AS units,
        sum(CASE WHEN kind = 'purchase' THEN quantity * coalesce(price_minor, 0) ELSE 0 END) AS revenue_minor
    FROM led
    WHERE nearest = 1 AND telling = 1
    GROUP BY decision_id, product_id
),
spots AS (
    SELECT
        CASE WHEN $by_product THEN '' ELSE s.placement END AS placement,
        CASE WHEN $by_product THEN '' ELSE s.strategy END AS strategy,
        CASE WHEN $by_product THEN s.product_id ELSE '' END AS product_id,
        s.market,
        CASE WHEN $by_day THEN s.day ELSE '' END AS day,
        CASE WHEN i.decision_id IS NULL THEN 0 ELSE 1 END AS seen,
        CASE WHEN k.decision_id IS NULL THEN 0 ELSE 1 END AS clicked,
        CASE WHEN f.decision_id IS NULL THEN 0 ELSE 1 END AS carted,
        CASE WHEN f.conversions > 0 THEN 1 ELSE 0 END AS bought,
        coalesce(f.conversions, 0) AS conversions,
        coalesce(f.units, 0) AS units,
        coalesce(f.revenue_minor, 0) AS revenue_minor
    FROM shown AS s
    LEFT JOIN seen AS i
        ON i.decision_id = s.decision_id AND i.product_id = s.product_id AND i.kind = 'impression'
    LEFT JOIN seen AS k ON k.decision_id = s.decision_id AND k.product_id = s.product_id AND k.kind = 'click'
    LEFT JOIN followed AS f ON f.decision_id = s.decision_id AND f.product_id = s.product_id
)
SELECT
    placement,
    strategy,
    product_id,
    market,
    day,
    CAST(count(*) AS BIGINT) AS shown,
    CAST(sum(seen) AS BIGINT) AS impressions,
    CAST(sum(clicked) AS BIGINT) AS clicks,
    CAST(sum(carted) AS BIGINT) AS carts,
    CAST(sum(bought) AS BIGINT) AS bought,
    CAST(sum(conversions) AS BIGINT) AS conversions,
    CAST(sum(units) AS BIGINT) AS units,
    CAST(sum(revenue_minor) AS BIGINT) AS revenue_minor
FROM spots
GROUP BY placement, strategy, product_id, market, day
ORDER BY placement, strategy, product_id, market, day
