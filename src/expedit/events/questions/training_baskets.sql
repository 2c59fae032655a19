-- What was bought together and kept: quantities of each order, net of its refunds, without canceled orders
-- unless they were resumed.
-- An order that several sources report, or that a reloaded page reports again, counts once, as it was told
-- first. A refund that lists no products takes the whole order back. Orders without a customer count.
-- The buyer is the person behind the subject at that time, else the subject, else the daily session key.
WITH purchases AS (
    SELECT
        CASE WHEN e.order_id IS NULL THEN e.source || ':' || e.message_id ELSE e.order_id END AS order_id,
        e.source, e.message_id, e.ts_us, e.market, e.country, e.region, e.postal, e.store,
        CASE
            WHEN p.person_id IS NOT NULL THEN p.person_id
            WHEN e.subject_id IS NOT NULL THEN e.subject_id
            ELSE e.session_key
        END AS buyer,
        row_number() OVER (
            PARTITION BY CASE WHEN e.order_id IS NULL THEN e.source || ':' || e.message_id ELSE e.order_id END
            ORDER BY e.ts_us, e.message_id, e.source
        ) AS telling
    FROM events AS e
    LEFT JOIN person_map AS p
        ON p.subject_id = e.subject_id
        AND e.ts_us >= p.valid_from_us
        AND e.ts_us < p.valid_until_us
    WHERE e.kind = 'purchase' AND e.lines > 0 AND e.ts_us >= $since_us
),
bought AS (
    SELECT
        p.order_id,
        CASE WHEN i.product IS NULL THEN i.item_id ELSE i.product END AS product,
        sum(i.quantity) AS quantity,
        min(p.ts_us) AS ts_us,
        min(p.market) AS market,
        min(p.buyer) AS buyer,
        min(p.country) AS country,
        min(p.region) AS region,
        min(p.postal) AS postal,
        min(p.store) AS store
    FROM purchases AS p
    INNER JOIN items AS i ON i.source = p.source AND i.message_id = p.message_id
    WHERE p.telling = 1
    GROUP BY p.order_id, CASE WHEN i.product IS NULL THEN i.item_id ELSE i.product END
),
turns AS (
    SELECT
        order_id,
        kind,
        row_number() OVER (PARTITION BY order_id ORDER BY ts_us DESC, message_id DESC, source DESC) AS newest
    FROM events
    WHERE order_id IS NOT NULL AND (kind = 'cancel' OR (kind = 'custom' AND lower(name) = 'order resumed'))
),
undone AS (
    SELECT order_id FROM turns WHERE newest = 1 AND kind = 'cancel'
    UNION ALL
    SELECT order_id FROM events WHERE order_id IS NOT NULL AND kind = 'refund' AND lines = 0
),
refunded AS (
    SELECT
        order_id,
        CASE WHEN product IS NULL THEN item_id ELSE product END AS product,
        sum(abs(quantity)) AS quantity
    FROM items
    WHERE kind = 'refund' AND order_id IS NOT NULL
    GROUP BY order_id, CASE WHEN product IS NULL THEN item_id ELSE product END
)
SELECT
    b.order_id,
    b.product,
    CAST(b.quantity - coalesce(r.quantity, 0) AS BIGINT) AS quantity,
    CAST(b.ts_us AS BIGINT) AS ts_us,
    CAST(b.market AS VARCHAR) AS market,
    CAST(b.buyer AS VARCHAR) AS buyer,
    CAST(b.country AS VARCHAR) AS country,
    CAST(b.region AS VARCHAR) AS region,
    CAST(b.postal AS VARCHAR) AS postal,
    CAST(b.store AS VARCHAR) AS store
FROM bought AS b
LEFT JOIN undone AS u ON u.order_id = b.order_id
LEFT JOIN refunded AS r ON r.order_id = b.order_id AND r.product = b.product
WHERE u.order_id IS NULL AND b.quantity - coalesce(r.quantity, 0) > 0
ORDER BY ts_us, order_id, product
