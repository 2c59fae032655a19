"""After how long a product is bought again: learned from orders, and used to say what is due.

The interval of a product is the median of the times between two purchases of it by one person, each over the
quantity bought first: three bags last three times as long. It counts once `FEWEST_GAPS` such times of
`FEWEST_BUYERS` people are known, and at least `FEWEST_AGAIN` of its buyers came back for it; else a jacket
that two people happened to buy twice would be something to buy again. A product with too few takes the
interval of its category, pooled over repeats of the *same* product, under the same conditions.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from expedit.core import DAY
from expedit.recommendation.arrays import Floats, Ints, Longs
from expedit.recommendation.catalog_side import CatalogView
from expedit.recommendation.model import Model
from expedit.recommendation.options import number
from expedit.recommendation.query import Candidates, Query, best_of, of_catalog, shown

FEWEST_GAPS = 5
FEWEST_BUYERS = 3
FEWEST_AGAIN = 0.1


def repurchase_days(
    basket_ptr: Longs,
    items: Ints,
    quantities: NDArray[np.integer],
    at: Longs,
    buyer: NDArray[np.integer],
    category: Ints,
) -> Floats:
    """Return after how many days one piece of each item is bought again, 0 where nothing says so.

    Parameters
    ----------
    basket_ptr, items, quantities
        int64[baskets + 1] offsets; item and quantity of every line.
    at, buyer
        Moment and buyer of each basket, -1 for nobody.
    category
        int32[items]: leaf category of each item, -1 for none.
    """
    n = category.size
    lines = np.diff(basket_ptr)
    who, when = np.repeat(buyer, lines), np.repeat(at // DAY, lines)
    known = (who >= 0) & (quantities > 0)
    order = np.lexsort((when[known], items[known], who[known]))
    who, item = who[known][order], items[known][order]
    when, amount = when[known][order], quantities[known][order].astype(np.int64)
    if who.size == 0:
        return np.zeros(n, np.float32)
    first = np.flatnonzero(
        np.r_[True, (who[1:] != who[:-1]) | (item[1:] != item[:-1]) | (when[1:] != when[:-1])]
    )
    amount = np.add.reduceat(amount, first)
    who, item, when = who[first], item[first], when[first]
    pair = np.flatnonzero(np.r_[True, (who[1:] != who[:-1]) | (item[1:] != item[:-1])])
    again = np.flatnonzero((who[1:] == who[:-1]) & (item[1:] == item[:-1]))
    gaps = (when[again + 1] - when[again]) / amount[again]
    own = _medians(item[again], gaps, who[again], item[pair], n)
    kind = category[item]
    codes = int(category.max(initial=-1)) + 2
    pooled = _medians(kind[again] + 1, gaps, who[again], kind[pair] + 1, codes)
    pooled[0] = 0.0  # what has no category is no category
    found: Floats = np.where(own > 0, own, pooled[category + 1]).astype(np.float32)
    return found


def _medians(
    key: NDArray[np.integer],
    gaps: NDArray[np.float64],
    who: NDArray[np.integer],
    pairs: NDArray[np.integer],
    n: int,
) -> NDArray[np.float64]:
    """Return the median gap of each key, 0 where too few people came back.

    Parameters
    ----------
    key, gaps, who
        Of every time that somebody came back.
    pairs
        Key of every (person, item) that was bought at all.
    """
    medians = np.zeros(n)
    if key.size == 0:
        return medians
    order = np.lexsort((gaps, key))
    key, gaps, who = key[order], gaps[order], who[order]
    starts = np.flatnonzero(np.r_[True, key[1:] != key[:-1]])
    ends = np.r_[starts[1:], key.size].astype(np.int64)
    bought = np.bincount(pairs, minlength=n)
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        if end - start < FEWEST_GAPS:
            continue
        buyers = np.unique(who[start:end]).size
        if buyers >= FEWEST_BUYERS and buyers >= FEWEST_AGAIN * bought[key[start]]:
            medians[key[start]] = float(np.median(gaps[start:end]))
    return medians


def buy_again(model: Model, catalog: CatalogView, query: Query) -> Candidates:
    """The person's own purchases that are due to be bought again, what is most nearly due first.

    Due is what was bought between `early` and `late` times its interval ago. A product that the catalog
    calls replenishable, and whose interval nobody knows, lasts `days`.
    """
    early = number(query.options, "buy_again", "early")
    late = number(query.options, "buy_again", "late")
    days = number(query.options, "buy_again", "days")
    places = model.binding(catalog).to_model
    last: dict[int, tuple[int, int]] = {}
    for one in query.purchases:
        at, quantity = last.get(one.item, (one.at, 0))
        if one.at // DAY == at // DAY:  # the newest day on which it was bought
            last[one.item] = (at, quantity + one.quantity)
    due: dict[int, float] = {}
    for item, (at, quantity) in last.items():
        place = int(places[item]) if item < places.size else -1
        lasts = float(model.repurchase[place]) if 0 <= place < model.repurchase.size else 0.0
        if lasts <= 0.0:
            lasts = days if catalog.replenishable(item) else 0.0
        if lasts <= 0.0:
            continue
        passed = (query.now - at) / DAY / (lasts * quantity)
        if early <= passed <= late:
            due[item] = min(passed, 1.0 / passed)
    items = np.array(list(due), np.int32)
    scores = np.array(list(due.values()), np.float64)
    return shown(best_of(of_catalog(items, scores), scores), catalog, query)
