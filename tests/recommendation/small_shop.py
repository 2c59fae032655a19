"""A small shop whose answers are known: two departments that never mix, as on a checkerboard."""

from dataclasses import dataclass, field

import numpy as np

from expedit.core import DAY, HOUR
from expedit.recommendation import Candidates, Model, ProductFacts, Query, TrainingData, candidates

NOW = 1_790_000_000_000_000
DEPARTMENTS = ((), ("Shoes",), ("Shoes", "Boots"), ("Jackets",), ("Jackets", "Shells"), ("Care",))


@dataclass(eq=False)
class SmallCatalog:
    """The columns that strategies read, of products p0, p1, …; code 0 stands for none."""

    version: int
    ids: list[str]
    category: np.ndarray
    brand: np.ndarray
    color: np.ndarray
    created: np.ndarray
    active: np.ndarray
    price: np.ndarray
    group: np.ndarray
    sales: dict[int, int] = field(default_factory=dict)
    priors: dict[int, int] = field(default_factory=dict)
    refills: set[int] = field(default_factory=set)
    costs: dict[int, int] = field(default_factory=dict)
    then: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    category_paths: list[tuple[str, ...]] = field(default_factory=lambda: list(DEPARTMENTS))
    category_parent: np.ndarray = field(default_factory=lambda: np.array([-1, 0, 1, 0, 3, 0], np.int32))
    markets: dict[str, str] = field(default_factory=lambda: {"SE": "SEK", "NO": "NOK"})

    @property
    def index(self) -> dict[str, int]:
        return {product: at for at, product in enumerate(self.ids)}

    def in_category(self, path: str | tuple[str, ...]) -> np.ndarray:
        wanted = tuple(part.strip() for part in path.split(">")) if isinstance(path, str) else tuple(path)
        inside = [self.category_paths[code][: len(wanted)] == wanted for code in self.category]
        return np.flatnonzero(np.array(inside, bool) & self.active).astype(np.int32)

    def price_minor(self, market: str) -> np.ndarray:
        assert market in self.markets
        return self.price

    def selling(self, idx: object, market: str, now: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        assert market in self.markets
        at = np.asarray(idx, np.int64)
        sale = np.array([self.sales.get(int(i), -1) for i in at], np.int64)
        price = np.where(sale >= 0, sale, self.price[at])
        prior = np.array([self.priors.get(int(i), -1) for i in at], np.int64)
        return price, self.price[at], prior

    def margin_minor(self, idx: object, market: str, now: int) -> tuple[np.ndarray, np.ndarray]:
        at = np.asarray(idx, np.int64)
        cost = np.array([self.costs.get(int(i), -1) for i in at], np.int64)
        price, _, _ = self.selling(at, market, now)
        return np.where(cost >= 0, price - cost, 0), cost >= 0

    def replenishable(self, i: int) -> bool:
        return i in self.refills

    def was_minor(self, idx: object, moments: object, market: str) -> np.ndarray:
        """Return the price of then: `then` holds (until when, price) of products, the oldest first."""
        found = []
        for i, at in zip(np.asarray(idx), np.asarray(moments), strict=True):
            known = [price for until, price in self.then.get(int(i), []) if at < until]
            found.append(known[0] if known else int(self.selling([i], market, int(at))[0][0]))
        return np.array(found, np.int64)


def make_catalog(n: int = 12) -> SmallCatalog:
    """Even products are boots, odd ones shell jackets, the last two shoe care; brands alternate by fours."""
    category = np.where(np.arange(n) % 2 == 0, 2, 4).astype(np.int32)
    category[10:12] = 5
    return SmallCatalog(
        version=1,
        ids=[f"p{number}" for number in range(n)],
        category=category,
        brand=(np.arange(n) // 4 + 1).astype(np.int32),
        color=(np.arange(n) % 3 + 1).astype(np.int32),
        created=NOW - np.arange(n, dtype=np.int64)[::-1] * DAY,
        active=np.ones(n, bool),
        price=np.arange(1, n + 1, dtype=np.int64) * 10_000,
        group=np.arange(n, dtype=np.int32),
    )


def known(codes: np.ndarray) -> np.ndarray:
    return np.where(codes > 0, codes, -1).astype(np.int32)


def make_facts(catalog: SmallCatalog) -> ProductFacts:
    words = {2: "leather boots winter", 4: "waterproof shell jacket", 5: "wax polish care"}
    return ProductFacts(
        titles=[words.get(int(code), "thing") for code in catalog.category],
        descriptions=["" for _ in catalog.ids],
        category=known(catalog.category),
        parent=known(catalog.category_parent[catalog.category]),
        brand=known(catalog.brand),
        color=known(catalog.color),
        group=catalog.group,
        price=catalog.price,
        created=catalog.created,
    )


def flat(rows: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    ptr = np.cumsum([0, *(len(row) for row in rows)]).astype(np.int64)
    return ptr, np.array([item for row in rows for item in row], np.int32)


def make_training(catalog: SmallCatalog) -> TrainingData:
    """Everybody looks within a department; who buys a boot buys wax (p10), who buys a jacket p11."""
    sessions = [[a, b] for _ in range(3) for a in range(10) for b in range(10) if a != b and a % 2 == b % 2]
    baskets = [[boot, 10] for _ in range(3) for boot in range(0, 10, 2)]
    baskets += [[jacket, 11] for _ in range(3) for jacket in range(1, 10, 2)]
    baskets += [[0, 11]]  # once only: below the floor
    session_ptr, session_items = flat(sessions)
    basket_ptr, basket_items = flat(baskets)
    count, bought = len(sessions), len(baskets)
    return TrainingData(
        item_ids=list(catalog.ids),
        facts=make_facts(catalog),
        markets=("SE", "NO"),
        session_ptr=session_ptr,
        session_items=session_items,
        session_end=NOW - np.arange(count, dtype=np.int64)[::-1] * HOUR,
        session_market=np.zeros(count, np.int32),
        basket_ptr=basket_ptr,
        basket_items=basket_items,
        basket_quantity=np.ones(basket_items.size, np.int32),
        basket_at=np.full(bought, NOW - DAY, np.int64),
        basket_market=np.zeros(bought, np.int32),
    )


def ask(strategy: str, model: Model, catalog: SmallCatalog, **moment: object) -> Candidates:
    """Ask one strategy, and check what holds for all of them."""
    found = candidates(strategy, model, catalog, Query(**{"market": "SE", "now": NOW, **moment}))  # type: ignore[arg-type]
    assert found.items.dtype == np.int32
    assert found.scores.dtype == np.float32
    assert found.because.dtype == np.int32
    assert found.items.size == found.scores.size == found.because.size <= 500
    assert len(set(found.items.tolist())) == found.items.size
    assert (np.diff(found.scores) <= 0).all()
    return found
