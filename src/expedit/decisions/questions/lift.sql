-- Lift (true): what people bought after they first met an experiment, by the arm they met it in.
--
-- A person belongs to the arm of their first decision, whatever was shown or clicked later; people who met more
-- than one arm are counted as crossovers. Purchases count from the first decision until the end of the time
-- asked about, clicked or not. Only decisions in the chosen markets count, and only purchases in one currency:
-- there is no rate by which others could be added. An order that tells no value is worth its lines.
--
-- By placement, the same is told of those who met each: an arm is that of the first decision there.
--
-- Tables: decisions (the sealed decision log), events, items, persons (subject to person, by time), chosen
-- (markets).
-- Parameters: $experiment, $currency, $since_us, $until_us, $by_placement.
WITH met AS (
    SELECT
        coalesce(p.person_id, d.subject_id) AS person_id,
        CASE WHEN $by_placement THEN d.placement ELSE '' END AS placement,
        d.arm,
        d.ts_us,
        d.decision_id
    FROM decisions AS d
    LEFT JOIN persons AS p
        ON p.subject_id = d.subject_id AND d.ts_us >= p.valid_from_us AND d.ts_us < p.valid_until_us
    WHERE d.position = 0 AND d.experiment = $experiment AND d.arm <> '' AND d.subject_id <> ''
        AND d.ts_us >= $since_us AND d.ts_us < $until_us
        AND coalesce(d.market, '') IN (SELECT market FROM chosen)
),
ranked AS (
    SELECT
        person_id,
        placement,
        arm,
        ts_us,
        row_number() OVER (PARTITION BY person_id, placement ORDER BY ts_us, decision_id) AS place
    FROM met
),
arms AS (
    SELECT person_id, placement, count(DISTINCT arm) AS arms
    FROM met
    GROUP BY person_id, placement
),
people AS (
    SELECT r.person_id, r.placement, r.arm, r.ts_us AS first_us, CASE WHEN a.arms > 1 THEN 1 ELSE 0 END AS crossed
    FROM ranked AS r
    JOIN arms AS a ON a.person_id = r.person_id AND a.placement = r.placement
    WHERE r.place = 1
),
worth AS (
    SELECT source, message_id, sum(quantity * price_minor) AS lines_minor
    FROM items
    WHERE kind = 'purchase' AND ts_us >= $since_us AND ts_us < $until_us
    GROUP BY source, message_id
),
orders AS (
    SELECT
        coalesce(p.person_id, e.subject_id) AS person_id,
        coalesce(e.order_id, e.message_id) AS order_id,
        min(e.ts_us) AS ts_us,
        max(coalesce(e.value_minor, w.lines_minor, 0)) AS value_minor
    FROM events AS e
    LEFT JOIN worth AS w ON w.source = e.source AND w.message_id = e.message_id
    LEFT JOIN persons AS p
        ON p.subject_id = e.subject_id AND e.ts_us >= p.valid_from_us AND e.ts_us < p.valid_until_us
    WHERE e.kind = 'purchase' AND e.subject_id <> '' AND e.currency = $currency
        AND e.ts_us >= $since_us AND e.ts_us < $until_us
    GROUP BY coalesce(p.person_id, e.subject_id), coalesce(e.order_id, e.message_id)
),
spent AS (
    SELECT
        w.person_id,
        w.placement,
        count(o.order_id) AS orders,
        coalesce(sum(o.value_minor), 0) AS value_minor
    FROM people AS w
    LEFT JOIN orders AS o ON o.person_id = w.person_id AND o.ts_us >= w.first_us
    GROUP BY w.person_id, w.placement
)
SELECT
    w.placement,
    w.arm,
    CAST(count(*) AS BIGINT) AS people,
    CAST(sum(w.crossed) AS BIGINT) AS crossovers,
    CAST(sum(CASE WHEN s.orders > 0 THEN 1 ELSE 0 END) AS BIGINT) AS buyers,
    CAST(sum(s.orders) AS BIGINT) AS orders,
    CAST(sum(s.value_minor) AS BIGINT) AS revenue_minor,
    CAST(sum(CAST(s.value_minor AS DOUBLE) * CAST(s.value_minor AS DOUBLE)) AS DOUBLE) AS revenue_squares,
    CAST(min(w.first_us) AS BIGINT) AS first_us
FROM people AS w
JOIN spent AS s ON s.person_id = w.person_id AND s.placement = w.placement
GROUP BY w.placement, w.arm
ORDER BY w.placement, w.arm
