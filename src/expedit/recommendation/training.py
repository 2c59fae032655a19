"""What a build learns from: the sealed log and the catalog, as flat arrays."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from expedit.catalog import GIVEN, CatalogSnapshot, Vector, live_catalog, read_looks
from expedit.core import DAY, Progress, no_progress
from expedit.events import training_baskets, training_sessions
from expedit.identity import person_map
from expedit.profiles import told_traits
from expedit.recommendation.arrays import Doubles, Ints, Longs
from expedit.recommendation.build import TrainingData
from expedit.recommendation.content import ProductFacts
from expedit.recommendation.looks import Space
from expedit.recommendation.meeting import PURCHASE, factors_of
from expedit.recommendation.place_classes import read_place_classes
from expedit.recommendation.scopes import Purchases
from expedit.recommendation.training_scopes import scopes_of_baskets
from expedit.storage import Shop
from expedit.warehouse import open_warehouse

SEASON_DAYS = 430
"""Days of orders that are read for the season: a year and the weeks around."""


def facts_of(snapshot: CatalogSnapshot) -> ProductFacts:
    """Return what the catalog says of every product, in the order of its indices."""
    market = next(iter(snapshot.markets))
    return ProductFacts(
        titles=snapshot.titles,
        descriptions=snapshot.descriptions,
        category=_known(snapshot.category),
        parent=_known(snapshot.category_parent[snapshot.category]),
        brand=_known(snapshot.brand),
        color=_known(snapshot.color),
        group=np.ascontiguousarray(snapshot.group, np.int32),
        price=np.ascontiguousarray(snapshot.price_minor(market), np.int64),
        created=np.ascontiguousarray(snapshot.created, np.int64),
    )


def looks_of(shop: Shop, snapshot: CatalogSnapshot) -> tuple[Space, ...]:
    """Return what products look like: those that the shop gives a vector of, by how many numbers it has, and
    those whose picture was looked at.

    Vectors of different models cannot be compared, so each lot is a space of its own.
    """
    found: dict[tuple[bool, int], dict[int, Vector]] = {}
    for product_id, made_of, vector in read_looks(shop.database):
        place = snapshot.index.get(product_id)
        if place is not None:
            found.setdefault((made_of == GIVEN, vector.size), {})[place] = vector
    return tuple(
        Space(
            np.stack([vectors[place] for place in sorted(vectors)]),
            np.array(sorted(vectors), np.int32),
            given,
        )
        for (given, _), vectors in sorted(found.items())
    )


def _known(codes: NDArray[np.int32]) -> Ints:
    """Return codes with -1 instead of the catalog's 0 for none."""
    return np.where(codes > 0, codes, -1).astype(np.int32)


def read_training(shop: Shop, progress: Progress = no_progress) -> TrainingData:
    """Read the last `build_days` of the sealed log (of orders a year and some weeks, for the season), and
    the catalog.

    What was not yet sealed is not in it. Products that the catalog does not know are left out.
    """
    snapshot = live_catalog(shop).current()
    warehouse = open_warehouse(shop)
    now = shop.clock()
    since = now - shop.settings.build_days * DAY
    people = person_map(shop)
    progress("read sessions", 0, None)
    factors = factors_of(shop.settings)
    sessions = _met(training_sessions(shop, warehouse, people, since), factors)
    progress("read baskets", 0, None)
    baskets = training_baskets(shop, warehouse, people, min(since, now - SEASON_DAYS * DAY))
    progress("read catalog", 0, None)
    markets = tuple(snapshot.markets)
    session_ptr, clicks, session_end, session_market = _rows(sessions, "session", snapshot.index, markets)
    basket_ptr, bought, basket_at, basket_market = _rows(baskets, "order_id", snapshot.index, markets)
    buyers = _numbers(bought["buyer"])[basket_ptr[:-1]]
    items = bought.column("item").to_numpy().astype(np.int32)
    quantities = bought.column("quantity").to_numpy().astype(np.int32)
    lines = np.diff(basket_ptr)
    seasonal = Purchases(
        items, np.repeat(basket_at, lines), np.repeat(buyers, lines), quantities,
        np.repeat(np.arange(lines.size, dtype=np.int64), lines),
    )  # fmt: skip
    first = int(np.searchsorted(basket_at, since))  # what is older is read for the season alone
    begin = int(basket_ptr[first])
    scopes, basket_scopes = scopes_of_baskets(
        bought.take(basket_ptr[first:-1]), dict(told_traits(shop.database)),
        read_place_classes(shop.settings.place_classes), now,
    )  # fmt: skip
    return TrainingData(
        item_ids=list(snapshot.ids),
        facts=facts_of(snapshot),
        markets=markets,
        session_ptr=session_ptr,
        session_items=clicks.column("item").to_numpy().astype(np.int32),
        session_end=session_end,
        session_market=session_market,
        click_weight=_weights(clicks["kind"], factors) if factors else None,
        purchase_weight=factors.get(PURCHASE, 1.0),
        basket_ptr=basket_ptr[first:] - begin,
        basket_items=items[begin:],
        basket_quantity=quantities[begin:],
        basket_at=basket_at[first:],
        basket_market=basket_market[first:],
        basket_buyer=buyers[first:],
        scopes=scopes,
        basket_scopes=basket_scopes,
        seasonal=seasonal,
        looks=looks_of(shop, snapshot),
    )


def _met(acts: pa.Table, factors: Mapping[str, float]) -> pa.Table:
    """Leave out the acts that count nothing."""
    none = [kind for kind, factor in factors.items() if factor == 0.0]
    return acts.filter(pc.invert(pc.is_in(acts["kind"], pa.array(none, pa.string())))) if none else acts


def _weights(kinds: pa.ChunkedArray, factors: Mapping[str, float]) -> Doubles:
    """Return how much each act counts."""
    encoded = kinds.combine_chunks().dictionary_encode()
    weights = np.array([factors.get(kind, 1.0) for kind in encoded.dictionary.to_pylist()] or [1.0])
    found: Doubles = weights[encoded.indices.to_numpy(zero_copy_only=False)]
    return found


def _rows(
    table: pa.Table, key: str, index: Mapping[str, int], markets: tuple[str, ...]
) -> tuple[Longs, pa.Table, Longs, Ints]:
    """Return offsets of the groups, the rows of known products, and each group's last moment and market.

    A group ends with its last act, also when the catalog does not know what that was about: otherwise
    groups that come in the order of their ends would lose it.
    """
    at = table["ts_us"].to_numpy()
    starts = _starts(table[key])
    ends = np.r_[starts[1:], len(at)].astype(np.int64)
    last = np.maximum.reduceat(at, starts) if len(at) else _none()
    table = table.append_column("item", _codes(table["product"], index))
    table = table.append_column("ended", pa.array(np.repeat(last, ends - starts) if len(at) else last))
    table = table.filter(pc.greater_equal(table["item"], 0))
    market = _codes(table["market"], {name: at for at, name in enumerate(markets)}).to_numpy()
    starts = _starts(table[key])
    ptr = np.r_[starts, len(table)].astype(np.int64)
    return ptr, table, table["ended"].to_numpy()[starts].astype(np.int64), market[starts].astype(np.int32)


def _starts(keys: pa.ChunkedArray) -> Longs:
    """Return where each run of equal keys starts."""
    if not len(keys):
        return _none()
    joined = keys.combine_chunks()
    changes = pc.fill_null(pc.not_equal(joined[1:], joined[:-1]), True)
    return np.flatnonzero(np.r_[True, changes.to_numpy(zero_copy_only=False)])


def _numbers(column: pa.ChunkedArray) -> Ints:
    """Return a number for every text, the same for the same; -1 for none."""
    encoded = column.combine_chunks().dictionary_encode()
    found: Ints = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int32)
    return found


def _none() -> Longs:
    return np.empty(0, np.int64)


def _codes(column: pa.ChunkedArray, index: Mapping[str, int]) -> pa.Array:
    """Look every text up once; -1 for one that is not there."""
    encoded = column.combine_chunks().dictionary_encode()
    codes = np.array([index.get(text, -1) for text in encoded.dictionary.to_pylist()] or [-1], np.int64)
    places = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
    return pa.array(np.where(places >= 0, codes[places], -1), pa.int64())
