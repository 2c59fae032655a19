"""A small catalog and strategies with known answers."""

from dataclasses import dataclass, field

import numpy as np

from expedit.decisions.placements import Placement, Step


@dataclass
class Found:
    items: np.ndarray
    scores: np.ndarray
    because: np.ndarray
    notes: dict[int, str] = field(default_factory=dict)


def found(items, scores=None, because=None, notes=None) -> Found:
    items = np.array(items, np.int32)
    if scores is None:
        scores = np.linspace(1.0, 0.5, items.size) if items.size else []
    because = [-1] * items.size if because is None else because
    return Found(items, np.array(scores, np.float64), np.array(because, np.int32), notes or {})


class Shelf:
    """`n` products; category i // 10, brand i % 3, color i % 5, all sold and in stock unless said
    otherwise."""

    def __init__(self, n: int = 60) -> None:
        self.category = np.arange(n, dtype=np.int32) // 10
        self.brand = np.arange(n, dtype=np.int32) % 3
        self.color = np.arange(n, dtype=np.int32) % 5
        self.group = np.arange(n, dtype=np.int32)
        self.price_band = np.arange(n, dtype=np.int8) % 4
        self.active = np.ones(n, np.bool_)
        self.prices = np.full(n, 10_000, np.int64)
        self.stock = np.ones(n, np.bool_)

    def sellable(self, idx, market, channel, now):
        return self.active[idx] & (self.prices[idx] >= 0) & self.stock[idx]

    def price_minor(self, market):
        return self.prices


@dataclass
class Strategies:
    """Answers by strategy name, and what was asked."""

    answers: dict[str, Found]
    asked: list[Step] = field(default_factory=list)

    def __call__(self, step, situation, count):
        self.asked.append(step)
        answer = self.answers.get(step.strategy, found([]))
        return Found(answer.items[:count], answer.scores[:count], answer.because[:count], answer.notes)


def place(*ladder, **changes) -> Placement:
    steps = tuple(Step(step) if isinstance(step, str) else step for step in ladder)
    return Placement("spot", {"en": "Spot"}, steps, **{"fallback": "", **changes})
