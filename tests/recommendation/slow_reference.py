"""The session model once more, written for reading: dictionaries and sorting, no index, no budget tricks."""

import math
from collections import defaultdict

import numpy as np

from expedit.recommendation.session_model import MAX_SESSION, SessionParams


def decay(scale: float, distance: float) -> float:
    return math.exp(-distance / scale) if scale > 0 else 1.0


def cutoff_of(sessions: list[list[int]], items: list[int], budget: int) -> int:
    """The oldest session number that leaves at most `budget` (item, session) pairs."""
    pairs = sorted(
        (number for item in items for number, clicks in enumerate(sessions) if item in clicks), reverse=True
    )
    if len(pairs) <= budget:
        return 0
    return pairs[budget] + 1


def score_slowly(
    sessions: list[list[int]],
    running: list[int],
    n_items: int,
    params: SessionParams,
    static: int | None = None,
) -> dict[int, float]:
    """Score every item; `static` sessions are in the index of the last build, the rest came since."""
    sessions = [clicks[-MAX_SESSION:] for clicks in sessions]
    static = len(sessions) if static is None else static
    holders = [sum(item in clicks for clicks in sessions[:static]) for item in range(n_items)]

    steps: dict[int, int] = {}
    for step, item in enumerate(reversed(running[-params.maxlen :])):
        if 0 <= item < n_items:
            steps.setdefault(item, step)
    oldest = cutoff_of(sessions, list(steps), params.m)

    neighbors = []
    for number in range(oldest, len(sessions)):
        clicks = sessions[number]
        shared = [item for item in steps if item in clicks]
        if shared:
            likeness = sum(
                decay(params.spw, steps[item])
                * (1 + params.sidf * math.log((static + 1) / (1 + holders[item])))
                for item in shared
            )
            unit = static if number < static else max(static, len(sessions) - static)
            age = decay(params.snh, (unit - number) / unit)
            factor = np.float32(len(clicks) ** -params.alpha * age)
            neighbors.append((likeness * float(factor), number, shared[0]))
    neighbors.sort(reverse=True)

    scores: dict[int, float] = defaultdict(float)
    for weight, number, shared_item in neighbors[: params.k]:
        clicks = sessions[number]
        anchor = len(clicks) - 1 - clicks[::-1].index(shared_item)
        for position, item in enumerate(clicks):
            share = weight * decay(params.ipw, steps[shared_item]) * decay(params.inh, abs(position - anchor))
            scores[item] += share * (params.back if position < anchor else 1.0)
    return {
        item: score * (1 + params.idf * math.log(max(static, 1) / max(holders[item], 1)))
        for item, score in scores.items()
    }
