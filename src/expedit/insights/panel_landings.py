"""What came of landing pages, in the panel: beside each in the list, and on the page of each."""

from __future__ import annotations

from expedit.core import Struct
from expedit.features import Page
from expedit.insights.answers import landing_answers
from expedit.insights.choosing import amount_of
from expedit.insights.landings import LANDING_DAYS, LandingNumbers
from expedit.insights.model import Arm
from expedit.insights.panel_placements import LiftTold, told_lifts, told_share
from expedit.insights.placements import WHOLE_SHOP
from expedit.insights.statistics import share
from expedit.merchandising import landing_rows
from expedit.storage import Shop
from expedit.web import Html, Reply, Visit, number

FIGURES = "/panel/landing-pages/figures"


class SideTold(Struct, frozen=True):
    """One side of the comparison in one currency, in words."""

    name: str
    visits: str
    people: str
    bought: str
    spent: str


class LandingTold(Struct, frozen=True):
    """What came of a landing page, in words."""

    numbers: LandingNumbers
    visits: str
    clicked: str
    click_through: str
    bought: str
    revenue: str
    lifts: tuple[LiftTold, ...]
    sides: tuple[tuple[LiftTold, tuple[SideTold, ...]], ...]


def show_landing_figures(shop: Shop, visit: Visit) -> Reply:
    """Show the pages that fit with what came of each, or what came of one."""
    answer = landing_answers(shop).look(WHOLE_SHOP, LANDING_DAYS)
    found = answer.found.by_slug if answer.found else {}
    slug = visit.query.get("page", "")
    if slug:
        it = told(shop, visit.language, found[slug]) if slug in found else None
        return Html("insights/_landing.html", {"slug": slug, "answer": answer, "it": it})
    figures = {name: told(shop, visit.language, one) for name, one in found.items()}
    values = landing_rows(shop, visit.query, visit.language)
    return Html(
        "merchandising/_landings.html",
        values | {"figures": figures, "working": answer.found is None and answer.working},
    )


def told(shop: Shop, language: str, found: LandingNumbers) -> LandingTold:
    """Return what came of a page in words; amounts in the order of the shop's currencies."""
    lifts = told_lifts(language, list(dict.fromkeys(shop.settings.markets.values())), found.lifts)
    spent = {one.currency: one.lift.personalized for one in lifts}
    return LandingTold(
        found,
        number(language, found.shown.visits),
        number(language, found.shown.clicked),
        told_share(language, share(found.shown.clicked, found.shown.visits)),
        number(language, sum(arm.buyers for arm in spent.values())),
        " · ".join(
            amount_of(language, arm.spent.total, code) for code, arm in spent.items() if arm.spent.total
        ),
        lifts,
        tuple((one, _sides(language, found, one)) for one in lifts),
    )


def _sides(language: str, found: LandingNumbers, told: LiftTold) -> tuple[SideTold, ...]:
    def side(name: str, visits: int, arm: Arm) -> SideTold:
        return SideTold(
            name, number(language, visits), number(language, arm.people), number(language, arm.buyers),
            amount_of(language, arm.spent.mean if arm.people else None, told.currency),
        )  # fmt: skip

    return (
        side("page", found.compared.visits, told.lift.personalized),
        side("generic", found.generic.visits, told.lift.held_out),
    )


LANDING_FIGURES = (Page(FIGURES, show=show_landing_figures),)
