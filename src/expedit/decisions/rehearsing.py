"""A rule tried in every placement before it goes live: which would stand empty, that would not without it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from expedit.catalog import CatalogSnapshot, live_catalog
from expedit.core import evolve
from expedit.decisions.askers import Asker
from expedit.decisions.desk import Trial, desk
from expedit.decisions.live_placements import live_placements
from expedit.decisions.placements import Placement
from expedit.decisions.wire import AskContext
from expedit.merchandising import BrandConflict, Exclude, Finding, NeverWith, Only, PriceBand, Rule, RuleBook
from expedit.storage import Shop

_BY_ITSELF = Exclude | Only
_BY_THE_PAGE = PriceBand | BrandConflict | NeverWith
_PAGES = 4
_MOST_TOLD = 3


def emptied_by(shop: Shop, rule: Rule, others: Sequence[Rule]) -> list[Finding]:
    """Return placements that show something to a stranger now, and nothing once `rule` holds there.

    They are asked as shops ask them: without a product, and as on the pages of a few products where the
    rule goes by the page. What the rule waits for (its condition, its beginning) is taken to be so.
    """
    if not isinstance(rule.action, _BY_ITSELF | _BY_THE_PAGE):
        return []
    at = max(shop.clock(), rule.starts or 0)
    without, with_it = RuleBook(others), RuleBook([*others, evolve(rule, when={})])
    snapshot = live_catalog(shop).current()
    found: list[Finding] = []
    for placement in live_placements(shop).current().values():
        if rule.placements and placement.name not in rule.placements:
            continue
        if rule.channels and placement.channel not in rule.channels:
            continue
        for context in _contexts(rule, snapshot):
            if not _count(shop, placement, context, Trial(at, with_it)) and _count(
                shop, placement, context, Trial(at, without)
            ):
                found.append(Finding(rule.id, "empties", "", "placements", placement.name, serious=True))
                break
        if len(found) == _MOST_TOLD:
            break
    return found


def _contexts(rule: Rule, snapshot: CatalogSnapshot) -> Iterator[AskContext]:
    for market in rule.markets or (None,):
        if market is None or market in snapshot.markets:
            yield AskContext(market=market)
            if isinstance(rule.action, _BY_THE_PAGE):
                for product in _some(snapshot):
                    yield AskContext(product_ids=(product,), market=market)


def _some(snapshot: CatalogSnapshot) -> list[str]:
    """Return a few products from all over the catalog."""
    active = np.flatnonzero(snapshot.active)
    places = np.linspace(0, active.size - 1, min(_PAGES, active.size)).astype(np.int64)
    return [snapshot.ids[item] for item in active[places].tolist()]


def _count(shop: Shop, placement: Placement, context: AskContext, trial: Trial) -> int:
    asker = Asker(consented=True, personal=False)
    decision = desk(shop).decide(placement, asker, context, keep=False, trial=trial)
    return len(decision.outcome.shown)
