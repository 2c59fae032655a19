"""The compiled loops over pairs of items: who is seen or bought with whom, and whose words are alike.

Both work item by item over postings, so memory stays bounded however many pairs there are.
"""

import math

import numpy as np
from numba import types
from numpy.typing import NDArray

from expedit.recommendation.arrays import Doubles, Floats, Ints, Longs
from expedit.recommendation.kernels import (
    F4,
    F4_OUT,
    F8,
    F8_OUT,
    I4,
    I4_OUT,
    I4_ROWS,
    I8,
    INT,
    find_slot,
    push_best,
    sort_best,
)
from expedit.recommendation.numba_cache import compiled, inner

F4_ROWS = types.Array(types.float32, 2, "C")
I4_TABLE = types.Array(types.int32, 2, "C", readonly=True)

_GROUP, _CATEGORY, _PARENT, _BRAND, _COLOR = range(5)  # columns of a product's codes


@inner
def _count_session(
    item: int, begin: int, end: int, clicks: Ints, forward: Doubles, backward: Doubles, touched_size: int,
    sums: Doubles, support: Ints, touched: Ints, fresh: Ints,
) -> int:  # fmt: skip
    """Add one session of `item` to the sums of the items around it; `fresh` marks those not yet counted in
    it."""
    for at in range(begin, end):
        if clicks[at] != item:
            continue
        for other in range(max(begin, at - backward.size + 1), min(end, at + forward.size)):
            if other == at:
                continue
            key = clicks[other]
            weight = forward[other - at] if other > at else backward[at - other]
            if weight <= 0.0:
                continue
            if support[key] == 0 and sums[key] == 0.0:
                touched[touched_size] = key
                touched_size += 1
            sums[key] += weight
            if fresh[key] == 0:
                fresh[key] = 1
                support[key] += 1
    for at in range(begin, end):
        fresh[clicks[at]] = 0
    return touched_size


@inner
def _pair_score(total: float, support: int, own: float, other: float, params: Doubles) -> float:
    """Weigh a pair: total · support/(support + shrink) / (own^a · other^b).

    With a prior, support / (expected + prior) instead, expected being own · other / sessions; 0 for a pair
    no oftener seen than by chance.
    """
    if params[7] > 0.0:
        expected = own * other / float(params[8])
        return float(support / (expected + params[7])) if support > expected else 0.0
    own_exponent, other_exponent, shrink = float(params[1]), float(params[2]), float(params[3])
    return float(total * support / (support + shrink) / (own**own_exponent * other**other_exponent))


@inner
def _related(item: int, other: int, family: Ints, kind: Ints, across: bool, itself: bool) -> bool:
    """Whether two items may be related at all."""
    if item == other:
        return itself
    if family[item] >= 0 and family[item] == family[other]:
        return False
    return not (across and (kind[item] < 0 or kind[other] < 0 or kind[item] == kind[other]))


@compiled(
    INT,
    INT,
    I8,
    I4,
    I8,
    I4,
    I4,
    I4,
    F8,
    F8,
    F8,
    F8_OUT,
    I4_OUT,
    I4_OUT,
    I4_OUT,
    I4_OUT,
    I4_ROWS,
    F4_ROWS,
    I4_OUT,
)
def relate_items(
    first: int, last: int,
    item_ptr: Longs, postings: Ints, session_ptr: Longs, clicks: Ints, family: Ints, kind: Ints,
    forward: Doubles, backward: Doubles, params: Doubles,
    sums: Doubles, support: Ints, touched: Ints, fresh: Ints, reasons: Ints,
    out_items: Ints, out_scores: NDArray[np.float32], out_sizes: Ints,
) -> None:  # fmt: skip
    """Find the items that stand most with each of the items first…last-1.

    Parameters
    ----------
    item_ptr, postings, session_ptr, clicks
        An index of sessions (or baskets), see `session_model.SessionIndex`.
    family, kind
        int32[n_items]: items of one family (0 or more) are variants and never related; with params[5], nor
        are items of one kind (category), so that what remains complements.
    forward, backward
        Weight of an item 1, 2, … clicks after and before (place 0 is unused); their sizes bound the window.
    params
        Most sessions read per item (the newest), exponents of the item's own count and of the other's,
        shrinkage of rare pairs, fewest sessions a pair needs, 1 to ask for another kind, 1 to keep the item
        itself; the prior of a lift (0 = no lift) and how many sessions there are.
    sums, support, touched, fresh, reasons
        Scratch of n_items, clean before and after (`reasons` as long as a row of the answer).
    """
    limit, floor = int(params[0]), int(params[4])
    for item in range(first, last):
        touched_size = 0
        begin = item_ptr[item]
        end = min(item_ptr[item + 1], begin + limit)
        for at in range(begin, end):
            session = postings[at]
            touched_size = _count_session(
                item, session_ptr[session], session_ptr[session + 1], clicks, forward, backward, touched_size,
                sums, support, touched, fresh,
            )  # fmt: skip
        size = 0
        for at in range(touched_size):
            key = touched[at]
            total, pairs = sums[key], support[key]
            sums[key], support[key] = 0.0, 0
            if pairs < floor or not _related(item, key, family, kind, params[5] > 0.0, params[6] > 0.0):
                continue
            score = _pair_score(total, pairs, end - begin, item_ptr[key + 1] - item_ptr[key], params)
            if score <= 0.0:
                continue
            size = push_best(out_scores[item - first], out_items[item - first], reasons, size, score, key, 0)
        sort_best(out_scores[item - first], out_items[item - first], reasons, size)
        out_sizes[item - first] = size


@inner
def _shared_attributes(item: int, other: int, codes: Ints, weights: Doubles) -> float:
    """Score what two products have in common: category or else its parent, brand, color."""
    score = 0.0
    if codes[item, _CATEGORY] >= 0 and codes[item, _CATEGORY] == codes[other, _CATEGORY]:
        score += weights[1]
    elif codes[item, _PARENT] >= 0 and codes[item, _PARENT] == codes[other, _PARENT]:
        score += weights[2]
    if codes[item, _BRAND] >= 0 and codes[item, _BRAND] == codes[other, _BRAND]:
        score += weights[3]
    if codes[item, _COLOR] >= 0 and codes[item, _COLOR] == codes[other, _COLOR]:
        score += weights[4]
    return score


@inner
def _near_in_price(one: float, other: float) -> float:
    """Return exp(-|difference of logarithms| / 0.5), 0 where a price is unknown (NaN)."""
    if math.isnan(one) or math.isnan(other):
        return 0.0
    return math.exp(-abs(one - other) / 0.5)


@inner
def _read_words(
    item: int, doc_ptr: Longs, terms: Ints, values: Floats, term_ptr: Longs, docs: Ints, doc_values: Floats,
    budget: int, sums: Doubles, fresh: Ints, touched: Ints,
) -> int:  # fmt: skip
    """Sum the products of shared words, the weightiest words first, until the budget of postings is spent."""
    size = 0
    for at in range(doc_ptr[item], doc_ptr[item + 1]):
        term = terms[at]
        for place in range(term_ptr[term], min(term_ptr[term + 1], term_ptr[term] + budget)):
            other = docs[place]
            if fresh[other] == 0:
                fresh[other] = 1
                touched[size] = other
                size += 1
            sums[other] += values[at] * doc_values[place]
        budget -= min(budget, term_ptr[term + 1] - term_ptr[term])
        if budget <= 0:
            break
    return size


@inner
def _read_shelf(
    item: int,
    size: int,
    codes: Ints,
    shelf: Ints,
    place_on_shelf: Ints,
    reach: int,
    fresh: Ints,
    touched: Ints,
) -> int:
    """Add the neighbors in price within the same category to the candidates; return how many there are."""
    if codes[item, _CATEGORY] < 0:
        return size
    for place in range(
        max(place_on_shelf[item] - reach, 0), min(place_on_shelf[item] + reach + 1, shelf.size)
    ):
        other = shelf[place]
        if codes[other, _CATEGORY] == codes[item, _CATEGORY] and fresh[other] == 0:
            fresh[other] = 1
            touched[size] = other
            size += 1
    return size


@compiled(
    INT, INT, I8, I4, F4, I8, I4, F4, I4_TABLE, F4, I4, I4, F8, INT, INT,
    F8_OUT, I4_OUT, I4_OUT, I4_OUT, I4_ROWS, F4_ROWS, I4_OUT,
)  # fmt: skip
def match_products(
    first: int, last: int,
    doc_ptr: Longs, terms: Ints, values: Floats, term_ptr: Longs, docs: Ints, doc_values: Floats,
    codes: Ints, log_price: Floats, shelf: Ints, place_on_shelf: Ints,
    weights: Doubles, budget: int, reach: int,
    sums: Doubles, fresh: Ints, touched: Ints, reasons: Ints,
    out_items: Ints, out_scores: NDArray[np.float32], out_sizes: Ints,
) -> None:  # fmt: skip
    """Find the products most like each of the products first…last-1.

    Parameters
    ----------
    doc_ptr, terms, values
        Words of each product, heaviest first, with their weights.
    term_ptr, docs, doc_values
        Products of each word, heaviest first, with their weights.
    codes, log_price
        int32[n, 5]: group, category, parent category, brand and color of each product, -1 unknown; the
        natural logarithm of its price, NaN unknown.
    shelf, place_on_shelf
        All products ordered by category and price, and where each stands in that order: its neighbors there
        are candidates too, words or none.
    weights
        Of words, category, parent category, brand, color, price.
    budget, reach
        Word postings read for a product; neighbors on the shelf looked at on either side.
    """
    for item in range(first, last):
        size = _read_words(
            item, doc_ptr, terms, values, term_ptr, docs, doc_values, budget, sums, fresh, touched
        )
        size = _read_shelf(item, size, codes, shelf, place_on_shelf, reach, fresh, touched)
        best, kept = out_scores[item - first], 0
        for at in range(size):
            other = touched[at]
            score = weights[0] * sums[other] + _shared_attributes(item, other, codes, weights)
            sums[other], fresh[other] = 0.0, 0
            if kept == best.size and score + weights[5] <= best[0]:
                continue  # no price could lift it among the best
            if item == other or (codes[item, _GROUP] >= 0 and codes[item, _GROUP] == codes[other, _GROUP]):
                continue
            score += weights[5] * _near_in_price(log_price[item], log_price[other])
            kept = push_best(best, out_items[item - first], reasons, kept, score, other, 0)
        sort_best(best, out_items[item - first], reasons, kept)
        out_sizes[item - first] = kept


@inner
def add_share(
    key: int, share: float, reason: int, count: int,
    table: Ints, keys: Ints, sums: Doubles, peaks: Doubles, because: Ints, slots: Ints,
) -> int:  # fmt: skip
    """Add a share to an item's sum, and remember what gave its largest one; return the number of items."""
    slot = find_slot(table, keys, key)
    if table[slot] == 0:
        keys[count], sums[count], peaks[count], because[count], slots[count] = key, 0.0, 0.0, reason, slot
        count += 1
        table[slot] = count
    entry = table[slot] - 1
    sums[entry] += share
    if share > peaks[entry]:
        peaks[entry], because[entry] = share, reason
    return count


@inner
def _rank(
    count: int, table: Ints, keys: Ints, sums: Doubles, because: Ints, slots: Ints,
    out_items: Ints, out_scores: Floats, out_because: Ints,
) -> int:  # fmt: skip
    """Write the best sums in order and leave the table clean; return how many."""
    size = 0
    for entry in range(count):
        table[slots[entry]] = 0
        size = push_best(out_scores, out_items, out_because, size, sums[entry], keys[entry], because[entry])
    sort_best(out_scores, out_items, out_because, size)
    return size


_SUMS = (I4_OUT, I4_OUT, F8_OUT, F8_OUT, I4_OUT, I4_OUT, I4_OUT, F4_OUT, I4_OUT)


@compiled(I8, I4, F4, I4, F8, *_SUMS)
def sum_rows(
    ptr: Longs, items: Ints, scores: Floats, rows: Ints, weights: Doubles,
    table: Ints, keys: Ints, sums: Doubles, peaks: Doubles, because: Ints, slots: Ints,
    out_items: Ints, out_scores: Floats, out_because: Ints,
) -> int:  # fmt: skip
    """Add up rows of related items, each times its weight; return how many were written, best first.

    Parameters
    ----------
    ptr, items, scores
        Offsets, items and scores of all rows.
    rows, weights
        Which rows, and how much each counts; the reason of an item is the row that gave it most.
    table … slots
        Scratch: a table of zeros, at least twice as long as the entries; the others as long as they.
    """
    count = 0
    for at in range(rows.size):
        row = rows[at]
        for place in range(ptr[row], ptr[row + 1]):
            share = weights[at] * scores[place]
            count = add_share(items[place], share, row, count, table, keys, sums, peaks, because, slots)
    return _rank(count, table, keys, sums, because, slots, out_items, out_scores, out_because)


@compiled(I4, F8, I4, *_SUMS)
def sum_shares(
    items: Ints, shares: Doubles, reasons: Ints,
    table: Ints, keys: Ints, sums: Doubles, peaks: Doubles, because: Ints, slots: Ints,
    out_items: Ints, out_scores: Floats, out_because: Ints,
) -> int:  # fmt: skip
    """Add up the shares of equal items; the largest gives the reason. See `sum_rows`."""
    count = 0
    for at in range(items.size):
        count = add_share(items[at], shares[at], reasons[at], count, table, keys, sums, peaks, because, slots)
    return _rank(count, table, keys, sums, because, slots, out_items, out_scores, out_because)
