"""What a listing is of."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from expedit.catalog import CatalogSnapshot
from expedit.core import InvalidInput, Struct
from expedit.decisions.model import Indices
from expedit.decisions.wire import ListFilters

Sort = Literal["recommended", "newest", "price_asc", "price_desc"]
SORTS: tuple[str, ...] = get_args(Sort)


class Inputs(Struct, frozen=True, array_like=True):
    """What a listing is of; the same inputs over the same catalog, model, rules, balance and tastes give the
    same order.

    Parameters
    ----------
    market, locale, channel
        Where, in which language, through what.
    category, product_ids
        What is listed.
    filters, sort
        What it is narrowed to and how it is ordered.
    rules
        Whether the merchandiser's rules are laid over it.
    """

    market: str
    locale: str
    category: str = ""
    product_ids: tuple[str, ...] | None = None
    filters: ListFilters = ListFilters()
    sort: str = "recommended"
    channel: str = "web"
    rules: bool = True


def listed(snapshot: CatalogSnapshot, inputs: Inputs) -> Indices:
    """Return what a listing chooses from: a category and all below it, the named products, or everything.

    Raises
    ------
    InvalidInput
        When there is no such category.
    """
    if inputs.product_ids is not None:
        found = [item for name in inputs.product_ids if (item := snapshot.find(name)) is not None]
        return np.array(list(dict.fromkeys(found)), np.int32)
    if inputs.category:
        if snapshot.category_code(inputs.category) is None:
            raise InvalidInput("category", f"there is no category {inputs.category[:80]!r}")
        return snapshot.in_category(inputs.category)
    return np.flatnonzero(snapshot.active).astype(np.int32)
