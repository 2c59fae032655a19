-- What each rule does (randomized): what came of the decisions in which a coin fell over it, with the rule and without.
--
-- A decision is worth the purchase lines that a click in it led to within the window: a line counts for the last
-- click on that product in any decision, by the same person, as in the attribution. Since the coin was thrown by
-- chance, the difference between both sides is the rule's doing. A coin falls over one of the rules that hold, in a
-- share of decisions; `weight` is how many decisions such a one stands for. One row an edition of a rule and actor:
-- what a rule did before it was changed tells nothing of what it does now, and what one person does more than once is
-- not independent, so intervals are worked out over actors.
--
-- A listing is one decision however many of its pages are asked for, since its coin fell once, on the first page, and a
-- rule may well make people leaf through more or fewer: what comes of a later page counts for the first, and for the
-- edition in force then, as long as the order is still that of the first page's rules.
--
-- Tables: decisions (the sealed decision log), items (lines of events), persons (subject to person, by time), chosen
-- (markets), spells (from when until when which edition of a rule was in force; no two of a rule overlap).
-- Parameters: $since_us, $until_us, $window_us (click to purchase), $currency.
WITH coins AS (
    SELECT
        d.rule,
        s.edition,
        d.rule_off,
        d.rule_weight,
        d.decision_id,
        d.rules,
        d.ts_us,
        coalesce(p.person_id, nullif(d.subject_id, ''), d.decision_id) AS actor
    FROM decisions AS d
    JOIN spells AS s ON s.rule = d.rule AND d.ts_us >= s.from_us AND d.ts_us < s.until_us
    LEFT JOIN persons AS p
        ON p.subject_id = d.subject_id AND d.ts_us >= p.valid_from_us AND d.ts_us < p.valid_until_us
    WHERE d.position = 0 AND d.rule IS NOT NULL AND d.continues IS NULL AND d.ts_us >= $since_us AND d.ts_us < $until_us
        AND coalesce(d.market, '') IN (SELECT market FROM chosen)
),
pages AS (
    SELECT decision_id, decision_id AS coin_id FROM coins
    UNION ALL
    SELECT d.decision_id, c.decision_id AS coin_id
    FROM coins AS c
    JOIN decisions AS d
        ON d.continues = c.decision_id AND d.rule = c.rule AND d.rule_off = c.rule_off AND d.rules = c.rules
    WHERE d.position = 0 AND d.ts_us >= $since_us AND d.ts_us < $until_us
),
shown AS (
    SELECT decision_id, product_id
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
    WHERE i.kind IN ('click', 'purchase') AND i.ts_us >= $since_us AND i.ts_us < $until_us
        AND (i.kind <> 'purchase' OR i.currency = $currency)
),
clicks AS (
    SELECT a.actor, a.product_id, a.ts_us, a.message_id, s.decision_id
    FROM acts AS a
    JOIN shown AS s ON s.decision_id = a.decision_id AND s.product_id = a.product_id
    WHERE a.kind = 'click'
),
clicked AS (
    SELECT p.coin_id, count(DISTINCT k.product_id) AS clicks
    FROM clicks AS k
    JOIN pages AS p ON p.decision_id = k.decision_id
    GROUP BY p.coin_id
),
led AS (
    SELECT
        c.decision_id,
        b.quantity * coalesce(b.price_minor, 0) AS revenue_minor,
        row_number() OVER (
            PARTITION BY b.source, b.message_id, b.line ORDER BY c.ts_us DESC, c.decision_id, c.message_id
        ) AS nearest,
        dense_rank() OVER (
            PARTITION BY b.order_id, b.product_id ORDER BY b.ts_us, b.source, b.message_id
        ) AS telling
    FROM acts AS b
    JOIN clicks AS c
        ON c.actor = b.actor AND c.product_id = b.product_id
        AND c.ts_us <= b.ts_us AND b.ts_us - c.ts_us <= $window_us
    WHERE b.kind = 'purchase'
),
earned AS (
    SELECT p.coin_id, sum(l.revenue_minor) AS revenue_minor
    FROM led AS l
    JOIN pages AS p ON p.decision_id = l.decision_id
    WHERE l.nearest = 1 AND l.telling = 1
    GROUP BY p.coin_id
),
sides AS (
    SELECT
        c.rule,
        c.edition,
        c.actor,
        c.ts_us,
        CASE WHEN c.rule_off THEN 0 ELSE c.rule_weight END AS on_weight,
        CASE WHEN c.rule_off THEN c.rule_weight ELSE 0 END AS off_weight,
        CASE WHEN c.rule_off THEN 0 ELSE 1 END AS on_decisions,
        coalesce(k.clicks, 0) AS clicks,
        coalesce(e.revenue_minor, 0) AS revenue_minor
    FROM coins AS c
    LEFT JOIN clicked AS k ON k.coin_id = c.decision_id
    LEFT JOIN earned AS e ON e.coin_id = c.decision_id
)
SELECT
    rule,
    CAST(edition AS BIGINT) AS edition,
    CAST(min(ts_us) AS BIGINT) AS first_us,
    CAST(sum(on_decisions) AS BIGINT) AS on_decisions,
    CAST(sum(1 - on_decisions) AS BIGINT) AS off_decisions,
    CAST(sum(on_weight) AS DOUBLE) AS on_weight,
    CAST(sum(off_weight) AS DOUBLE) AS off_weight,
    CAST(sum(on_weight * clicks) AS DOUBLE) AS on_clicks,
    CAST(sum(off_weight * clicks) AS DOUBLE) AS off_clicks,
    CAST(sum(on_weight * revenue_minor) AS DOUBLE) AS on_revenue_minor,
    CAST(sum(off_weight * revenue_minor) AS DOUBLE) AS off_revenue_minor
FROM sides
GROUP BY rule, edition, actor
ORDER BY rule, edition, actor
