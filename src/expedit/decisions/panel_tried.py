"""What a placement would answer as it stands in its form, before anybody is shown it."""

from __future__ import annotations

import re
from typing import Any

from expedit.catalog import live_catalog
from expedit.core import ExpeditError, InvalidInput, NotFound
from expedit.decisions.desk import desk
from expedit.decisions.live_placements import PLACEMENTS, live_placements
from expedit.decisions.panel_placements import PLACEMENTS_PATH
from expedit.decisions.placement_form import placement_of_form
from expedit.decisions.placements import Placement
from expedit.decisions.preview import note_person
from expedit.decisions.preview_asked import asked_for, told_nobody, told_stand
from expedit.decisions.preview_who import stand_for
from expedit.decisions.telling import Teller, as_decided, counted
from expedit.decisions.wire import AskContext
from expedit.features import Page
from expedit.storage import Shop
from expedit.web import Html, Reply, Visit, text


def try_placement(shop: Shop, visit: Visit) -> Reply:
    """Show what the placement of the form would answer to whom; a part of its page."""
    try:
        placement = _tried(shop, visit)
    except InvalidInput as error:
        return Html("decisions/_tried.html", {"unfinished": error.reason, "stand": None, "trouble": ""})
    return Html("decisions/_tried.html", _found(shop, visit, placement))


def _tried(shop: Shop, visit: Visit) -> Placement:
    """Return the placement of the form; where there is no form, as it is in force or was kept last."""
    name = visit.path["placement"]
    if "size" in visit.form:
        return placement_of_form(visit, name)
    found = live_placements(shop).newest().get(name)
    if found is None:
        with shop.database.reading() as tx:
            kept = PLACEMENTS.newest(tx, name)
        if kept is None:
            raise NotFound(text(visit.language, "decisions.placement.unknown"))
        found = kept.body
    return found


def _found(shop: Shop, visit: Visit, placement: Placement) -> dict[str, Any]:
    asked, snapshot = visit.form, live_catalog(shop).current()
    market = asked.get("p_market", "")
    market = market if market in snapshot.markets else next(iter(snapshot.markets))
    context = AskContext(
        product_ids=_ids(asked.get("p_products", "")),
        cart=_ids(asked.get("p_cart", "")),
        category=asked.get("p_category", "").strip()[:500] or None,
        market=market,
        locale=visit.language,
    )
    values: dict[str, Any] = {"unfinished": "", "trouble": "", "stand": None}
    who, key = asked_for(asked)
    try:
        stand = stand_for(desk(shop), who, key, shop.clock(), market)
        decision = desk(shop).decide(placement, stand.asker, context, explain=True, keep=False)
    except NotFound:
        return values | {"trouble": told_nobody(shop, visit.language, who)}
    except ExpeditError as error:
        return values | {"trouble": str(error)}
    note_person(shop, visit.viewer, stand.person_id)
    told = as_decided(Teller(snapshot, market, visit.language, shop.clock()), decision)
    named = (*(context.product_ids or ()), *(context.cart or ()))
    return values | {
        "stand": stand,
        "who": told_stand(shop, visit.language, stand),
        "shown": [one for one in told if one.fate == "shown"],
        "left_out": counted(told),
        "below": sum(one.fate == "below" for one in told),
        "considered": decision.outcome.considered,
        "unknown": [name for name in named if snapshot.find(name) is None],
        "title": placement.title(visit.language),
        "size": placement.size,
    }


def _ids(written: str) -> tuple[str, ...] | None:
    found = tuple(dict.fromkeys(name for name in re.split(r"[\s,;]+", written[:2000]) if name))[:50]
    return found or None


TRIED_PAGES = (Page(f"{PLACEMENTS_PATH}/{{placement:str}}/preview", act=try_placement, act_role="viewer"),)
