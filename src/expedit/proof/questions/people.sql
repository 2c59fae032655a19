-- How many different people bought and kept each product, or looked at it: in the whole window, and at its end.
-- Only who can be told apart through the whole window counts: a session key that changes every day would make one
-- visitor many. Whoever looked at more products than people do is a robot, and neither its looks nor what it may
-- have ordered count.
WITH looked AS (
    SELECT
        CASE WHEN p.person_id IS NULL THEN i.subject_id ELSE p.person_id END AS who,
        CASE WHEN i.product IS NULL THEN i.item_id ELSE i.product END AS product,
        CASE WHEN i.market IS NULL THEN $home ELSE i.market END AS market,
        max(i.ts_us) AS last_us
    FROM items AS i
    LEFT JOIN person_map AS p
        ON p.subject_id = i.subject_id
        AND i.ts_us >= p.valid_from_us
        AND i.ts_us < p.valid_until_us
    WHERE i.kind = 'view_item' AND i.subject_id IS NOT NULL AND i.ts_us >= $since_us AND i.ts_us < $until_us
    GROUP BY
        CASE WHEN p.person_id IS NULL THEN i.subject_id ELSE p.person_id END,
        CASE WHEN i.product IS NULL THEN i.item_id ELSE i.product END,
        CASE WHEN i.market IS NULL THEN $home ELSE i.market END
),
robots AS (
    SELECT who FROM looked GROUP BY who HAVING count(*) > $most
),
known AS (
    SELECT person_id AS who FROM person_map
    UNION
    SELECT subject_id AS who FROM person_map
),
bought AS (
    SELECT
        b.buyer AS who,
        b.product,
        CASE WHEN b.market IS NULL THEN $home ELSE b.market END AS market,
        max(b.ts_us) AS last_us
    FROM baskets AS b
    INNER JOIN known AS k ON k.who = b.buyer
    WHERE b.ts_us >= $since_us AND b.ts_us < $until_us
    GROUP BY b.buyer, b.product, CASE WHEN b.market IS NULL THEN $home ELSE b.market END
),
acts AS (
    SELECT 'bought' AS kind, who, product, market, last_us FROM bought
    UNION ALL
    SELECT 'viewed' AS kind, who, product, market, last_us FROM looked
)
SELECT
    CAST(a.kind AS VARCHAR) AS kind,
    a.product,
    CAST(a.market AS VARCHAR) AS market,
    CAST(sum(CASE WHEN a.last_us >= $lately_us THEN 1 ELSE 0 END) AS BIGINT) AS lately,
    CAST(count(*) AS BIGINT) AS people
FROM acts AS a
LEFT JOIN robots AS r ON r.who = a.who
WHERE r.who IS NULL
GROUP BY a.kind, a.product, a.market
HAVING count(*) >= $floor
ORDER BY kind, product, market
