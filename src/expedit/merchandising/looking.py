"""Lint of a shop: what is wrong with the rules in force, with drafts, and with what is about to be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from expedit.catalog import CatalogSnapshot, live_catalog
from expedit.core import HOUR, Struct
from expedit.features import list_of
from expedit.merchandising.book import RuleBook
from expedit.merchandising.lint import LISTING, Finding, lint_places, lint_rules
from expedit.merchandising.model import Rule
from expedit.merchandising.rehearsal import stage
from expedit.merchandising.standing import Kept
from expedit.merchandising.store import read_in_force
from expedit.merchandising.vocabulary import CHANNELS
from expedit.storage import Shop

_EVERYWHERE = ("fits_nothing", "fits_everything")


class Looked(Struct, frozen=True):
    """What lint found.

    Parameters
    ----------
    live
        About the rules in force together.
    drafts
        About drafts, as if they were in force, too.
    """

    live: tuple[Finding, ...] = ()
    drafts: tuple[Finding, ...] = ()

    def of(self, rule_id: str) -> list[Finding]:
        """Return what is about one rule, the serious first."""
        found = [one for one in (*self.live, *self.drafts) if one.rule == rule_id]
        return sorted(found, key=lambda one: not one.serious)


class _Last:
    """The last look, kept while nothing changes that it looked at, an hour at most."""

    def __init__(self) -> None:
        self.look: tuple[object, Looked] = None, Looked()


def look_through(shop: Shop, rules: Sequence[Kept]) -> Looked:
    """Look through the rules in force, and through drafts in the place of what they would replace."""
    kept, snapshot = shop.part(_Last, _Last), live_catalog(shop).current()
    live = [one.live.rule for one in rules if one.live is not None]
    newest = [one.newest.rule for one in rules]
    states = tuple((one.newest.version, one.newest.live, one.newest.state) for one in rules)
    key = (
        RuleBook(live).version, RuleBook(newest).version, states, snapshot.version, snapshot.sales.at,
        _places(shop, snapshot), shop.clock() // HOUR,
    )  # fmt: skip
    known_key, looked = kept.look
    if known_key != key:
        found = _lint(shop, live, snapshot)
        drafts = {one.newest.rule.id for one in rules if one.newest.state == "draft"}
        known = {_same(one) for one in found}
        every = [one for one in _lint(shop, newest, snapshot) if one.rule in drafts] if drafts else []
        looked = Looked(tuple(found), tuple(one for one in every if _same(one) not in known))
        kept.look = key, looked
    return looked


def look_at(shop: Shop, rules: Sequence[Rule], market: str = "") -> list[Finding]:
    """Return what would be wrong if all of `rules` were in force, the serious first.

    Parameters
    ----------
    market
        Only there, instead of wherever something is sold.
    """
    found = _lint(shop, rules, live_catalog(shop).current(), market)
    return sorted(found, key=lambda one: not one.serious)


def look_ahead(shop: Shop, rule: Rule) -> list[Finding]:
    """Return what would be wrong once `rule` is in force that is not wrong now, the serious first."""
    snapshot = live_catalog(shop).current()
    with shop.database.reading() as tx:
        others = [one.rule for one in read_in_force(tx) if one.rule.id != rule.id]
    now = {_same(one) for one in _lint(shop, others, snapshot)}
    found = [one for one in _lint(shop, [*others, rule], snapshot) if _same(one) not in now]
    if not any(one.complaint == "empties" for one in found):
        found += stage(shop).rehearse(shop, rule, others)
    return sorted(found, key=lambda one: not one.serious)


def _lint(shop: Shop, rules: Sequence[Rule], snapshot: CatalogSnapshot, only: str = "") -> list[Finding]:
    """Look through rules in every market where something is sold; what is wrong in several is told once."""
    known = _places(shop, snapshot)
    sold = [market for market in snapshot.markets if (snapshot.price_minor(market) >= 0).any()]
    markets = [only] if only else sold
    found: dict[tuple[str, ...], Finding] = {}
    seen: Counter[tuple[str, ...]] = Counter()
    where = {rule.id: [market for market in markets if market in (rule.markets or markets)] for rule in rules}
    for market in markets if rules else ():
        for one in lint_rules(rules, snapshot, market, shop.clock(), known["placements"]):
            if market in where[one.rule]:
                found.setdefault(_same(one), one)
                seen[_same(one)] += 1
    # What fits in one market is no fault of the rule in another.
    fitting = [
        one
        for key, one in found.items()
        if one.complaint not in _EVERYWHERE or seen[key] == len(where[one.rule])
    ]
    return [*lint_places(rules, known), *fitting]


def _places(shop: Shop, snapshot: CatalogSnapshot) -> dict[str, tuple[str, ...]]:
    """Return the placements, channels and markets that a rule may name."""
    channels = {*CHANNELS, *snapshot.locations(), *list_of(shop, "channel", shop.settings.locale)}
    return {
        "placements": (*list_of(shop, "placement", shop.settings.locale), LISTING),
        "channels": tuple(sorted(channels)),
        "markets": tuple(sorted({*shop.settings.markets, *snapshot.markets})),
    }


def _same(finding: Finding) -> tuple[str, ...]:
    return finding.rule, finding.complaint, finding.other, finding.field
