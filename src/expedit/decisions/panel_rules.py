"""What rules change in a placement or a category's page, before and after side by side: for a rule as it
stands in its form, or for all."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from expedit.audiences import audience_choices
from expedit.catalog import WEB, CatalogSnapshot, live_catalog, named_products
from expedit.core import ExpeditError, InvalidInput, NotFound, Struct, evolve, from_datetime
from expedit.decisions.comparing import Compared, Comparison, compare
from expedit.decisions.comparing_lists import compare_listing
from expedit.decisions.lists import LISTING
from expedit.decisions.live_placements import live_placements
from expedit.decisions.panel_listings import title_of
from expedit.decisions.preview import note_person
from expedit.decisions.preview_asked import asked_for, told_nobody, told_stand
from expedit.decisions.preview_where import Spot, lands, spot_of
from expedit.decisions.telling import Goods, Teller
from expedit.decisions.wire import AskContext
from expedit.features import Page
from expedit.merchandising import Rule, find_rule, live_rules, rule_of_form
from expedit.storage import Shop
from expedit.web import Html, Reply, Suggestion, Visit, text

PREVIEW = "/panel/rules/preview"
NEW = "new"
"""Stands for the id of a rule that has none yet."""

_YEARS = 2000, 2099
_FIRST_WISHED = "home-for-you"
_OF_RULE = "of-rule"
"""Stands for the first place that the rule reaches."""
_FRONT = "/"
_LONGEST_ADDRESS = 2_000
_LONGEST_PATH = 500


class Line(Struct, frozen=True):
    """A product of one of the answers, told: what became of it, and the names of the rules that did it."""

    compared: Compared
    goods: Goods
    rules: tuple[tuple[str, str], ...]


def show_preview(shop: Shop, visit: Visit) -> Reply:
    """Show the fields of a preview; with what it finds, unless they stand inside a rule's page."""
    values = _fields(shop, visit, visit.query)
    if visit.partial:
        return Html("decisions/_preview_fields.html", values)
    values |= _found(shop, visit, visit.query, None)
    return Html("decisions/rules_preview.html", values)


def try_rules(shop: Shop, visit: Visit) -> Reply:
    """Show what a placement, or a category's page, would answer without and with the rule of the form."""
    try:
        typed = _typed_rule(shop, visit)
    except InvalidInput as error:
        return Html("decisions/_preview.html", {"unfinished": error.reason})
    return Html("decisions/_preview.html", _found(shop, visit, visit.form, typed))


def _typed_rule(shop: Shop, visit: Visit) -> Rule | None:
    """Return the rule of the form around the preview, None when there is no such form."""
    if "do" not in visit.form:
        return None
    rule_id = visit.form.get("p_rule", "")
    priority = find_rule(shop, rule_id).rule.priority if rule_id else 1_000_000
    unnamed = text(visit.language, "decisions.rules.this_rule")
    return rule_of_form(shop, visit, rule_id or NEW, priority, unnamed=unnamed)


def _fields(shop: Shop, visit: Visit, asked: Mapping[str, str], typed: Rule | None = None) -> dict[str, Any]:
    rule_id = asked.get("p_rule") or asked.get("rule", "")
    rule = typed or (find_rule(shop, rule_id).rule if rule_id else None)
    titles = {
        name: one.title(visit.language) for name, one in sorted(live_placements(shop).current().items())
    }
    known = [one for one in (_FIRST_WISHED, *titles, LISTING.name) if one in titles or one == LISTING.name]
    offers_own = rule is not None or visit.partial
    wished = asked.get("p_placement", "")
    reached = next((one for one in (rule.placements if rule else ()) if one in known), known[0])
    placement = wished if wished in known else reached
    products = asked.get("p_products", "")
    snapshot = live_catalog(shop).current()
    listing = _listing(snapshot, asked, rule)
    stores = [one for one in snapshot.locations() if one != WEB]
    return {
        "rule_id": rule_id,
        "rule": rule,
        "placements": [
            *([(_OF_RULE, text(visit.language, "decisions.rules.of_rule"))] if offers_own else ()),
            (LISTING.name, text(visit.language, "decisions.rules.a_listing")),
            *((name, f"{title or name} · {name}") for name, title in titles.items()),
        ],
        "placement": placement,
        "chosen": _OF_RULE if offers_own and wished not in known else placement,
        "of_goods": " ".join((_OF_RULE, *titles)),
        "listing": listing,
        "listed": [Suggestion(listing, title_of(snapshot, visit.language, listing))] if listing else [],
        "asked": asked,
        "audiences": audience_choices(shop),
        "markets": list(snapshot.markets),
        "market_choices": [
            ("", text(visit.language, "decisions.rules.by_place")),
            *((one, one) for one in snapshot.markets),
        ],
        "lands": lands(snapshot.markets, stores, visit.language),
        "picked": named_products(shop, products.split(), visit.language),
        "zone": shop.settings.time_zone,
        "unfinished": "",
    }


def _found(shop: Shop, visit: Visit, asked: Mapping[str, str], typed: Rule | None) -> dict[str, Any]:
    """Return both answers, told."""
    values = _fields(shop, visit, asked, typed)
    published = list(live_rules(shop).current().rules)
    rule = values["rule"]
    rules, beside = _both(published, rule)
    trouble, found = "", None
    who, key = asked_for(asked)
    spot = spot_of(values["lands"], asked.get("p_place", ""))
    context = _context(visit, asked, values["markets"], spot)
    try:
        how = context, _moment(shop, asked), rules, who, key
        if values["placement"] == LISTING.name:
            found = compare_listing(shop, _known_listing(shop, visit, values["listing"]), *how)
        else:
            found = compare(shop, values["placement"], *how)
        note_person(shop, visit.viewer, found.stand.person_id)
    except NotFound:
        trouble = told_nobody(shop, visit.language, who)
    except ExpeditError as error:
        trouble = str(error)
    names = {one.id: one.name for one in rules[1]}
    return values | {
        "found": found,
        "trouble": trouble,
        "who_asked": told_stand(shop, visit.language, found.stand) if found else "",
        "spot": spot,
        "tried_at": _name_of_place(values) if values["chosen"] == _OF_RULE else "",
        "names": names,
        "single": rule,
        "beside": beside,
        "holds": found is not None and (rule is None or rule.id in found.held),
        "without": _lines(shop, visit, found, found.left, names) if found else [],
        "with_rules": _lines(shop, visit, found, found.right, names) if found else [],
    }


def _name_of_place(values: Mapping[str, Any]) -> str:
    """Return what the placement, or the category whose page is tried, is called."""
    if values["placement"] != LISTING.name:
        return str(dict(values["placements"])[values["placement"]])
    return " ".join(one.label for one in values["listed"])


def _known_listing(shop: Shop, visit: Visit, path: str) -> str:
    """Return the path of a category that there is."""
    if not path or live_catalog(shop).current().category_code(path) is None:
        raise InvalidInput("", text(visit.language, "decisions.listings.unknown"))
    return path


def _both(published: Sequence[Rule], rule: Rule | None) -> tuple[tuple[Sequence[Rule], Sequence[Rule]], bool]:
    """Return the rules of both answers, and whether `rule` stands in both: as in force, and as a draft."""
    if rule is None:
        return ((), published), False
    others = [one for one in published if one.id != rule.id]
    in_force = next((one for one in published if one.id == rule.id), None)
    beside = in_force is not None and evolve(in_force, priority=rule.priority) != rule
    return (published if beside else others, [*others, rule]), beside


def _lines(
    shop: Shop, visit: Visit, found: Comparison, side: Sequence[Compared], names: Mapping[str, str]
) -> list[Line]:
    teller = Teller(found.snapshot, found.market, visit.language, shop.clock())
    return [
        Line(
            one, teller.goods(one.product), tuple((rule, names[rule]) for rule in one.rules if rule in names)
        )
        for one in side
    ]


def _listing(snapshot: CatalogSnapshot, asked: Mapping[str, str], rule: Rule | None) -> str:
    """Return the category that was chosen, else one that the rule goes by, else the largest; empty when there
    is none."""
    chosen = asked.get("p_listing", "").strip()[:_LONGEST_PATH]
    if chosen:
        return chosen
    named = rule.when.get("page.category") if rule else None
    if isinstance(named, str) and snapshot.in_category(named).size:
        return named
    tops = [path[0] for path in snapshot.category_paths if len(path) == 1]
    return max(tops, key=lambda top: snapshot.in_category(top).size, default="")


def _context(visit: Visit, asked: Mapping[str, str], markets: Sequence[str], spot: Spot | None) -> AskContext:
    """Return what is asked about; where the market is not chosen, it is that of the place."""

    def one(name: str, longest: int = 200) -> str | None:
        return asked.get(name, "").strip()[:longest] or None

    place = spot or Spot("", "")
    market = next((name for name in (asked.get("p_market"), place.country) if name in markets), None)
    typed = one("p_country")
    url, led_here = one("p_url", _LONGEST_ADDRESS), one("p_from", _LONGEST_ADDRESS)
    return AskContext(
        product_ids=_ids(asked.get("p_products", "")),
        cart=_ids(asked.get("p_cart", "")),
        category=one("p_category"),
        query=one("p_query"),
        url=url,
        arrived_at=(url or _FRONT) if led_here else None,
        arrived_from=led_here,
        market=market,
        locale=visit.language,
        country=typed or place.country or None,
        region=None if typed else place.region or None,
        postal_code=one("p_postal") or (None if typed else place.postal or None),
        store=place.store or None,
    )


def _ids(written: str) -> tuple[str, ...] | None:
    found = tuple(dict.fromkeys(name for name in re.split(r"[\s,;]+", written[:2000]) if name))[:50]
    return found or None


def _moment(shop: Shop, asked: Mapping[str, str]) -> int:
    """Return the moment that was typed in the shop's time zone, or now."""
    typed = asked.get("p_at", "").strip()
    if not typed:
        return shop.clock()
    try:
        wall = datetime.fromisoformat(typed)
    except ValueError:
        return shop.clock()
    if not _YEARS[0] <= wall.year <= _YEARS[1]:
        return shop.clock()
    return from_datetime(wall.replace(tzinfo=ZoneInfo(shop.settings.time_zone)))


RULE_PREVIEW_PAGES = (Page(PREVIEW, show=show_preview, act=try_rules, act_role="viewer"),)
