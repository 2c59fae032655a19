"""How much each act with a product counts as meeting it, where models mix acts.

Usually each counts once. Weights that a shop sets itself (`event_weights`) change that in proportion: a
purchase set to 16, twice the usual 8, counts twice. They are relative to a view, and an act of weight 0 never
happened.
"""

from __future__ import annotations

from collections.abc import Mapping

from expedit.core import Settings
from expedit.profiles import EVENT_WEIGHTS, own_weights

VIEW, PURCHASE = "view_item", "purchase"


def factors_of(settings: Settings) -> Mapping[str, float]:
    """Return how much acts count whose weight differs from the usual, by kind; acts not named count 1.

    Raises
    ------
    InvalidInput
        Naming the weight that is none.
    """
    own = own_weights(settings)
    view = own.get(VIEW, EVENT_WEIGHTS[VIEW]) / EVENT_WEIGHTS[VIEW] or 1.0
    kinds = own.keys() if view == 1.0 else {*own, *EVENT_WEIGHTS, "select_item", "click", "remove_from_cart"}
    found = {kind: _weight(own, kind) / EVENT_WEIGHTS.get(kind, 1) / view for kind in sorted(kinds)}
    return {kind: factor for kind, factor in found.items() if factor != 1.0}


def _weight(own: Mapping[str, int], kind: str) -> int:
    return own.get(kind, EVENT_WEIGHTS.get(kind, 1))
