"""Measure the session model's kernel: CPU time of one query, speed and size of the index.

    python benchmarks/kernel.py --clicks 10_000_000 --m 2500 --k 300

Sessions are drawn from a Zipf law over a million products; a session stays near where it began. Prints one
JSON line a case; CPU time is that of the thread, the Python call included.
"""

from __future__ import annotations

import argparse
import json
import time
from itertools import pairwise

import numpy as np

from expedit.recommendation.arrays import Ints, Longs
from expedit.recommendation.session_model import SessionModel, SessionParams


def draw_sessions(clicks: int, items: int, seed: int) -> tuple[Longs, Ints]:
    """Draw sessions of five clicks on average: the first by popularity, the others near it or popular too."""
    source = np.random.default_rng(seed)
    lengths = 2 + source.poisson(3, size=clicks // 5)
    ptr = np.zeros(lengths.size + 1, np.int64)
    np.cumsum(lengths, out=ptr[1:])
    total = int(ptr[-1])
    weights = 1.0 / np.arange(1, items + 1) ** 0.9
    bounds = np.cumsum(weights / weights.sum())
    popular = np.searchsorted(bounds, source.random(total)).astype(np.int64)
    first = np.repeat(popular[ptr[:-1]], lengths)
    near = (first + source.geometric(0.1, size=total)) % items
    return ptr, np.where(source.random(total) < 0.7, near, popular).astype(np.int32)


def percentiles(times: list[float]) -> dict[str, float]:
    """Return p50, p90 and p99 in microseconds."""
    return {f"p{q}_us": round(float(np.percentile(times, q)) * 1e6, 1) for q in (50, 90, 99)}


def time_queries(model: SessionModel, sessions: list[Ints], rounds: int = 1) -> list[float]:
    """Return the thread's CPU seconds of every query."""
    for session in sessions[:200]:
        model.query(session, 100)
    times = []
    for _ in range(rounds):
        for session in sessions:
            began = time.thread_time_ns()
            model.query(session, 100)
            times.append((time.thread_time_ns() - began) / 1e9)
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clicks", type=int, default=10_000_000)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=5_000)
    parser.add_argument("--m", type=int, default=2500)
    parser.add_argument("--k", type=int, default=300)
    parser.add_argument("--recent", type=int, default=50_000, help="sessions appended since the build")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    ptr, items = draw_sessions(given.clicks, given.items, given.seed)
    params = SessionParams(k=given.k, m=given.m)
    began = time.perf_counter()
    model = SessionModel.fit(ptr, items, given.items, params)
    build = time.perf_counter() - began
    size = model.static.nbytes + model.factors.nbytes + model.rarity.nbytes
    shape = {"clicks": int(items.size), "items": given.items, "m": given.m, "k": given.k}
    index = {
        "build_clicks_per_s": round(items.size / build),
        "bytes_per_click": round(size / items.size, 2),
    }
    print(json.dumps({"case": "index", **shape, **index}), flush=True)

    asked_ptr, asked = draw_sessions(given.queries * 5, given.items, given.seed + 1)
    sessions = [asked[a:b] for a, b in pairwise(asked_ptr)]
    print(
        json.dumps({"case": "usual sessions", **shape, **percentiles(time_queries(model, sessions))}),
        flush=True,
    )

    hottest = np.argsort(-np.diff(model.static.item_ptr))[:20].astype(np.int32)
    source = np.random.default_rng(given.seed)
    hot = [source.permutation(hottest) for _ in range(1000)]
    print(json.dumps({"case": "hottest items", **shape, **percentiles(time_queries(model, hot))}), flush=True)

    recent_ptr, recent = draw_sessions(given.recent * 5, given.items, given.seed + 2)
    began = time.perf_counter()
    fresh = model.with_recent(SessionModel.fit(recent_ptr, recent, given.items, params).static)
    publish = time.perf_counter() - began
    line = {
        "case": "with live sessions",
        "recent": int(recent_ptr.size - 1),
        "index_ms": round(publish * 1e3, 1),
    }
    print(json.dumps({**line, **shape, **percentiles(time_queries(fresh, sessions))}), flush=True)


if __name__ == "__main__":
    main()
