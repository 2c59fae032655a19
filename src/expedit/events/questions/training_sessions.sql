-- What session models learn from: the products of each session in the order they were met.
-- Sessions are numbered from 0 in the order they ended. A repeat of a product is kept, since coming back means
-- something, but not one within a second of the row before it: that is one act reported twice.
WITH acts AS (
    SELECT
        CASE
            WHEN p.person_id IS NOT NULL THEN p.person_id
            WHEN i.subject_id IS NOT NULL THEN i.subject_id
            ELSE i.session_key
        END AS visitor,
        CASE WHEN i.subject_id IS NULL THEN 0 ELSE 1 END AS personal,
        CASE WHEN i.product IS NULL THEN i.item_id ELSE i.product END AS product,
        i.ts_us,
        i.market,
        i.kind,
        i.source,
        i.message_id,
        i.line
    FROM items AS i
    LEFT JOIN person_map AS p
        ON p.subject_id = i.subject_id
        AND i.ts_us >= p.valid_from_us
        AND i.ts_us < p.valid_until_us
    WHERE i.ts_us >= $since_us
        AND i.kind IN ('view_item', 'select_item', 'click', 'add_to_cart', 'purchase')
),
before AS (
    SELECT
        visitor, personal, product, ts_us, market, kind, source, message_id, line,
        lag(ts_us) OVER w AS last_us,
        lag(product) OVER w AS last_product
    FROM acts
    WHERE visitor IS NOT NULL
    WINDOW w AS (PARTITION BY visitor, personal ORDER BY ts_us, message_id, source, line)
),
marked AS (
    SELECT
        visitor, personal, product, ts_us, market, kind, source, message_id, line,
        CASE WHEN ts_us - last_us < 1800000000 THEN 0 ELSE 1 END AS begins,
        CASE WHEN product = last_product AND ts_us - last_us < 1000000 THEN 1 ELSE 0 END AS doubled
    FROM before
),
joined AS (
    SELECT
        visitor, personal, product, ts_us, market, kind, source, message_id, line, doubled,
        sum(begins) OVER (
            PARTITION BY visitor, personal ORDER BY ts_us, message_id, source, line
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS nth
    FROM marked
),
ended AS (
    SELECT visitor, personal, nth, max(ts_us) AS ended_us
    FROM joined
    GROUP BY visitor, personal, nth
),
numbered AS (
    SELECT
        visitor, personal, nth,
        row_number() OVER (ORDER BY ended_us, visitor, personal, nth) - 1 AS session
    FROM ended
)
SELECT
    CAST(n.session AS BIGINT) AS session,
    CAST(
        row_number() OVER (PARTITION BY n.session ORDER BY j.ts_us, j.message_id, j.source, j.line) - 1 AS BIGINT
    ) AS position,
    j.product,
    j.ts_us,
    j.market,
    j.kind
FROM joined AS j
INNER JOIN numbered AS n
    ON n.visitor = j.visitor AND n.personal = j.personal AND n.nth = j.nth
WHERE j.doubled = 0
ORDER BY session, position
