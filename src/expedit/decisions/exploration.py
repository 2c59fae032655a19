"""Exploration: a small share of decisions shuffles its tail, with exact propensities.

The scheme, which is part of the log's meaning:

1. Of an answer with *n* items the first ``head = ⌈n / 2⌉`` positions never change.
2. The tail has ``t = n − head`` positions. Its *pool* is the greedy tail and up to *t* further eligible
   candidates of the steps that ran, in greedy order: ``P = t + spare`` items. Where rules say what may not
   stand together, all of the pool may stand together with the head: what may not is left out of it.
3. With probability ε (setting ``explore_share``) the tail is a uniformly random sample of *t* items of the
   pool, in random order; else it is the greedy tail.

So the probability that item *i* of the pool stands at tail position *j* is ``(1 − ε)·[i is greedy at j] + ε
/ P``, whatever happened in this decision; a head item has 1. These are logged for every shown item,
explored or not. Whether a decision explores is read from the last 32 random bits of its id, and the sample
is drawn by a generator seeded with the id: whoever has the inputs and the id draws the same.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

_RANGE = 1 << 32


def explores(decision_id: str, share: float) -> bool:
    """Tell whether the decision with `decision_id` (32 hex digits) shuffles its tail."""
    return int(decision_id[-8:], 16) < share * _RANGE


def head_of(shown: int) -> int:
    """Return how many positions of `shown` are never shuffled."""
    return (shown + 1) // 2


def spare_of(limit: int) -> int:
    """Return how many candidates beyond `limit` the pool may hold: as many as the tail."""
    return limit - head_of(limit)


def tail_order(decision_id: str, pool: int, tail: int) -> list[int]:
    """Return which of the `pool` items (by greedy place, from 0) stand at the `tail` positions."""
    return random.Random(decision_id).sample(range(pool), tail)


def propensities(order: Sequence[int], pool: int, share: float) -> list[float]:
    """Return for each tail position the probability that the item that stands there stood there.

    Parameters
    ----------
    order
        Greedy place in the pool of the item at each tail position.
    pool
        Number of items in the pool.
    share
        ε, the probability that a decision explores.
    """
    return [(1.0 - share) * (place == at) + share / pool for at, place in enumerate(order)]
