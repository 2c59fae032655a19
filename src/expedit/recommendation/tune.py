"""The auto-tuner: finds a shop's own parameters of the session model.

Random search with local moves, in the manner of a (1+1) evolution strategy: a few profiles that suited very
different shops are tried first, then small steps from the best so far, with a wider draw now and then. Only
the last part of the *training* sessions judges, so that what is reported about a test set stays honest.
"""

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from expedit.core import Progress, no_progress
from expedit.recommendation.arrays import Ints, Longs
from expedit.recommendation.compiled import session_kernels
from expedit.recommendation.session_model import (
    Scratch,
    SessionIndex,
    SessionModel,
    SessionParams,
    build_index,
)

PROFILES = (
    SessionParams(),
    SessionParams(spw=14.0, inh=3.0, ipw=2.2, idf=7.0, back=0.8, alpha=0.2, k=200, m=1000, maxlen=15),
    SessionParams(spw=2.5, snh=1.2, inh=2.5, ipw=0.8, idf=0.8, sidf=3.0, back=0.5, alpha=0.1, m=5000),
    SessionParams(spw=2.0, snh=0.3, inh=2.0, ipw=0.7, idf=1.0, alpha=0.1, k=200, m=2500, maxlen=6),
)
"""Where the search begins: a default, a catalog-wide long tail, a fast mover, and a shop of short memory."""

SEARCHING = 0.85
"""Part of the time that the search may take; the rest is for the final."""

FINALISTS = 6
"""Settings that are judged again by the larger sample."""

_SCALES = {
    "spw": (0.5, 30.0),
    "snh": (0.05, 4.0),
    "inh": (0.5, 30.0),
    "ipw": (0.2, 10.0),
    "idf": (0.05, 12.0),
    "sidf": (0.05, 12.0),
}
_CHOICES: dict[str, tuple[float, ...]] = {
    "back": (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
    "alpha": (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5),
    "k": (100, 150, 200, 300, 500, 800),
    "m": (500, 1000, 2500, 5000),
    "maxlen": (4, 6, 8, 10, 15),
}


@dataclass(frozen=True, slots=True)
class Prefixes:
    """Running sessions and the click that came next.

    Attributes
    ----------
    ptr, items
        int64[n + 1] and int32: running sessions, oldest click first; -1 for an item not in the model.
    targets
        int32[n]: the next item; -1 for one not in the model, which no answer can hit.
    """

    ptr: Longs
    items: Ints
    targets: Ints

    def take(self, rows: Longs) -> "Prefixes":
        """Return these rows."""
        lengths = np.diff(self.ptr)[rows]
        ptr = np.zeros(rows.size + 1, np.int64)
        np.cumsum(lengths, out=ptr[1:])
        starts = np.repeat(self.ptr[rows] - ptr[:-1], lengths)
        return Prefixes(ptr, self.items[starts + np.arange(ptr[-1])], self.targets[rows])


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How well the next click was foretold: share of hits in the first n, and mean reciprocal rank."""

    hit_rate: float
    reciprocal_rank: float


@dataclass(frozen=True, slots=True)
class Tuned:
    """What the search found, how it did on the validation sessions, and how many settings were tried."""

    params: SessionParams
    accuracy: Accuracy
    tried: int
    seconds: float


def prefixes_of(session_ptr: Longs, items: Ints) -> Prefixes:
    """Cut every session into all its prefixes, each with the click that followed."""
    lengths = np.diff(session_ptr)
    session = np.repeat(np.arange(lengths.size), lengths)
    position = np.arange(items.size) - session_ptr[session]
    targets = np.flatnonzero(position > 0)
    ptr = np.zeros(targets.size + 1, np.int64)
    np.cumsum(position[targets], out=ptr[1:])
    starts = np.repeat(session_ptr[session[targets]] - ptr[:-1], position[targets])
    return Prefixes(ptr, np.ascontiguousarray(items[starts + np.arange(ptr[-1])]), items[targets])


def answer_many(model: SessionModel, prefixes: Prefixes, n: int = 20, threads: int = 2) -> Ints:
    """Return int32[prefixes, n]: the items foretold for each running session, -1 where they ran short."""
    rows = np.empty((prefixes.targets.size, n), np.int32)
    bounds = np.linspace(0, rows.shape[0], threads + 1).astype(np.int64)
    arrays = model.arrays()

    def answer(part: int) -> None:
        begin, end = bounds[part], bounds[part + 1]
        scratch = Scratch(model.params, n)
        arguments: tuple[Any, ...] = (
            prefixes.ptr[begin : end + 1], prefixes.items, *arrays, *scratch.arrays,
            scratch.items, scratch.scores, scratch.because, rows[begin:end],
        )  # fmt: skip
        session_kernels().query_many(*arguments)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(answer, range(threads)))
    return rows


def accuracy_of(rows: Ints, targets: Ints) -> Accuracy:
    """Compare answers with what was clicked; an unknown target (below 0) is a miss."""
    if targets.size == 0:
        return Accuracy(0.0, 0.0)
    hits = (rows == targets[:, None]) & (targets >= 0)[:, None]
    ranks = hits.argmax(axis=1) + 1
    found = hits.any(axis=1)
    return Accuracy(float(found.mean()), float(np.where(found, 1.0 / ranks, 0.0).mean()))


def split_tail(session_ptr: Longs, share: float) -> int:
    """Return the number of the first session of the last `share`; at least one remains on each side."""
    sessions = session_ptr.size - 1
    return min(max(1, round(sessions * (1.0 - share))), sessions - 1)


def _wide(source: random.Random) -> SessionParams:
    """Draw a setting from the whole range, scales evenly in the logarithm."""
    scales = {name: round(low * (high / low) ** source.random(), 3) for name, (low, high) in _SCALES.items()}
    return SessionParams.from_dict(
        {**scales, **{name: source.choice(choices) for name, choices in _CHOICES.items()}}
    )


def _step(source: random.Random, best: SessionParams) -> SessionParams:
    """Change one to three values of the best setting a little."""
    changes: dict[str, float] = {}
    for name in source.sample([*_SCALES, *_CHOICES], source.choice((1, 2, 2, 3))):
        value = getattr(best, name)
        if name in _SCALES:
            low, high = _SCALES[name]
            changes[name] = round(min(max(value * 2.0 ** source.gauss(0.0, 0.6), low), high), 3)
        else:
            choices = _CHOICES[name]
            nearest = min(range(len(choices)), key=lambda at: abs(choices[at] - value))
            at = min(max(nearest + source.choice((-1, 1)), 0), len(choices) - 1)
            changes[name] = choices[at]
    return SessionParams.from_dict({**best.as_dict(), **changes})


def _goal(accuracy: Accuracy) -> float:
    """Weigh whether the next click was found and how high it stood."""
    return accuracy.hit_rate + accuracy.reciprocal_rank


def tune(
    session_ptr: Longs,
    items: Ints,
    n_items: int,
    *,
    seconds: float = 60.0,
    evaluations: int | None = None,
    share: float = 0.1,
    sample: int = 8000,
    final_sample: int = 30_000,
    seed: int = 1,
    largest_budget: int = 5000,
    threads: int = 2,
    progress: Progress = no_progress,
    timer: Callable[[], float] = time.monotonic,
) -> Tuned:
    """Search for the parameters that best foretell the last sessions from those before them.

    Parameters
    ----------
    session_ptr, items, n_items
        Training sessions, the oldest first, as for `build_index`.
    seconds, evaluations
        When to stop: whichever comes first. With `evaluations` and ample seconds the result depends on the
        seed alone. The profiles are always all tried.
    share
        Part of the sessions, at the end, that judges.
    sample, final_sample
        Prefixes of that part, drawn with the seed, by which every setting and then the best few are judged:
        the best of hundreds on a small sample owes something to luck.
    largest_budget
        Settings with a greater `m` are not tried: it bounds the time of an answer.
    """
    began = timer()
    first = split_tail(session_ptr, share)
    clicks = session_ptr[first]
    index = build_index(session_ptr[: first + 1], items[:clicks], n_items)
    everything = prefixes_of(session_ptr[first:] - clicks, items[clicks:])
    final = _draw(everything, final_sample, seed)
    prefixes = _draw(final, sample, seed)
    source = random.Random(seed)
    tried: dict[SessionParams, Accuracy] = {}
    best = PROFILES[0]
    queue = [replace(profile, m=min(profile.m, largest_budget)) for profile in PROFILES]
    while queue or (
        timer() - began < SEARCHING * seconds and (evaluations is None or len(tried) < evaluations)
    ):
        params = queue.pop(0) if queue else (_wide(source) if source.random() < 0.1 else _step(source, best))
        params = replace(params, m=min(params.m, largest_budget))
        if params not in tried:
            tried[params] = _judge(index, params, prefixes, threads)
            if best not in tried or _goal(tried[params]) > _goal(tried[best]):
                best = params
        progress("tune", len(tried), evaluations)
    leaders = sorted(tried, key=lambda params: -_goal(tried[params]))[:FINALISTS]
    finals: dict[SessionParams, Accuracy] = {}
    for params in leaders:
        if len(finals) > 1 and timer() - began > seconds:
            break
        finals[params] = _judge(index, params, final, threads)
    best = max(finals, key=lambda params: _goal(finals[params]))
    return Tuned(best, finals[best], len(tried), timer() - began)


def _draw(prefixes: Prefixes, size: int, seed: int) -> Prefixes:
    """Take `size` of the prefixes, or all when there are no more."""
    if prefixes.targets.size <= size:
        return prefixes
    return prefixes.take(
        np.sort(np.random.default_rng(seed).choice(prefixes.targets.size, size, replace=False))
    )


def _judge(index: SessionIndex, params: SessionParams, prefixes: Prefixes, threads: int) -> Accuracy:
    return accuracy_of(
        answer_many(SessionModel.over(index, params), prefixes, threads=threads), prefixes.targets
    )
