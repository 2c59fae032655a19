"""Which products fit which conditions: bits, worked out once for a product and kept while nothing changes.

Rules ask the same few conditions of the same popular products again and again. So each product that was ever
a candidate keeps one bit for each condition; a decision only gathers bits.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from expedit.catalog import CatalogSnapshot
from expedit.core import HOUR, Condition, compile_mask, fields_of
from expedit.merchandising.columns import CatalogNames, ProductColumns
from expedit.merchandising.offering import Chosen, Offered

Bits = NDArray[np.uint64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float32]
Indices = NDArray[np.int32]

_WORD = 64
_MOST_SETTLED = 50_000_000
"""Numbers kept of what sets of rules make of products in a market: two hundred megabytes at most."""
_UNASKED = -2  # no price
_AGO = '"$ago"'
SALES_FIELD = "stock_days"
"""The field of a product that follows what was sold."""


class Predicates:
    """The product conditions of all rules, each once.

    Parameters
    ----------
    conditions
        Distinct conditions over `vocabulary.PRODUCT`; their places are the numbers of their bits.
    everywhere
        The numbers of those that are asked of the whole catalog.
    """

    def __init__(self, conditions: Sequence[Condition], everywhere: Iterable[int] = ()) -> None:
        self.count = len(conditions)
        self.everywhere = tuple(sorted(set(everywhere)))
        self.words = max(1, -(-self.count // _WORD))
        self.asks_sales = any(SALES_FIELD in fields_of(condition) for condition in conditions)
        self._asks_time = self.asks_sales or any(_AGO in condition.text for condition in conditions)
        self._maskers = [compile_mask(condition) for condition in conditions]

    def epoch(self, snapshot: CatalogSnapshot, market: str, now: int) -> tuple[int, int]:
        """Return what changes when a sale begins or ends, and with every hour where it is asked how old a
        product is."""
        return snapshot.price_epoch(market, now), now // HOUR if self._asks_time else 0

    def mask(self, numbers: Sequence[int]) -> Bits:
        """Return a row of bits, uint64[words], with those of `numbers` set."""
        row = np.zeros(self.words, np.uint64)
        for number in numbers:
            row[number // _WORD] |= np.uint64(1 << (number % _WORD))
        return row

    def fits(self, number: int, columns: ProductColumns, now: int) -> NDArray[np.bool_]:
        """Ask one condition of the products of `columns`."""
        return self._maskers[number](columns, now)

    def bits(self, columns: ProductColumns, now: int) -> Bits:
        """Ask every condition of the products of `columns`; uint64[rows, words]."""
        fitting = np.zeros((columns.rows, self.words * _WORD), np.bool_)
        for number, masker in enumerate(self._maskers):
            fitting[:, number] = masker(columns, now)
        packed = np.packbits(fitting, axis=1, bitorder="little")
        return np.ascontiguousarray(packed).view("<u8").astype(np.uint64, copy=False)


class Settled:
    """What some rules make of each product by itself, found once for a product.

    Attributes
    ----------
    added
        What they add to its score, float32[products]; infinite where they cut it, no number where nobody has
        asked yet.
    marks
        What rules on company note of it, int32[products, rules]; of what nobody has asked for, anything.
    offered
        What they pin and put in, by channel.
    numbers
        How many numbers are kept.
    """

    def __init__(self, count: int, company: int) -> None:
        self.added = np.full(count, np.nan, np.float32)
        self.marks = np.empty((count, company), np.int32)
        self.numbers = self.added.size + self.marks.size
        self.offered: dict[str, Offered] = {}


class Fitting:
    """Bits of the products of one snapshot in one market, for as long as no price changes.

    Where it is asked how old a product is, an hour long at most.
    """

    def __init__(
        self, predicates: Predicates, snapshot: CatalogSnapshot, names: CatalogNames, market: str, now: int
    ) -> None:
        self._predicates = predicates
        self._snapshot = snapshot
        self._names = names
        self._market = market
        self._at = now
        self._epoch = predicates.epoch(snapshot, market, now)
        self._asking = threading.Lock()
        # Both are pages of zeros that take no memory until they are written to.
        self._known = np.zeros(len(snapshot), np.bool_)
        self._bits = np.zeros((len(snapshot), predicates.words), np.uint64)
        self._sold = snapshot.active & (snapshot.price_minor(market) >= 0)
        self._whole: dict[int, NDArray[np.bool_]] = {}
        self._found: dict[int, Indices] = {}
        self._chosen: dict[tuple[int, object], Chosen] = {}
        self._settled: dict[object, Settled] = {}
        self._prices = np.full(len(snapshot), _UNASKED, np.int64)

    def holds(self, snapshot: CatalogSnapshot, now: int) -> bool:
        """Tell whether all of this is so of a state of the catalog at a moment."""
        return self._snapshot is snapshot and self._epoch == self._predicates.epoch(
            snapshot, self._market, now
        )

    def newer_than(self, snapshot: CatalogSnapshot, now: int) -> bool:
        """Tell whether this is of a later catalog, or of a later moment of the same one."""
        mine, theirs = self._snapshot, snapshot
        if mine is theirs:
            return self._at > now
        return (mine.version, len(mine)) > (theirs.version, len(theirs))

    def take_over(self, older: Fitting, now: int) -> None:
        """Know what `older` knows, but for products that have changed since, or whose sale began or ended.

        Sales of all products are counted anew at once, and where it is asked how old a product is, an hour
        makes all older: then what was known is worth nothing.
        """
        prices, hour = self._predicates.epoch(older._snapshot, self._market, now)
        if hour != older._epoch[1]:
            return
        if self._predicates.asks_sales and older._snapshot.sales is not self._snapshot.sales:
            return
        changed = self._snapshot.differing(older._snapshot)
        if prices != older._epoch[0]:
            changed = np.union1d(changed, older._repriced(now))
        whole = {number: _longer(fits, len(self._snapshot)) for number, fits in list(older._whole.items())}
        self._ask(whole, changed.astype(np.int32), now)
        self._whole = whole
        rows = np.flatnonzero(older._known)
        self._known[rows] = True
        self._bits[rows] = older._bits[rows]
        self._known[changed] = False

    def _repriced(self, now: int) -> NDArray[np.int64]:
        """Return the products that cost something else at `now`, or leave another margin.

        Of variants that cost the same, a sale may change which one is looked at.
        """
        every = np.arange(len(self._snapshot))
        before, after = (
            (
                *self._snapshot.selling(every, self._market, at),
                *self._snapshot.margin_minor(every, self._market, at),
            )
            for at in (self._at, now)
        )
        differ = [then != there for then, there in zip(before, after, strict=True)]
        return np.flatnonzero(np.any(differ, axis=0))

    def of(self, items: Indices, now: int) -> Bits:
        """Return the bits of `items`, uint64[k, words]."""
        known = self._known[items]
        if not known.all():
            missing = np.unique(items[~known])
            columns = ProductColumns(self._snapshot, self._names, missing, self._market, now)
            self._bits[missing] = self._predicates.bits(columns, now)
            self._known[missing] = True
        return self._bits[items]

    def row(self, item: int, now: int) -> Sequence[int]:
        """Return the bits of one product as words of 64."""
        if not self._known.item(item):
            self.of(np.array([item], np.int32), now)
        row: Sequence[int] = self._bits[item].tolist()
        return row

    def settled(self, rules: object, company: int) -> Settled:
        """Return what is kept of what `rules` make of single products.

        Parameters
        ----------
        company
            How many numbers rules on company note of a product.
        """
        known = self._settled.get(rules)
        if known is None:
            known = Settled(len(self._snapshot), company)
            kept = list(self._settled.items())
            room = _MOST_SETTLED - known.numbers - sum(one.numbers for _, one in kept)
            for oldest, one in kept:
                if room >= 0:
                    break
                room += one.numbers
                self._settled.pop(oldest, None)  # others go on with theirs
            self._settled[rules] = known
        return known

    def prices(self, items: Indices, now: int) -> NDArray[np.int64]:
        """Return the prices in effect of `items`, int64[k] in minor units; −1 of what is not sold."""
        prices = self._prices[items]
        unasked = prices == _UNASKED
        if unasked.any():
            missing = np.unique(items[unasked])
            self._prices[missing], _, _ = self._snapshot.selling(missing, self._market, now)
            prices = self._prices[items]
        return prices

    def price(self, item: int, now: int) -> int:
        """Return the price in effect of one product, see `prices`."""
        price: int = self._prices.item(item)
        return int(self.prices(np.array([item], np.int32), now)[0]) if price == _UNASKED else price

    def prepare(self, now: int) -> None:
        """Find all that fits what is asked of the whole catalog: asked once, then of what has changed."""
        with self._asking:
            unasked = [number for number in self._predicates.everywhere if number not in self._whole]
            whole = {number: np.zeros(len(self._snapshot), np.bool_) for number in unasked}
            self._ask(whole, np.flatnonzero(self._sold).astype(np.int32), now)
            self._whole = self._whole | whole

    def everywhere(self, number: int, now: int) -> Indices:
        """Return all products of the catalog that are sold and fit one condition, the newest first."""
        if number not in self._found:
            if number not in self._whole:
                self.prepare(now)
            found = np.flatnonzero(self._whole[number] & self._sold).astype(np.int32)
            self._found[number] = found[np.argsort(-self._snapshot.created[found], kind="stable")]
        return self._found[number]

    def chosen(
        self, number: int, now: int, key: object, passing: Callable[[Indices], NDArray[np.bool_]]
    ) -> Chosen:
        """Return of what fits a condition everywhere what passes; `key` tells one way of passing from
        another."""
        found = self._chosen.get((number, key))
        if found is None:
            found = self._chosen[number, key] = Chosen(self.everywhere(number, now), passing)
        return found

    def _ask(self, whole: Mapping[int, Bools], items: Indices, now: int) -> None:
        """Ask the conditions in `whole` of `items`, and note the answers there."""
        if whole and items.size:
            columns = ProductColumns(self._snapshot, self._names, items, self._market, now)
            for number, fits in whole.items():
                fits[items] = self._predicates.fits(number, columns, now)


def _longer(fits: Bools, count: int) -> Bools:
    longer = np.zeros(count, np.bool_)
    longer[: fits.size] = fits
    return longer


def bit(bits: Bits, number: int) -> NDArray[np.bool_]:
    """Tell which rows of bits have that of one condition."""
    fits: NDArray[np.bool_] = (bits[:, number // _WORD] >> np.uint64(number % _WORD) & np.uint64(1)).astype(
        np.bool_
    )
    return fits


def has_bit(row: Sequence[int], number: int) -> bool:
    """Tell whether a row of bits, as many words of 64, has that of one condition."""
    return bool(row[number // _WORD] >> (number % _WORD) & 1)
