"""What rules change, before and after side by side: for a rule as it stands in its form, or for all."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from expedit.audiences import live_audiences
from expedit.catalog import WEB, live_catalog, named_products
from expedit.core import ExpeditError, InvalidInput, NotFound, Struct, evolve, from_datetime
from expedit.decisions.comparing import Compared, Comparison, compare
from expedit.decisions.live_placements import live_placements
from expedit.decisions.preview import note_person
from expedit.decisions.preview_where import Spot, lands, spot_of
from expedit.decisions.preview_who import WHO
from expedit.decisions.telling import Teller, Told, as_decided
from expedit.decisions.wire import AskContext
from expedit.features import Page
from expedit.merchandising import Rule, find_rule, live_rules, rule_of_form
from expedit.storage import Shop
from expedit.web import Html, Reply, Visit, text

PREVIEW = "/panel/rules/preview"
NEW = "new"
"""Stands for the id of a rule that has none yet."""

_YEARS = 2000, 2099
_FIRST_WISHED = "home-for-you"
_FRONT = "/"
_LONGEST_ADDRESS = 2_000


class Line(Struct, frozen=True):
    """A product of one of the answers, told: what became of it, and the names of the rules that did it."""

    compared: Compared
    told: Told
    rules: tuple[tuple[str, str], ...]


def show_preview(shop: Shop, visit: Visit) -> Reply:
    """Show the fields of a preview; with what it finds, unless they stand inside a rule's page."""
    values = _fields(shop, visit, visit.query)
    if visit.partial:
        return Html("decisions/_preview_fields.html", values)
    values |= _found(shop, visit, visit.query, None)
    return Html("decisions/rules_preview.html", values)


def try_rules(shop: Shop, visit: Visit) -> Reply:
    """Show what a placement would answer without and with the rule that stands in the form."""
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
    return rule_of_form(shop, visit, rule_id or NEW, priority)


def _fields(shop: Shop, visit: Visit, asked: Mapping[str, str]) -> dict[str, Any]:
    rule_id = asked.get("p_rule") or asked.get("rule", "")
    edition = find_rule(shop, rule_id) if rule_id else None
    titles = {
        name: one.title(visit.language) for name, one in sorted(live_placements(shop).current().items())
    }
    scope = edition.rule.placements if edition else ()
    chosen = asked.get("p_placement") or next((one for one in scope if one in titles), "")
    known = [one for one in (_FIRST_WISHED, *titles) if one in titles]
    products = asked.get("p_products", "")
    snapshot = live_catalog(shop).current()
    audiences = live_audiences(shop).newest().values()
    stores = [one for one in snapshot.locations() if one != WEB]
    return {
        "rule_id": rule_id,
        "rule": edition.rule if edition else None,
        "placements": [(name, f"{title or name} · {name}") for name, title in titles.items()],
        "placement": chosen if chosen in titles else known[0],
        "who_choices": [(one, text(visit.language, f"decisions.rules.who_{one}")) for one in WHO],
        "asked": asked,
        "audiences": sorted(((one.audience.id, one.audience.name) for one in audiences), key=_by_name),
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
    values = _fields(shop, visit, asked)
    published = list(live_rules(shop).current().rules)
    rule = typed or values["rule"]
    rules, beside = _both(published, rule)
    trouble, found = "", None
    who = asked.get("p_who", "")
    spot = spot_of(values["lands"], asked.get("p_place", ""))
    context = _context(visit, asked, values["markets"], spot)
    try:
        found = compare(
            shop, values["placement"], context, _moment(shop, asked), rules,
            who, asked.get("p_audience" if who == "audience" else "p_person", "").strip(),
        )  # fmt: skip
        note_person(shop, visit.viewer, found.stand.person_id)
    except NotFound:
        trouble = text(visit.language, _nobody(who, values["audiences"]))
    except ExpeditError as error:
        trouble = str(error)
    names = {one.id: one.name for one in rules[1]}
    return values | {
        "found": found,
        "trouble": trouble,
        "who_asked": _who_asked(shop, visit, found) if found else "",
        "spot": spot,
        "names": names,
        "single": rule,
        "beside": beside,
        "holds": found is not None and (rule is None or rule.id in found.held),
        "without": _lines(shop, visit, found, names, after=False) if found else [],
        "with_rules": _lines(shop, visit, found, names, after=True) if found else [],
    }


def _both(published: Sequence[Rule], rule: Rule | None) -> tuple[tuple[Sequence[Rule], Sequence[Rule]], bool]:
    """Return the rules of both answers, and whether `rule` stands in both: as in force, and as a draft."""
    if rule is None:
        return ((), published), False
    others = [one for one in published if one.id != rule.id]
    in_force = next((one for one in published if one.id == rule.id), None)
    beside = in_force is not None and evolve(in_force, priority=rule.priority) != rule
    return (published if beside else others, [*others, rule]), beside


def _lines(
    shop: Shop, visit: Visit, found: Comparison, names: Mapping[str, str], *, after: bool
) -> list[Line]:
    decision = found.after if after else found.before
    teller = Teller(decision.snapshot, decision.situation.market, visit.language, shop.clock())
    told = [one for one in as_decided(teller, decision) if one.fate == "shown"]
    return [
        Line(one, said, tuple((rule, names[rule]) for rule in one.rules if rule in names))
        for one, said in zip(found.right if after else found.left, told, strict=True)
    ]


def _by_name(audience: tuple[str, str]) -> str:
    return audience[1].casefold()


def _nobody(who: str, audiences: Sequence[tuple[str, str]]) -> str:
    """Return the text that says why there is nobody to ask."""
    if who != "audience":
        return "decisions.preview.nobody"
    return "decisions.preview.nobody_in" if audiences else "decisions.rules.no_audience"


def _who_asked(shop: Shop, visit: Visit, found: Comparison) -> str:
    """Return what somebody who stands for many is, in words; empty when nobody does."""
    example = found.stand.example
    if example is None:
        return ""
    if example.among:
        return text(visit.language, "decisions.rules.example", n=example.among)
    if not example.bought:
        return text(visit.language, "decisions.rules.made_up")
    named = named_products(shop, (example.bought,), visit.language)
    title = named[0].label if named else example.bought
    return text(visit.language, "decisions.rules.made_up_bought", product=title)


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
