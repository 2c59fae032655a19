"""Measure a whole build: every model from arrays to a published folder, and how fast a server opens it.

    python benchmarks/build.py --clicks 1_000_000 --items 100_000

Prints one JSON line a step and one for the whole.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
from kernel import draw_sessions

from expedit.core import HOUR
from expedit.recommendation import BuildParams, ProductFacts, TrainingData, build_model, load_model, publish

NOW = 1_790_000_000_000_000
ADJECTIVES = "warm light thin thick dry soft long short wide narrow early late blue red green gray".split()
NOUNS = "jacket boots shirt trousers socks cap gloves tent stove bottle rope knife lamp towel mug bag".split()


def draw_training(clicks: int, items: int, seed: int) -> TrainingData:
    """Draw sessions and baskets over products with titles of a small language."""
    source = np.random.default_rng(seed)
    session_ptr, session_items = draw_sessions(clicks, items, seed)
    basket_ptr, basket_items = draw_sessions(clicks // 10, items, seed + 1)
    category = (np.arange(items) * 400 // items).astype(np.int32)
    names = source.integers(0, 16, size=(items, 3))
    titles = [f"{ADJECTIVES[a]} {ADJECTIVES[b]} {NOUNS[c]} {c}{n % 997}" for n, (a, b, c) in enumerate(names)]
    descriptions = [
        f"A {title} for {NOUNS[n % 16]} and {ADJECTIVES[n % 7]} days" for n, title in enumerate(titles)
    ]
    facts = ProductFacts(
        titles=titles,
        descriptions=descriptions,
        category=category,
        parent=(category // 20 + 1000).astype(np.int32),
        brand=source.integers(0, 500, items).astype(np.int32),
        color=source.integers(0, 20, items).astype(np.int32),
        group=np.arange(items, dtype=np.int32),
        price=source.integers(10_000, 300_000, items),
        created=np.full(items, NOW, np.int64),
    )
    sessions, baskets = session_ptr.size - 1, basket_ptr.size - 1
    return TrainingData(
        item_ids=[f"product-{n}" for n in range(items)],
        facts=facts,
        markets=("SE", "NO"),
        session_ptr=session_ptr,
        session_items=session_items,
        session_end=NOW - np.arange(sessions, dtype=np.int64)[::-1] * HOUR // 1000,
        session_market=source.integers(0, 2, sessions).astype(np.int32),
        basket_ptr=basket_ptr,
        basket_items=basket_items,
        basket_quantity=np.ones(basket_items.size, np.int32),
        basket_at=np.full(baskets, NOW, np.int64),
        basket_market=np.zeros(baskets, np.int32),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clicks", type=int, default=1_000_000)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--tune-seconds", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    inputs = draw_training(given.clicks, given.items, given.seed)
    steps: dict[str, float] = {}
    last = ["start", time.perf_counter()]

    def heard(label: str, _done: int, _total: int | None) -> None:
        now = time.perf_counter()
        steps[last[0]] = steps.get(last[0], 0.0) + now - last[1]
        last[:] = [label, now]

    with tempfile.TemporaryDirectory() as folder:
        models = Path(folder)
        began = time.perf_counter()
        meta = build_model(
            inputs, models, BuildParams(tune_seconds=given.tune_seconds), now=NOW, progress=heard
        )
        whole = time.perf_counter() - began
        began = time.perf_counter()
        publish(models, meta.version)
        published = time.perf_counter() - began
        began = time.perf_counter()
        load_model(models, meta.version)
        opened = time.perf_counter() - began
        size = sum(path.stat().st_size for path in (models / meta.version).iterdir())
    for label, seconds in steps.items():
        print(json.dumps({"case": "step", "before": label, "seconds": round(seconds, 2)}))
    line = {"case": "build", "clicks": meta.clicks, "items": meta.items, "baskets": meta.baskets}
    line |= {"seconds": round(whole, 2), "publish_s": round(published, 3), "open_s": round(opened, 3)}
    line |= {"megabytes": round(size / 1e6, 1)}
    line |= {"peak_megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3)}
    print(json.dumps(line))


if __name__ == "__main__":
    main()
