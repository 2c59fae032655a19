"""Decisions in the panel: why each answer was what it was, and what came of it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from expedit.catalog import WEB, live_catalog, product_at
from expedit.core import DAY, NotFound, Struct
from expedit.decisions.again import execute_again
from expedit.decisions.came_of import ask_came_of
from expedit.decisions.desk import desk
from expedit.decisions.landings import GENERIC, PREFIX, THE_PAGE
from expedit.decisions.live_placements import live_placements
from expedit.decisions.log import find_decision
from expedit.decisions.panel_landing import LANDING_PAGES
from expedit.decisions.panel_listings import LISTING_MENU, LISTING_PAGES
from expedit.decisions.panel_pick import PICK_PAGES
from expedit.decisions.panel_placement import PLACEMENT_PAGES
from expedit.decisions.panel_placements import PLACEMENT_LIST, PLACEMENT_MENU, PLACEMENTS_PATH
from expedit.decisions.panel_rules import RULE_PREVIEW_PAGES
from expedit.decisions.panel_tried import TRIED_PAGES
from expedit.decisions.recent import DecisionSearch, recent_decisions, removed_lately
from expedit.decisions.record import LoggedDecision
from expedit.decisions.telling import (
    Goods,
    Teller,
    as_decided,
    as_logged,
    counted,
    decision_again,
    reasons_in_words,
)
from expedit.experiments import HELD_OUT, HOLDOUT, PERSONALIZED
from expedit.features import Health, MenuItem, Page
from expedit.identity import person_of
from expedit.merchandising import live_landings
from expedit.storage import Shop
from expedit.web import Html, Redirect, Reply, Visit, in_every_language, text

DECISIONS = "/panel/decisions"
LISTING = "list"
_ID = re.compile(r"[0-9a-f]{32}")
_LATELY = 7 * DAY
_MOST_TOLD = 300
_FIRST_TOLD = 12
_ARMS = {
    (HOLDOUT, PERSONALIZED): "personalized",
    (HOLDOUT, HELD_OUT): "held_out",
    (PREFIX, THE_PAGE): "page",
    (PREFIX, GENERIC): "generic",
}


class DecisionRow(Struct, frozen=True):
    """A decision in a list: what its placement is called, its first products, and whose it was."""

    logged: LoggedDecision
    title: str
    goods: tuple[Goods, ...]
    person: str


def show_decisions(shop: Shop, visit: Visit) -> Reply:
    """List the newest decisions, or lead to the one whose id was given."""
    asked = visit.query
    wanted_id = asked.get("id", "").strip().lower()
    if _ID.fullmatch(wanted_id):
        return Redirect(f"{DECISIONS}/{wanted_id}")
    person = asked.get("person", "").strip()
    subjects = None
    if person:
        known = person_of(shop.database, person)
        subjects = frozenset(known.subject_ids) if known else frozenset({person})
    snapshot = live_catalog(shop).current()
    product = asked.get("product", "").strip()
    place = snapshot.find(product) if product else None
    wanted = DecisionSearch(
        placement=asked.get("placement", "")[:100],
        product=product if place is None else snapshot.ids[place],
        subjects=subjects,
    )
    found = recent_decisions(shop, wanted, asked.get("after", ""), limit=40)
    pages = live_landings(shop).current().by_slug
    names = sorted({*live_placements(shop).current(), LISTING, *(PREFIX + slug for slug in pages)})
    return Html(
        "decisions/decisions.html",
        {
            "rows": _rows(shop, visit, found.decisions),
            "found": found,
            "placements": [(name, placement_title(shop, visit.language, name)) for name in names],
            "wanted": wanted,
            "person": person,
            "product": product,
            "no_such_id": bool(wanted_id),
            "narrowed": bool(wanted.placement or product or person),
            "first": bool(asked.get("after")),
        },
    )


def placement_title(shop: Shop, language: str, name: str) -> str:
    """Return what people call a placement; its name when it is in the file no longer."""
    if name == LISTING:
        return text(language, "decisions.list.listing")
    if name.startswith(PREFIX):
        landing = live_landings(shop).current().by_slug.get(name.removeprefix(PREFIX))
        called = landing.page.name if landing is not None else name.removeprefix(PREFIX)
        return text(language, "decisions.landing.titled", name=called)
    placement = live_placements(shop).current().get(name)
    return (placement.title(language) if placement else "") or name


def _by_filters(removed: Mapping[str, int]) -> dict[str, int]:
    return {reason: count for reason, count in removed.items() if reason != "rule"}


def _rows(shop: Shop, visit: Visit, decisions: tuple[LoggedDecision, ...]) -> list[DecisionRow]:
    snapshot = live_catalog(shop).current()
    people: dict[str, str] = {}
    rows = []
    for one in decisions:
        teller = Teller(snapshot, one.market, visit.language, shop.clock())
        if one.subject and one.subject not in people:
            person = person_of(shop.database, one.subject)
            people[one.subject] = person.person_id if person else ""
        goods = tuple(teller.goods(item.product) for item in one.items[:5])
        title = placement_title(shop, visit.language, one.placement)
        rows.append(DecisionRow(one, title, goods, people.get(one.subject, "")))
    return rows


def show_decision(shop: Shop, visit: Visit) -> Reply:
    """Show one decision: what it rested on, every candidate, and what became of each."""
    logged = _logged(shop, visit)
    snapshot = live_catalog(shop).current()
    teller = Teller(snapshot, logged.market, visit.language, shop.clock())
    person = person_of(shop.database, logged.subject) if logged.subject else None
    landing = logged.placement.removeprefix(PREFIX) if logged.placement.startswith(PREFIX) else ""
    listing = logged.placement == LISTING or bool(landing)
    again = None if listing else execute_again(shop, logged)
    told = as_logged(teller, logged)
    source = "logged"
    if again is not None and (again.same or not logged.full):
        placement = live_placements(shop).current()[logged.placement]
        told = as_decided(teller, decision_again(desk(shop), placement, logged, again, visit.language))
        source = "again"
    shown = [one for one in told if one.fate == "shown"]
    below = [one for one in told if one.fate == "below"]
    removed = [one for one in told if one.fate == "removed"]
    most = _MOST_TOLD if visit.query.get("all") == "yes" else _FIRST_TOLD
    return Html(
        "decisions/decision.html",
        {
            "logged": logged,
            "title": placement_title(shop, visit.language, logged.placement),
            "items": [teller.item(item, rank) for rank, item in enumerate(logged.items, 1)],
            "person": person.person_id if person else "",
            "arm": arm_told(logged, visit.language),
            "listing": listing,
            "landing": landing,
            "again": again,
            "steps": [
                (step, reasons_in_words(_by_filters(step.removed), visit.language)) for step in again.steps
            ] if again else [],
            "source": source,
            "candidates": [*shown, *below[:most]],
            "removed": removed[:most],
            "counts": counted(told),
            "more": max(len(below) - most, 0) + max(len(removed) - most, 0),
            "whole": most == _MOST_TOLD,
            "inputs": {
                name: [teller.goods(one) for one in getattr(logged.inputs, name)]
                for name in ("products", "cart", "session", "taken")
            },
        },
    )  # fmt: skip


def arm_told(logged: LoggedDecision, language: str) -> str:
    """Return on which side of which comparison somebody is; empty for those who take no part in any."""
    experiment = PREFIX if logged.experiment.startswith(PREFIX) else logged.experiment
    arm = _ARMS.get((experiment, logged.arm))
    if arm is None:
        return f"{logged.experiment}: {logged.arm}" if logged.arm else ""
    return text(language, f"decisions.arm.{arm}")


def show_outcome(shop: Shop, visit: Visit) -> Reply:
    """Show what came of a decision; a part of its page."""
    logged = _logged(shop, visit)
    teller = Teller(live_catalog(shop).current(), logged.market, visit.language, shop.clock())
    acts = [(act, teller.goods(act.product)) for act in ask_came_of(shop, logged)]
    return Html("decisions/_outcome.html", {"acts": acts, "minutes": shop.settings.seal_minutes})


def _logged(shop: Shop, visit: Visit) -> LoggedDecision:
    try:
        return find_decision(shop, visit.path["decision"])
    except NotFound:
        raise NotFound(text(visit.language, "decisions.decision.unknown")) from None


def show_product_decisions(shop: Shop, visit: Visit) -> Reply:
    """Show which decisions showed a product lately, and why others did not; a part of its page."""
    snapshot = live_catalog(shop).current()
    product = product_at(visit.path["product"])
    found = recent_decisions(shop, DecisionSearch(product=product), limit=8, seconds=1.5)
    place = snapshot.index.get(product)
    where: list[tuple[str, str]] = []
    for market in snapshot.markets if place is not None else ():
        if not snapshot.active[place]:
            where.append((market, "retired"))
        elif snapshot.price_minor(market)[place] < 0:
            where.append((market, "not_sold_here"))
        elif not snapshot.sellable([place], market, WEB, shop.clock())[0]:
            where.append((market, "out_of_stock"))
        else:
            where.append((market, ""))
    removed = removed_lately(shop, product, shop.clock() - _LATELY)
    return Html(
        "decisions/_product.html",
        {
            "product": product,
            "rows": _rows(shop, visit, found.decisions),
            "where": [
                (market, reasons_in_words({reason: 1}, visit.language)[0][0] if reason else "")
                for market, reason in where
            ],
            "removed": [
                (placement, reasons_in_words({reason: 1}, visit.language)[0][0], count)
                for (placement, reason), count in removed.items()
            ],
            "more": bool(found.after),
        },
    )


def placements_health(shop: Shop) -> list[Health]:
    """Tell whether the placements file on disk is in force, and every edition of the panel."""
    live = live_placements(shop)
    complaint = live.complaint
    if complaint is None and live.refused:
        spoken = in_every_language("decisions.health.refused", names=", ".join(sorted(live.refused)))
        return [Health("placements", "warning", spoken["en"], PLACEMENTS_PATH, spoken=spoken)]
    if complaint is None:
        return [Health("placements", "ok", "placements.toml is in force", PLACEMENTS_PATH)]
    spoken = in_every_language("decisions.health.placements", complaint=complaint)
    return [Health("placements", "warning", spoken["en"], PLACEMENTS_PATH, spoken=spoken)]


PAGES = (
    *LISTING_PAGES,
    *LANDING_PAGES,
    *RULE_PREVIEW_PAGES,
    *PLACEMENT_LIST,
    *PLACEMENT_PAGES,
    *TRIED_PAGES,
    *PICK_PAGES,
    Page(DECISIONS, show=show_decisions),
    Page(f"{DECISIONS}/{{decision:str}}", show=show_decision),
    Page(f"{DECISIONS}/{{decision:str}}/outcome", show=show_outcome),
    Page("/panel/catalog/{product:str}/decisions", show=show_product_decisions),
)
_GROUP = "web.group.personalization"
MENU = (
    PLACEMENT_MENU,
    LISTING_MENU,
    MenuItem(DECISIONS, "decisions.menu.decisions", icon="list-search", order=320, group=_GROUP),
)
