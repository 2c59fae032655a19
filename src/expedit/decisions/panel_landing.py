"""What a landing page would show as it stands in its form, before anybody lands on it."""

from __future__ import annotations

from expedit.catalog import live_catalog
from expedit.core import InvalidInput, NotFound, Struct, evolve
from expedit.decisions.desk import desk
from expedit.decisions.inputs import Inputs
from expedit.decisions.landing_wire import LandingBody
from expedit.decisions.landings import Promise, landing_desk
from expedit.decisions.lists import list_desk
from expedit.decisions.preview import note_person
from expedit.decisions.preview_asked import asked_for, told_nobody, told_stand
from expedit.decisions.preview_who import Stand, stand_for
from expedit.decisions.reasons import reason_text
from expedit.decisions.telling import Goods, Teller
from expedit.decisions.wire import AskContext
from expedit.features import Page
from expedit.merchandising import (
    Landing,
    LandingPage,
    LandingWords,
    PageGoods,
    landing_of_form,
    told_arrival,
)
from expedit.storage import Shop
from expedit.web import Html, Reply, Visit

_LONGEST = 200


class Tried(Struct, frozen=True):
    """A page as somebody would see it.

    Parameters
    ----------
    locale, words
        The language that it speaks to the viewer, and what it says.
    goods
        Its products, each with the sentence that visitors read.
    total
        Products that it has.
    promise
        What of the phrase it has; None where none was typed.
    stand
        Who lands on it.
    """

    locale: str
    words: LandingWords
    goods: tuple[tuple[Goods, str], ...]
    total: int
    promise: Promise | None
    stand: Stand


def try_landing(shop: Shop, visit: Visit) -> Reply:
    """Show the page of the form; a part of its page."""
    values: dict[str, object] = {"unfinished": "", "trouble": "", "it": None}
    try:
        found = _tried(shop, visit, landing_of_form(visit))
        values |= {"it": found, "who": told_stand(shop, visit.language, found.stand)}
    except InvalidInput as error:
        values["unfinished"] = error.reason
    except NotFound:
        values["trouble"] = told_nobody(shop, visit.language, asked_for(visit.form)[0])
    return Html("decisions/_landing_tried.html", values)


def _tried(shop: Shop, visit: Visit, page: LandingPage) -> Tried:
    lists = list_desk(shop, desk(shop))
    snapshot, at = live_catalog(shop).current(), shop.clock()
    asked = visit.form.get("p_market", "")
    market = asked if asked in snapshot.markets else next(iter(snapshot.markets))
    stand = stand_for(lists.desk, *asked_for(visit.form), at, market)
    note_person(shop, visit.viewer, stand.person_id)
    inputs = Inputs(market, visit.language)
    context = AskContext(market=market, locale=visit.language)
    arrival = told_arrival("search", "", "", visit.form.get("p_phrase", "")[:_LONGEST])
    situation = evolve(lists.situation(inputs, stand.asker, context, snapshot, at), arrival=arrival)
    shown, promise = landing_desk(shop, lists).show(
        Landing("", 0, page), PageGoods(page).of(snapshot, market, at), inputs, situation, stand.asker,
        LandingBody(context=context), snapshot, measures=False,
    )  # fmt: skip
    teller = Teller(snapshot, market, visit.language, at)
    goods = []
    for item, code in zip(shown.items, shown.codes, strict=True):
        found = teller.goods(snapshot.ids[item])
        category = snapshot.category_label(int(snapshot.category[item]), visit.language)
        brand = snapshot.brands[snapshot.brand[item]]
        goods.append((found, reason_text(code, visit.language, category=category, brand=brand)))
    locale, words = page.said(visit.language, shop.settings.locale)
    return Tried(locale, words, tuple(goods), shown.total, promise, stand)


LANDING_PAGES = (Page("/panel/landing-pages/tried", act=try_landing, act_role="viewer"),)
