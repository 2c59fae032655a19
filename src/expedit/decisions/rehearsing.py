"""A rule tried in every placement before it goes live: which would stand empty, that would not without it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from expedit.catalog import CatalogSnapshot, live_catalog
from expedit.core import evolve
from expedit.decisions.askers import Asker
from expedit.decisions.desk import Trial, desk
from expedit.decisions.live_placements import live_placements
from expedit.decisions.placements import Placement
from expedit.decisions.wire import AskContext
from expedit.merchandising import (
    BrandConflict,
    Complaint,
    Exclude,
    Finding,
    NeverWith,
    Only,
    PriceBand,
    Rule,
    RuleBook,
)
from expedit.storage import Shop

_TAKES_AWAY = Exclude | Only | PriceBand | BrandConflict | NeverWith
_NEW = "new"
"""Id of a rule that has none yet: an empty one is that of a rule left out."""
_PAGES = 5
_SEVERAL = 2
_MOST_TOLD = 3


def emptied_by(shop: Shop, rule: Rule, others: Sequence[Rule]) -> list[Finding]:
    """Return placements that show something to a stranger now, and nothing once `rule` holds there.

    They are asked as shops ask them: without a product, and as on the pages of a few products with something
    in the cart. What the rule waits for (its condition, its beginning) is taken to be so.
    """
    if not isinstance(rule.action, _TAKES_AWAY):
        return []
    at = max(shop.clock(), rule.starts or 0)
    tried = evolve(rule, id=rule.id or _NEW, when={})
    trials = Trial(at, RuleBook(others)), Trial(at, RuleBook([*others, tried]))
    snapshot = live_catalog(shop).current()
    markets = [market for market in rule.markets or (None,) if market is None or market in snapshot.markets]
    found: list[Finding] = []
    for placement in live_placements(shop).current().values():
        if rule.placements and placement.name not in rule.placements:
            continue
        if rule.channels and placement.channel not in rule.channels:
            continue
        emptied = (_emptied(shop, placement, _some(snapshot), market, trials) for market in markets)
        complaint = next((one for one in emptied if one is not None), None)
        if complaint is not None:
            found.append(Finding(rule.id, complaint, "", "placements", placement.name, serious=True))
            if len(found) == _MOST_TOLD:
                break
    return found


def _emptied(
    shop: Shop,
    placement: Placement,
    products: Sequence[str],
    market: str | None,
    trials: tuple[Trial, Trial],
) -> Complaint | None:
    """Tell where a slot that shows something without the rule shows nothing with it: on a page without a
    product, or on all of those pages of products that fill it, of which there must be several."""
    without, with_it = trials
    alone = AskContext(market=market)
    if not _count(shop, placement, alone, with_it) and _count(shop, placement, alone, without):
        return "empties"
    filled = 0
    for product, other in zip(products, (*products[1:], *products[:1]), strict=True):
        context = AskContext(product_ids=(product,), cart=(other,), market=market)
        if _count(shop, placement, context, with_it):
            return None
        filled += _count(shop, placement, context, without) > 0
    return "empties_page" if filled >= _SEVERAL else None


def _some(snapshot: CatalogSnapshot) -> list[str]:
    """Return a few products from all over the catalog."""
    active = np.flatnonzero(snapshot.active)
    places = np.linspace(0, active.size - 1, min(_PAGES, active.size)).astype(np.int64)
    return [snapshot.ids[item] for item in active[places].tolist()]


def _count(shop: Shop, placement: Placement, context: AskContext, trial: Trial) -> int:
    asker = Asker(consented=True, personal=False)
    decision = desk(shop).decide(placement, asker, context, keep=False, trial=trial)
    return len(decision.outcome.shown)
