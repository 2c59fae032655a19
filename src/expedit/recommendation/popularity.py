"""What sells and is looked at: in all, in each market, and faster than usual.

A count fades by half every `half_life`: each event weighs 2^(-age / half_life) (exponential smoothing).
Selling and looking are brought to one scale by the shop's own conversion: a view is worth the purchases
that views lead to on average, so a shop without purchases is ranked by views alone.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from expedit.core import DAY
from expedit.recommendation.arrays import Floats, Ints, Longs

HALF_LIFE = 14 * DAY
RECENT_HALF_LIFE = 36 * 3600 * 1_000_000
TREND_SHRINKAGE = 10.0


@dataclass(frozen=True, slots=True)
class Happenings:
    """Views or purchases, one entry each.

    Attributes
    ----------
    items, at, market, weight
        int32 item index, int64 moment in microseconds, int32 market code (-1 unknown), float64 how much of it
        (1 a view, the net quantity of a purchase).
    """

    items: Ints
    at: Longs
    market: Ints
    weight: NDArray[np.float64]


def faded_counts(
    happenings: Happenings, n_items: int, now: int, half_life: int, market: int | None = None
) -> NDArray[np.float64]:
    """Return float64[n_items]: weights that fade with age, of one market or of all."""
    weight = happenings.weight * np.exp2(-np.maximum(now - happenings.at, 0) / half_life)
    if market is not None:
        weight = np.where(happenings.market == market, weight, 0.0)
    return np.bincount(happenings.items, weights=weight, minlength=n_items).astype(np.float64)


def popular_scores(
    views: Happenings,
    purchases: Happenings,
    n_items: int,
    now: int,
    market: int | None = None,
    *,
    worth: float = 1.0,
) -> Floats:
    """Return float32[n_items]: faded purchases, each worth so much, plus faded views times the shop's
    conversion, the best being 1."""
    conversion = purchases.weight.sum() / views.weight.sum() if views.weight.size else 0.0
    if conversion <= 0.0:
        conversion = 1.0
    scores = worth * faded_counts(purchases, n_items, now, HALF_LIFE, market)
    scores += conversion * faded_counts(views, n_items, now, HALF_LIFE, market)
    return to_one(np.maximum(scores, 0.0))  # more was returned than sold: no bestseller, no debt


def trending_scores(views: Happenings, n_items: int, now: int) -> Floats:
    """Return float32[n_items]: by how much the recent rate of views passes the longer run's, else 0.

    The recent faded count is compared with what the longer-run rate leads one to expect of it; both are
    enlarged by `TREND_SHRINKAGE` views, so that few views prove nothing:
    ln((recent + c) / (expected + c)).
    """
    if views.items.size == 0:
        return np.zeros(n_items, np.float32)
    span = max(int(now - views.at.min()), 1)
    recent = faded_counts(views, n_items, now, RECENT_HALF_LIFE)
    longer = faded_counts(views, n_items, now, HALF_LIFE)
    expected = longer * _exposure(span, RECENT_HALF_LIFE) / _exposure(span, HALF_LIFE)
    return to_one(np.maximum(np.log((recent + TREND_SHRINKAGE) / (expected + TREND_SHRINKAGE)), 0.0))


def _exposure(span: int, half_life: int) -> float:
    """Return the faded length of a span: the integral of 2^(-t / half_life) over it."""
    return half_life * (1.0 - math.exp2(-span / half_life)) / math.log(2.0)


def to_one(scores: NDArray[np.float64]) -> Floats:
    """Return scores as float32 shares of the best; zeros as they are."""
    best = scores.max() if scores.size else 0.0
    return (scores / best if best > 0 else scores).astype(np.float32)
