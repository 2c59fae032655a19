"""Filters: what a candidate must pass before the best are cut from the list."""

from __future__ import annotations

import numpy as np

from expedit.decisions.model import Bools, Catalog, Indices, Removal, Situation
from expedit.decisions.placements import Placement


class Eligibility:
    """The filters of one placement in one situation.

    They act on whole candidate lists; only *one per group* needs the order and is left to the cut.
    """

    def __init__(self, placement: Placement, situation: Situation, catalog: Catalog) -> None:
        filters = placement.filters
        self._situation = situation
        self._catalog = catalog
        self._in_stock = "in_stock" in filters
        self.one_per_group = "one_per_group" in filters
        excluded: dict[int, Removal] = dict.fromkeys(situation.taken, "shown_above")
        if "not_bought" in filters:
            excluded.update(dict.fromkeys(situation.bought, "just_bought"))
        if "not_in_cart" in filters:
            excluded.update(dict.fromkeys(situation.cart, "in_cart"))
        if "exclude_subject" in filters:
            excluded.update(dict.fromkeys(situation.subjects, "is_subject"))
        self.excluded = excluded
        self._same: Removal | None = None
        if situation.subjects and ("same_category" in filters or "other_category" in filters):
            self._same = "other_category" if "same_category" in filters else "same_category"
            self._categories = frozenset(catalog.category[list(situation.subjects)].tolist())

    def passing(self, items: Indices) -> Bools:
        """Tell which of `items` pass every filter."""
        passed = self._sellable(items)
        if self.excluded:
            excluded = self.excluded
            passed &= np.array([item not in excluded for item in items.tolist()], np.bool_)
        if self._same is not None:
            inside = np.array(
                [code in self._categories for code in self._catalog.category[items].tolist()], np.bool_
            )
            passed &= inside if self._same == "other_category" else ~inside
        return passed

    def reason(self, item: int) -> Removal:
        """Return why `item`, which does not pass, was left out: the first filter that it fails."""
        catalog, situation = self._catalog, self._situation
        if not catalog.active[item]:
            return "retired"
        if catalog.price_minor(situation.market)[item] < 0:
            return "not_sold_here"
        if item in self.excluded:
            return self.excluded[item]
        one = np.array([item], np.int32)
        if not self._sellable(one)[0]:
            return "out_of_stock"
        return self._same or "rule"

    def _sellable(self, items: Indices) -> Bools:
        situation, catalog = self._situation, self._catalog
        if self._in_stock:
            return catalog.sellable(items, situation.market, situation.channel, situation.at)
        return catalog.active[items] & (catalog.price_minor(situation.market)[items] >= 0)
