"""The overview: one page whose numbers come by themselves once they are worked out."""

from __future__ import annotations

from typing import Any

from expedit.catalog import Card, live_catalog
from expedit.core import PersonRef, Struct, evolve
from expedit.decisions import live_placements
from expedit.features import MenuItem, Page, PersonPanel
from expedit.identity import person_of
from expedit.insights.answers import overviews
from expedit.insights.asking import EFFECTS, SHARES, TARGET, ask_shown
from expedit.insights.choosing import amount_of, chosen, day_names, major, range_of
from expedit.insights.model import Named, Overview, Plan
from expedit.insights.panel_invoice import INVOICE_PAGES
from expedit.insights.panel_landings import LANDING_FIGURES
from expedit.insights.panel_placements import PLACEMENT_FIGURES
from expedit.insights.statistics import Interval, average, share
from expedit.storage import Shop
from expedit.web import Html, Reply, Visit, number, percent, text

PATH = "/panel/overview"
_TEXT = "insights.overview."


class Figure(Struct, frozen=True):
    """One large figure: its text keys' name, what it is now, and how it changed."""

    name: str
    value: str
    note: str = ""
    change: str = ""
    tone: str = "secondary"


class Row(Struct, frozen=True):
    """A placement or product in a table, with its click-through."""

    name: str
    title: str
    named: Named
    clicked: Interval
    card: Card | None = None


def show_overview(shop: Shop, visit: Visit) -> Reply:
    """Show the frame of the page with what is known; the rest comes by itself."""
    return Html("insights/overview.html", _told(shop, visit))


def show_numbers(shop: Shop, visit: Visit) -> Reply:
    """Show the numbers, or that they are being worked out."""
    return Html("insights/_numbers.html", _told(shop, visit))


def _told(shop: Shop, visit: Visit) -> dict[str, Any]:
    told = chosen(shop, visit)
    answer = overviews(shop).look(told["scope"], told["days"])
    told |= {"answer": answer, "it": answer.found}
    if answer.found is not None:
        told |= _numbers(shop, visit, answer.found)
    return told


def _numbers(shop: Shop, visit: Visit, it: Overview) -> dict[str, Any]:
    language = visit.language
    titles = {name: placement.title(language) for name, placement in live_placements(shop).current().items()}
    return {
        "figures": _figures(language, it),
        "funnel": _funnel(it),
        "placements": [_row(one, titles.get(one.name, one.name)) for one in it.placements if one.spots.seen],
        "products": _products(shop, it, language, visit.at),
        "revenue_chart": _revenue_chart(language, it),
        "arms_chart": _arms_chart(language, it),
        "arms": _arms(language, it),
        "plan": _plan(it.plan),
    }


def _figures(language: str, it: Overview) -> list[Figure]:
    now, before, code = it.now, it.before, it.scope.currency
    spots, spots_before = it.spots, it.spots_before
    clicked, clicked_before = (share(one.clicked, one.seen) for one in (spots, spots_before))
    worth, worth_before = average(now.order_value), average(before.order_value)
    rate = share(now.orders, now.visits)
    part = percent(language, spots.revenue / now.revenue if now.revenue else None)
    of = _TEXT + "of_revenue"
    figures = (
        Figure("visits", number(language, now.visits), text(language, _TEXT + "by_visitors", n=now.visitors)),
        Figure("orders", number(language, now.orders), _between(language, rate, "per_visit")),
        Figure("revenue", amount_of(language, now.revenue, code)),
        Figure("order_value", amount_of(language, worth.value, code), range_of(language, worth, code)),
        Figure("attributed", amount_of(language, spots.revenue, code), text(language, of, share=part)),
        Figure("click_through", percent(language, clicked.value), _between(language, clicked, "of_seen")),
    )
    changes = (
        (now.visits, before.visits),
        (now.orders, before.orders),
        (now.revenue, before.revenue),
        (worth.value, worth_before.value),
        (spots.revenue, spots_before.revenue),
        (clicked.value, clicked_before.value),
    )
    return [_changed(language, figure, *pair) for figure, pair in zip(figures, changes, strict=True)]


def _changed(language: str, figure: Figure, now: float | None, before: float | None) -> Figure:
    if not before or now is None:
        return figure
    change = now / before - 1
    tone = "secondary" if abs(change) < 0.005 else "green" if change > 0 else "red"
    return evolve(figure, change=percent(language, change, signed=True), tone=tone)


def _between(language: str, found: Interval, name: str) -> str:
    if found.low is None or found.high is None:
        return text(language, f"insights.overview.{name}_none")
    low, high = (percent(language, value) for value in (found.low, found.high))
    return text(
        language, f"insights.overview.{name}", share=percent(language, found.value), low=low, high=high
    )


def _funnel(it: Overview) -> list[tuple[str, int, Interval]]:
    """Return each step: its name, how many items, and which share of those of the step before it."""
    spots = it.spots
    steps = [("shown", spots.shown), ("seen", spots.seen), ("clicked", spots.clicked),
             ("carted", spots.carted), ("bought", spots.bought)]  # fmt: skip
    return [
        (name, count, share(count, steps[place - 1][1]) if place else Interval(1.0 if count else None))
        for place, (name, count) in enumerate(steps)
    ]


def _row(one: Named, title: str, card: Card | None = None) -> Row:
    return Row(one.name, title, one, share(one.spots.clicked, one.spots.seen), card)


def _products(shop: Shop, it: Overview, language: str, now: int) -> list[Row]:
    snapshot = live_catalog(shop).current()
    rows = []
    for one in it.products:
        place = snapshot.index.get(one.name)
        market = next((name for name in it.scope.markets if name), "")
        card = None if place is None else snapshot.card(place, market, language, now)
        rows.append(_row(one, one.name if card is None else card.title, card))
    return rows


def _revenue_chart(language: str, it: Overview) -> dict[str, Any]:
    code = it.scope.currency
    return {
        "xAxis": {"type": "category", "data": day_names([one.day for one in it.days])},
        "yAxis": [
            {"type": "value", "name": code},
            {"type": "value", "name": text(language, "insights.overview.orders"), "minInterval": 1,
             "splitLine": {"show": False}},
        ],
        "series": [
            {"type": "bar", "name": text(language, "insights.overview.revenue"),
             "data": [major(one.traffic.revenue, code) for one in it.days]},
            {"type": "line", "name": text(language, "insights.overview.orders"), "yAxisIndex": 1,
             "data": [one.traffic.orders for one in it.days]},
        ],
    }  # fmt: skip


def _arms_chart(language: str, it: Overview) -> dict[str, Any] | None:
    if not any(one.personalized.people or one.held_out.people for one in it.arm_days):
        return None
    code = it.scope.currency
    series = [
        {"type": "line", "name": text(language, f"insights.overview.{name}"), "connectNulls": True,
         "data": [major(arm.mean, code) if arm.people else None for arm in arms]}
        for name, arms in (
            ("personalized", [one.personalized for one in it.arm_days]),
            ("held_out", [one.held_out for one in it.arm_days]),
        )
    ]  # fmt: skip
    return {
        "xAxis": {"type": "category", "data": day_names([one.day for one in it.arm_days])},
        "yAxis": {"type": "value", "name": code},
        "series": series,
    }


def _arms(language: str, it: Overview) -> list[dict[str, Any]]:
    code = it.scope.currency
    return [
        {
            "name": name,
            "arm": arm,
            "bought": share(arm.buyers, arm.people),
            "spent": amount_of(language, average(arm.spent).value, code),
            "range": range_of(language, average(arm.spent), code),
        }
        for name, arm in (("personalized", it.lift.personalized), ("held_out", it.lift.held_out))
    ]


def _plan(plan: Plan) -> dict[str, Any]:
    sizes = sorted({*SHARES, plan.held_share} - {0.0, 1.0})
    return {
        "wait": plan.wait(plan.held_share, TARGET),
        "target": TARGET,
        "effects": EFFECTS,
        "rows": [(size, [plan.wait(size, effect) for effect in EFFECTS]) for size in sizes],
        "suggested": plan.suggested,
        "fits": plan.suggested is None or plan.suggested == plan.held_share,
    }


def show_card(shop: Shop, person: PersonRef, visit: Visit) -> Html:  # noqa: ARG001 - a card's shape
    """Show where the decisions of one person will stand: asking the log must not hold the page up."""
    return Html("insights/_shown_place.html", {"person": person})


def show_decisions_of(shop: Shop, visit: Visit) -> Reply:
    """Show the last decisions that one person was shown."""
    person = person_of(shop.database, visit.path["person_id"])
    found = () if person is None else ask_shown(shop, person.subject_ids)
    titles = {name: one.title(visit.language) for name, one in live_placements(shop).current().items()}
    return Html(
        "insights/_shown.html", {"shown": [(one, titles.get(one.placement, one.placement)) for one in found]}
    )


PAGES = (
    Page("/panel/people/{person_id:str}/decisions", show=show_decisions_of),
    Page(PATH, show=show_overview),
    Page(f"{PATH}/numbers", show=show_numbers),
    *INVOICE_PAGES,
    *PLACEMENT_FIGURES,
    *LANDING_FIGURES,
)
MENU = (MenuItem(PATH, "insights.menu.overview", icon="layout-dashboard", order=10),)
PERSON = (PersonPanel("insights.shown.title", order=50, show=show_card),)
