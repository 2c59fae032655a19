-- The last decisions that some subjects were shown, the latest first, each with how many items it had.
--
-- Tables: decisions (the sealed decision log), wanted (subjects).
-- Parameters: $most.
WITH theirs AS (
    SELECT decision_id, ts_us, placement, arm, personal, channel, market
    FROM decisions
    WHERE position = 0 AND subject_id IN (SELECT subject_id FROM wanted)
),
ranked AS (
    SELECT
        decision_id, ts_us, placement, arm, personal, channel, market,
        row_number() OVER (ORDER BY ts_us DESC, decision_id) AS place
    FROM theirs
),
items AS (
    SELECT decision_id, count(*) AS items
    FROM decisions
    WHERE position >= 1 AND subject_id IN (SELECT subject_id FROM wanted)
    GROUP BY decision_id
)
SELECT
    r.decision_id,
    r.ts_us,
    r.placement,
    r.arm,
    r.personal,
    r.channel,
    r.market,
    CAST(coalesce(i.items, 0) AS BIGINT) AS items
FROM ranked AS r
LEFT JOIN items AS i ON i.decision_id = r.decision_id
WHERE r.place <= $most
ORDER BY r.ts_us DESC, r.decision_id
