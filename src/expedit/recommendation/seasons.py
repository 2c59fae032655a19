"""Bestsellers of this time of the year.

What was bought in the same weeks of last year counts product by product, as far as the log goes and as the
products are still sold. Most of a season's products are new ones, so it also counts by category: what is
popular now, times how much more than at other times its category was bought in those weeks.
"""

from __future__ import annotations

import numpy as np

from expedit.core import DAY
from expedit.recommendation.arrays import Floats, Ints
from expedit.recommendation.popularity import to_one
from expedit.recommendation.scopes import FEWEST_BUYERS, FEWEST_PIECES, Purchases

YEAR = 364 * DAY
"""Fifty-two weeks: the same days of the week."""

BEFORE, AFTER = 14 * DAY, 21 * DAY
"""The weeks around this day of last year that count."""

OWN_SHARE = 0.6
"""Weight of what was bought of the product itself against what its category and popularity say."""

SHRINKAGE = 30.0
"""Purchases of a category as usual that are added to those of the season."""


def season_scores(bought: Purchases, popular: Floats, category: Ints, now: int) -> Floats:
    """Return float32[items]: how well each item sells at this time of the year, the best 1; zeros where the
    log does not reach back a year, or holds too few purchases of those weeks.

    Parameters
    ----------
    bought
        Purchases of more than a year.
    popular
        float32[items]: how popular each item is now.
    category
        int32[items]: leaf category of each item, -1 for none.
    """
    n = popular.size
    then = now - YEAR
    inside = (bought.at >= then - BEFORE) & (bought.at < then + AFTER)
    people = np.unique(bought.people()[inside]).size
    if bought.quantity[inside].sum() < FEWEST_PIECES or people < FEWEST_BUYERS:
        return np.zeros(n, np.float32)
    own = np.bincount(bought.items[inside], weights=bought.quantity[inside], minlength=n)
    kinds = category + 1
    in_season = np.bincount(kinds[bought.items[inside]], weights=bought.quantity[inside])
    in_all = np.bincount(
        kinds[bought.items], weights=bought.quantity, minlength=int(kinds.max(initial=0)) + 1
    )
    in_season = np.pad(in_season, (0, in_all.size - in_season.size))
    usual = in_all / in_all.sum()
    seen = (in_season + SHRINKAGE * usual) / (in_season.sum() + SHRINKAGE)
    index = np.divide(seen, usual, out=np.ones(usual.size), where=usual > 0)
    themselves, their_kind = to_one(own.astype(np.float64)), to_one(popular * index[kinds])
    return to_one(OWN_SHARE * themselves.astype(np.float64) + (1.0 - OWN_SHARE) * their_kind)
