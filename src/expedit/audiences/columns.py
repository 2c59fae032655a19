"""The facts of many people as columns; each is made when a condition first asks for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np

from expedit.audiences.facts import KINDS, currency_of, spent, strongest, told_order, told_place
from expedit.audiences.goods import Goods, ProductColumns, offsets_of
from expedit.audiences.vocabulary import PERSON, SPANS
from expedit.core import Column, ColumnTable, ItemsColumn, NumberColumn, gather_column
from expedit.orders import Order
from expedit.profiles import DIMENSIONS, Crowd


class Surroundings:
    """What is known of the people of a crowd beside their profiles; asked only when a condition needs it.

    Parameters
    ----------
    goods
        The catalog.
    markets
        Currency by market, the shop's first market first.
    orders
        Gives the kept orders of each person of a list, in order.
    kinds
        Gives the kinds of identifiers of each person of a list.
    """

    def __init__(
        self,
        goods: Goods,
        markets: Mapping[str, str],
        orders: Callable[[Sequence[str]], list[list[Order]]],
        kinds: Callable[[Sequence[str]], list[list[str]]],
    ) -> None:
        self.goods = goods
        self.markets = markets
        self.orders = orders
        self.kinds = kinds


class PersonColumns:
    """Columns of the people of `crowd` at `now`; see `vocabulary.PERSON`."""

    def __init__(self, crowd: Crowd, around: Surroundings, now: int) -> None:
        self.rows = len(crowd)
        self.crowd = crowd
        self.now = now
        self._around = around
        self._made: dict[tuple[str, ...], Column] = {}

    def column(self, keys: tuple[str, ...]) -> Column | None:
        """Return the column to which `keys` lead."""
        if keys not in self._made:
            self._made[keys] = getattr(self, f"_{keys[0]}")(*keys[1:])
        return self._made[keys]

    # What is one value

    def _first_seen(self) -> Column:
        return NumberColumn(np.array(self.crowd.first_at, np.int64))

    def _last_seen(self) -> Column:
        return NumberColumn(np.array(self.crowd.last_at, np.int64))

    def _market(self) -> Column:
        return gather_column("text", self.crowd.markets)

    def _intent(self) -> Column:
        return gather_column("text", self.crowd.intents)

    def _traits(self, key: str) -> Column:
        return gather_column("scalar", [traits.get(key) for traits in self.crowd.traits])

    def _consents(self, purpose: str) -> Column:
        return gather_column("flag", [consents.get(purpose) for consents in self.crowd.consents])

    def _known_by(self) -> Column:
        return gather_column("texts", self._around.kinds(self.crowd.person_ids))

    def _likes(self, dimension: str) -> Column:
        number = DIMENSIONS.index(dimension)
        weights = [held[number] if held else {} for held in self.crowd.affinities]
        return gather_column("texts", [strongest(dimension, one) for one in weights])

    def _spent(self, span: str) -> Column:
        people = zip(self._orders_kept, self.crowd.markets, strict=True)
        sums = [
            spent(orders, currency_of(market, self._around.markets), SPANS[span], self.now) if orders else 0
            for orders, market in people
        ]
        return NumberColumn(np.array(sums, np.int64))

    # What is a list

    def _bought(self) -> Column:
        lists = self.crowd.purchased
        lines = list(chain.from_iterable(lists))
        own = {
            "at": NumberColumn(np.array([one.at for one in lines], np.int64)),
            "quantity": NumberColumn(np.array([one.quantity for one in lines], np.int64)),
            "size": gather_column("text", [one.size for one in lines]),
        }
        return self._products(lists, [one.product for one in lines], own)

    def _cart(self) -> Column:
        lists = self.crowd.cart
        lines = list(chain.from_iterable(lists))
        own = {
            "at": NumberColumn(np.array([one.at for one in lines], np.int64)),
            "quantity": NumberColumn(np.array([one.quantity for one in lines], np.int64)),
            "price": gather_column("money", [one.price for one in lines]),
        }
        return self._products(lists, [one.product for one in lines], own)

    def _viewed(self) -> Column:
        return self._met("viewed")

    def _carted(self) -> Column:
        return self._met("carted")

    def _wished(self) -> Column:
        return self._met("wished")

    def _met(self, name: str) -> Column:
        kind = KINDS[name]
        lists = [[one for one in recent if one.kind == kind] for recent in self.crowd.recent]
        met = list(chain.from_iterable(lists))
        own: dict[str, Column] = {"at": NumberColumn(np.array([one.at for one in met], np.int64))}
        return self._products(lists, [one.product for one in met], own)

    def _products(self, lists: Sequence[Sequence[Any]], names: list[str], own: dict[str, Column]) -> Column:
        return ItemsColumn(offsets_of(lists), _Lines(self._around.goods.columns(names), own))

    def _visits(self) -> Column:
        lists = self.crowd.visits
        flat = np.array(list(chain.from_iterable(lists)), np.int64)
        return ItemsColumn(offsets_of(lists), ColumnTable(flat.size, {("at",): NumberColumn(flat)}))

    def _channels(self) -> Column:
        told = [[{"name": name, "at": at} for name, at in one.items()] for one in self.crowd.channels]
        return _items("channels", told)

    def _places(self) -> Column:
        return _items(
            "places", [[told_place(name, at) for name, at in one.items()] for one in self.crowd.places]
        )

    def _orders(self) -> Column:
        goods = self._around.goods
        return _items("orders", [[told_order(goods, one) for one in mine] for mine in self._orders_kept])

    @cached_property
    def _orders_kept(self) -> list[list[Order]]:
        return self._around.orders(self.crowd.person_ids)


class _Lines:
    """Product lines: what they say themselves, and what the catalog says of their products."""

    def __init__(self, products: ProductColumns, own: Mapping[str, Column]) -> None:
        self.rows = products.rows
        self._products = products
        self._own = own

    def column(self, keys: tuple[str, ...]) -> Column | None:
        """Return the column to which `keys` lead."""
        return self._own.get(keys[0]) or self._products.column(keys)


class _Objects:
    """Small objects of one field of the vocabulary; each column is made when it is first asked for."""

    def __init__(self, name: str, objects: Sequence[Mapping[str, Any]]) -> None:
        fields = PERSON.fields[name].items
        assert fields is not None
        self.rows = len(objects)
        self._fields = fields.fields
        self._objects = objects
        self._made: dict[str, Column] = {}

    def column(self, keys: tuple[str, ...]) -> Column | None:
        """Return the column to which `keys` lead."""
        (key,) = keys
        if key not in self._made:
            values = [one[key] for one in self._objects]
            self._made[key] = gather_column(self._fields[key].kind, values)
        return self._made[key]


def _items(name: str, lists: Sequence[Sequence[Mapping[str, Any]]]) -> Column:
    return ItemsColumn(offsets_of(lists), _Objects(name, list(chain.from_iterable(lists))))
