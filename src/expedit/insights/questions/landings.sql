-- How often each landing page was met on which side of its experiment, and how many of those visits clicked a product.
--
-- A visit is a decision about the page; it clicked when a click names that decision. The side is empty for people who
-- take no part in a comparison, since nobody may be followed without consent.
--
-- Tables: decisions (the sealed decision log), items (lines of events).
-- Parameters: $since_us, $until_us.
WITH met AS (
    SELECT decision_id, placement, coalesce(arm, '') AS side
    FROM decisions
    WHERE position = 0 AND substr(placement, 1, 8) = 'landing:'
        AND ts_us >= $since_us AND ts_us < $until_us
),
clicked AS (
    SELECT DISTINCT decision_id
    FROM items
    WHERE kind = 'click' AND ts_us >= $since_us AND ts_us < $until_us
)
SELECT
    m.placement,
    m.side,
    CAST(count(*) AS BIGINT) AS visits,
    CAST(sum(CASE WHEN c.decision_id IS NULL THEN 0 ELSE 1 END) AS BIGINT) AS clicked
FROM met AS m
LEFT JOIN clicked AS c ON c.decision_id = m.decision_id
GROUP BY m.placement, m.side
ORDER BY m.placement, m.side
