"""The compiled loops of the session model: flat arrays in, flat arrays out, no allocation in a query.

The session model is VSTAN (Ludewig, Mauro, Latifi, Jannach 2021, *Empirical analysis of session-based
recommendation algorithms*) on the index of VMIS-kNN (Kersbergen, Sprangers, Schelter 2022, *Serenade*):
sessions numbered by time; for every item its sessions, newest first; for every session its items, in order.
Two weights are our own, since both raised the accuracy on every data set tried: `sidf` and `back`.

A query reads two such indexes as one: the static one of the last build (`a_*`) and a small one of the
sessions since (`b_*`), whose session numbers continue where the first one ends. All input arrays are
read-only types, so that memory-mapped files need no compilation of their own.
"""

import math

import numpy as np
from numba import types

from expedit.recommendation.arrays import Doubles, Floats, Ints, Longs
from expedit.recommendation.numba_cache import compiled, inner

I4 = types.Array(types.int32, 1, "C", readonly=True)
I8 = types.Array(types.int64, 1, "C", readonly=True)
F4 = types.Array(types.float32, 1, "C", readonly=True)
F8 = types.Array(types.float64, 1, "C", readonly=True)
I4_OUT = types.Array(types.int32, 1, "C")
I8_OUT = types.Array(types.int64, 1, "C")
F4_OUT = types.Array(types.float32, 1, "C")
F8_OUT = types.Array(types.float64, 1, "C")
I4_ROWS = types.Array(types.int32, 2, "C")
INT = types.int64

_GOLDEN = 2654435769  # 2^32 / golden ratio: Fibonacci hashing (Knuth, TAOCP 3, section 6.4)


# ── building the index ──────────────────────────────────────────────────────────────────────────────


@compiled(I8, I4, I4_OUT, I8_OUT)
def count_postings(session_ptr: Longs, session_items: Ints, seen: Ints, counts: Longs) -> None:
    """Count the sessions of each item into `counts[item + 1]`; `seen` (n_items) starts filled with -1."""
    for session in range(session_ptr.size - 1):
        for at in range(session_ptr[session], session_ptr[session + 1]):
            item = session_items[at]
            if seen[item] != session:
                seen[item] = session
                counts[item + 1] += 1


@compiled(I8, I4, I4_OUT, I8_OUT, I4_OUT)
def fill_postings(session_ptr: Longs, session_items: Ints, seen: Ints, cursor: Longs, postings: Ints) -> None:
    """Write each item's sessions, newest first; `cursor` (n_items) holds where each item's run begins."""
    for session in range(session_ptr.size - 2, -1, -1):
        for at in range(session_ptr[session], session_ptr[session + 1]):
            item = session_items[at]
            if seen[item] != session:
                seen[item] = session
                postings[cursor[item]] = session
                cursor[item] += 1


# ── ordering ────────────────────────────────────────────────────────────────────────────────────────


@inner
def _ahead(key: float, number: int, other_key: float, other_number: int) -> bool:
    """A total order, so that equal scores never depend on the order of visits: higher, then later."""
    return key > other_key or (key == other_key and number > other_number)


@inner
def _partition(keys: Doubles, numbers: Ints, order: Ints, low: int, high: int) -> int:
    """Split order[low..high] around its middle element; return where that element ended."""
    middle = (low + high) // 2
    order[middle], order[high] = order[high], order[middle]
    pivot = order[high]
    key, number = keys[pivot], numbers[pivot]
    store = low
    for at in range(low, high):
        entry = order[at]
        if _ahead(keys[entry], numbers[entry], key, number):
            order[at], order[store] = order[store], entry
            store += 1
    order[store], order[high] = order[high], order[store]
    return store


@inner
def _select(keys: Doubles, numbers: Ints, order: Ints, size: int, k: int) -> int:
    """Bring the k foremost of order[:size] to the front (quickselect); return how many there are."""
    if size <= k:
        return size
    low, high = 0, size - 1
    while low < high:
        at = _partition(keys, numbers, order, low, high)
        if at == k or at == k - 1:
            break
        if at < k:
            low = at + 1
        else:
            high = at - 1
    return k


@inner
def _sift_down(scores: Floats, items: Ints, because: Ints, root: int, size: int) -> None:
    """Restore a heap whose root is the least wanted: lowest score, then highest item index."""
    while True:
        child = 2 * root + 1
        if child >= size:
            return
        other = child + 1
        if other < size and _ahead(scores[child], -items[child], scores[other], -items[other]):
            child = other
        if not _ahead(scores[root], -items[root], scores[child], -items[child]):
            return
        scores[root], scores[child] = scores[child], scores[root]
        items[root], items[child] = items[child], items[root]
        because[root], because[child] = because[child], because[root]
        root = child


@inner
def push_best(
    scores: Floats, items: Ints, because: Ints, size: int, score: float, item: int, reason: int
) -> int:
    """Offer one item to the heap of the best; return the heap's new size."""
    if size < scores.size:
        at = size
        scores[at], items[at], because[at] = score, item, reason
        while at > 0:
            parent = (at - 1) // 2
            if not _ahead(scores[parent], -items[parent], scores[at], -items[at]):
                break
            scores[at], scores[parent] = scores[parent], scores[at]
            items[at], items[parent] = items[parent], items[at]
            because[at], because[parent] = because[parent], because[at]
            at = parent
        return size + 1
    if size > 0 and _ahead(float(np.float32(score)), -item, scores[0], -items[0]):
        scores[0], items[0], because[0] = score, item, reason
        _sift_down(scores, items, because, 0, size)
    return size


@inner
def sort_best(scores: Floats, items: Ints, because: Ints, size: int) -> None:
    """Turn the heap into a list, best first."""
    for end in range(size - 1, 0, -1):
        scores[0], scores[end] = scores[end], scores[0]
        items[0], items[end] = items[end], items[0]
        because[0], because[end] = because[end], because[0]
        _sift_down(scores, items, because, 0, end)


# ── one query ───────────────────────────────────────────────────────────────────────────────────────


@inner
def _newer(postings: Ints, low: int, high: int, session: int) -> int:
    """In postings[low:high], newest first, find the end of those with a number >= session."""
    while low < high:
        middle = (low + high) // 2
        if postings[middle] >= session:
            low = middle + 1
        else:
            high = middle
    return low


@inner
def _recent_items(running: Ints, n_items: int, max_length: int, items: Ints, steps: Ints) -> int:
    """Collect the distinct known items of the running session, last first, with their distance to its end."""
    found = 0
    for step in range(min(max_length, running.size)):
        item = running[running.size - 1 - step]
        if item < 0 or item >= n_items:
            continue
        fresh = True
        for at in range(found):
            if items[at] == item:
                fresh = False
                break
        if fresh:
            items[found], steps[found] = item, step
            found += 1
    return found


@inner
def _cutoff(
    items: Ints,
    found: int,
    a_ptr: Longs,
    a_post: Ints,
    b_ptr: Longs,
    b_post: Ints,
    base: int,
    total: int,
    m: int,
) -> int:
    """Find the oldest session number that still leaves at most m postings to read."""
    size = 0
    low, high = 0, total
    for at in range(found):
        item = items[at]
        a_size = a_ptr[item + 1] - a_ptr[item]
        size += a_size + b_ptr[item + 1] - b_ptr[item]
        if a_size > m:  # one list alone fills the budget: nothing older than its m-th session can be read
            low = max(low, a_post[a_ptr[item] + m])
    if size <= m:
        return 0
    while low < high:
        middle = (low + high) // 2
        count = 0
        for at in range(found):
            item = items[at]
            if middle < base:
                count += _newer(a_post, a_ptr[item], a_ptr[item + 1], middle) - a_ptr[item]
            count += _newer(b_post, b_ptr[item], b_ptr[item + 1], middle - base) - b_ptr[item]
        if count <= m:
            high = middle
        else:
            low = middle + 1
    return low


@inner
def find_slot(table: Ints, keys: Ints, key: int) -> int:
    """Find the place of a key in an open-addressing table whose cells hold entry numbers + 1, 0 = free."""
    mask = table.size - 1
    at = ((key * _GOLDEN) >> 12) & mask
    while table[at] != 0 and keys[table[at] - 1] != key:
        at = (at + 1) & mask
    return at


@inner
def _gather(
    item: int, weight: float, step: int, ptr: Longs, post: Ints, base: int, cutoff: int, count: int,
    table: Ints, sessions: Ints, sims: Doubles, shared: Ints, slots: Ints,
) -> int:  # fmt: skip
    """Add one item's weight to all its sessions at or after the cutoff; return the number of sessions."""
    for at in range(ptr[item], ptr[item + 1]):
        session = post[at] + base
        if session < cutoff:
            break
        slot = find_slot(table, sessions, session)
        if table[slot] == 0:
            sessions[count], sims[count], shared[count], slots[count] = session, 0.0, step, slot
            count += 1
            table[slot] = count
        sims[table[slot] - 1] += weight
    return count


@inner
def _spread(
    weight: float, back: float, item: int, ptr: Longs, clicks: Ints, session: int, nearness: Doubles,
    count: int, table: Ints, keys: Ints, sums: Doubles, peaks: Doubles, because: Ints, slots: Ints,
) -> int:  # fmt: skip
    """Give a neighbor's items their share: less the farther from the shared item, less if before it."""
    begin, end = ptr[session], ptr[session + 1]
    anchor = end - 1
    while anchor > begin and clicks[anchor] != item:
        anchor -= 1
    for at in range(begin, end):
        share = weight * nearness[abs(at - anchor)]
        if at < anchor:
            share *= back
        # As pair_kernels.add_share does; written out here, since the call costs a third of the query.
        key = clicks[at]
        slot = find_slot(table, keys, key)
        if table[slot] == 0:
            keys[count], sums[count], peaks[count], because[count], slots[count] = key, 0.0, 0.0, item, slot
            count += 1
            table[slot] = count
        entry = table[slot] - 1
        sums[entry] += share
        if share > peaks[entry]:
            peaks[entry], because[entry] = share, item
    return count


@inner
def _decay(scale: float, distance: int) -> float:
    """exp(-distance / scale); a scale of 0 switches the decay off."""
    return math.exp(-distance / scale) if scale > 0.0 else 1.0


@inner
def _query(
    running: Ints,
    a_ptr: Longs, a_post: Ints, a_session_ptr: Longs, a_clicks: Ints, a_factor: Floats,
    b_ptr: Longs, b_post: Ints, b_session_ptr: Longs, b_clicks: Ints, b_factor: Floats,
    rarity: Floats, params: Doubles,
    recent: Ints, steps: Ints, nearness: Doubles,
    s_table: Ints, sessions: Ints, sims: Doubles, shared: Ints, s_slots: Ints, order: Ints,
    i_table: Ints, keys: Ints, sums: Doubles, peaks: Doubles, reasons: Ints, i_slots: Ints,
    out_items: Ints, out_scores: Floats, out_because: Ints,
) -> int:  # fmt: skip
    """Answer one running session; see `query_sessions` for the arguments."""
    spw, inh, ipw, back, sidf = params[0], params[1], params[2], params[3], params[4]
    k, m, max_length = int(params[5]), int(params[6]), int(params[7])
    base = a_session_ptr.size - 1
    total = base + b_session_ptr.size - 1
    found = _recent_items(running, rarity.size, max_length, recent, steps)
    cutoff = _cutoff(recent, found, a_ptr, a_post, b_ptr, b_post, base, total, m)
    count = 0
    for at in range(found):  # last item first: a session keeps the step of the first item that reached it
        item = recent[at]
        holders = 1 + a_ptr[item + 1] - a_ptr[item]
        weight = _decay(spw, steps[at]) * (1.0 + sidf * math.log((base + 1) / holders))
        count = _gather(
            item, weight, at, b_ptr, b_post, base, cutoff, count, s_table, sessions, sims, shared, s_slots
        )
        count = _gather(
            item, weight, at, a_ptr, a_post, 0, cutoff, count, s_table, sessions, sims, shared, s_slots
        )
    for entry in range(count):
        session = sessions[entry]
        sims[entry] *= a_factor[session] if session < base else b_factor[session - base]
        order[entry] = entry
        s_table[s_slots[entry]] = 0
    for distance in range(nearness.size):
        nearness[distance] = _decay(inh, distance)
    candidates = 0
    for at in range(_select(sims, sessions, order, count, k)):
        entry = order[at]
        session, item = sessions[entry], recent[shared[entry]]
        weight = sims[entry] * _decay(ipw, steps[shared[entry]])
        if session < base:
            candidates = _spread(
                weight, back, item, a_session_ptr, a_clicks, session, nearness, candidates,
                i_table, keys, sums, peaks, reasons, i_slots,
            )  # fmt: skip
        else:
            candidates = _spread(
                weight, back, item, b_session_ptr, b_clicks, session - base, nearness, candidates,
                i_table, keys, sums, peaks, reasons, i_slots,
            )  # fmt: skip
    size = 0
    for entry in range(candidates):
        i_table[i_slots[entry]] = 0
        key = keys[entry]
        size = push_best(
            out_scores, out_items, out_because, size, sums[entry] * rarity[key], key, reasons[entry]
        )
    sort_best(out_scores, out_items, out_because, size)
    return size


_INDEX = (I8, I4, I8, I4, F4)
_SCRATCH = (
    I4_OUT, I4_OUT, F8_OUT,
    I4_OUT, I4_OUT, F8_OUT, I4_OUT, I4_OUT, I4_OUT,
    I4_OUT, I4_OUT, F8_OUT, F8_OUT, I4_OUT, I4_OUT,
)  # fmt: skip


@compiled(I4, *_INDEX, *_INDEX, F4, F8, *_SCRATCH, I4_OUT, F4_OUT, I4_OUT)
def query_sessions(
    running: Ints,
    a_ptr: Longs, a_post: Ints, a_session_ptr: Longs, a_clicks: Ints, a_factor: Floats,
    b_ptr: Longs, b_post: Ints, b_session_ptr: Longs, b_clicks: Ints, b_factor: Floats,
    rarity: Floats, params: Doubles,
    recent: Ints, steps: Ints, nearness: Doubles,
    s_table: Ints, sessions: Ints, sims: Doubles, shared: Ints, s_slots: Ints, order: Ints,
    i_table: Ints, keys: Ints, sums: Doubles, peaks: Doubles, reasons: Ints, i_slots: Ints,
    out_items: Ints, out_scores: Floats, out_because: Ints,
) -> int:  # fmt: skip
    """Score the items that the running session's nearest neighbors hold; return how many were written.

    Parameters
    ----------
    running
        Item indices, oldest first; -1 for a product that the model does not know.
    a_ptr, a_post, a_session_ptr, a_clicks, a_factor
        The static index: offsets (n_items + 1) into the postings (session numbers, newest first), offsets
        (n_sessions + 1) into the clicks (item indices), and each session's factor of age and length.
    b_ptr, b_post, b_session_ptr, b_clicks, b_factor
        The same of the sessions since; their numbers begin at 0 again.
    rarity
        What each item's score is multiplied with at the end (n_items).
    params
        spw, inh, ipw, back, sidf, k, m, maxlen: see `session_model.SessionParams`.
    recent, steps, nearness, s_table … i_slots
        Scratch, see `session_model.Scratch`: both tables hold only zeros before and after the call.
    out_items, out_scores, out_because
        The answer, best first; `because` is the item of the running session that spoke loudest for it.
    """
    return _query(
        running,
        a_ptr, a_post, a_session_ptr, a_clicks, a_factor, b_ptr, b_post, b_session_ptr, b_clicks, b_factor,
        rarity, params, recent, steps, nearness,
        s_table, sessions, sims, shared, s_slots, order, i_table, keys, sums, peaks, reasons, i_slots,
        out_items, out_scores, out_because,
    )  # fmt: skip


@compiled(I8, I4, *_INDEX, *_INDEX, F4, F8, *_SCRATCH, I4_OUT, F4_OUT, I4_OUT, I4_ROWS)
def query_many(
    prefix_ptr: Longs, prefixes: Ints,
    a_ptr: Longs, a_post: Ints, a_session_ptr: Longs, a_clicks: Ints, a_factor: Floats,
    b_ptr: Longs, b_post: Ints, b_session_ptr: Longs, b_clicks: Ints, b_factor: Floats,
    rarity: Floats, params: Doubles,
    recent: Ints, steps: Ints, nearness: Doubles,
    s_table: Ints, sessions: Ints, sims: Doubles, shared: Ints, s_slots: Ints, order: Ints,
    i_table: Ints, keys: Ints, sums: Doubles, peaks: Doubles, reasons: Ints, i_slots: Ints,
    out_items: Ints, out_scores: Floats, out_because: Ints, out_rows: Ints,
) -> None:  # fmt: skip
    """Answer many running sessions (offsets and items); one row of items each, -1 where it ran short."""
    for row in range(prefix_ptr.size - 1):
        size = _query(
            prefixes[prefix_ptr[row] : prefix_ptr[row + 1]],
            a_ptr, a_post, a_session_ptr, a_clicks, a_factor,
            b_ptr, b_post, b_session_ptr, b_clicks, b_factor,
            rarity, params, recent, steps, nearness,
            s_table, sessions, sims, shared, s_slots, order, i_table, keys, sums, peaks, reasons, i_slots,
            out_items, out_scores, out_because,
        )  # fmt: skip
        for at in range(out_rows.shape[1]):
            out_rows[row, at] = out_items[at] if at < size else -1
