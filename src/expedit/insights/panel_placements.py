"""What came of placements, in the panel: beside each in the list, and on the page of each, day by day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from expedit.core import NotFound, Struct
from expedit.decisions import placement_rows
from expedit.features import Page
from expedit.insights.answers import Answer, placement_answers
from expedit.insights.choosing import amount_of, day_names, major
from expedit.insights.model import Lift
from expedit.insights.placements import (
    PLACEMENT_DAYS,
    WHOLE_SHOP,
    PlacementNumbers,
    PlacementsNumbers,
)
from expedit.insights.statistics import Interval, share
from expedit.storage import Shop
from expedit.web import Html, Reply, Visit, number, percent, text

FIGURES = "/panel/placements/figures"


class LiftTold(Struct, frozen=True):
    """The lift of a placement in one currency, in words.

    Parameters
    ----------
    tone
        Green or red where the whole interval lies on one side of zero.
    """

    currency: str
    lift: Lift
    value: str
    between: str

    @property
    def known(self) -> bool:
        """Tell whether there are enough people to say anything."""
        return self.lift.revenue.known

    @property
    def tone(self) -> str:
        """Return how the lift is colored."""
        if not self.lift.revenue.clear:
            return "body"
        return "green" if (self.lift.revenue.value or 0) > 0 else "red"


class FiguresTold(Struct, frozen=True):
    """What came of a placement, in words."""

    numbers: PlacementNumbers
    shown: str
    clicked: str
    click_through: str
    bought: str
    revenue: tuple[str, ...]
    lifts: tuple[LiftTold, ...]


def show_list(shop: Shop, visit: Visit) -> Reply:
    """Show the placements that fit, with what came of each; a part of the list's page."""
    answer = _look(shop)
    found = answer.found.by_name if answer.found else {}
    figures = {name: told(shop, visit.language, one) for name, one in found.items()}
    values = placement_rows(shop, visit.query, visit.language)
    return Html(
        "decisions/_placements.html",
        values | {"figures": figures, "working": answer.found is None and answer.working},
    )


def show_figures(shop: Shop, visit: Visit) -> Reply:
    """Show what came of one placement; a part of its page."""
    name, answer = visit.path["placement"], _look(shop)
    if len(name) > 200:
        raise NotFound(text(visit.language, "decisions.placement.unknown"))
    values: dict[str, Any] = {"name": name, "answer": answer, "it": None, "chart": None}
    found = answer.found.by_name.get(name) if answer.found else None
    if found is not None:
        values |= {"it": told(shop, visit.language, found), "chart": _chart(shop, visit.language, found)}
    return Html("insights/_placement.html", values)


def told(shop: Shop, language: str, found: PlacementNumbers) -> FiguresTold:
    """Return what came of a placement in words; amounts in the order of the shop's currencies."""
    spots = found.spots
    order = list(dict.fromkeys(shop.settings.markets.values()))
    return FiguresTold(
        found,
        number(language, spots.shown),
        number(language, spots.clicked),
        told_share(language, share(spots.clicked, spots.seen)),
        number(language, spots.bought),
        tuple(amount_of(language, found.revenue[code], code) for code in order if code in found.revenue),
        told_lifts(language, order, found.lifts),
    )


def _look(shop: Shop) -> Answer[PlacementsNumbers]:
    return placement_answers(shop).look(WHOLE_SHOP, PLACEMENT_DAYS)


def told_lifts(language: str, order: Sequence[str], lifts: Mapping[str, Lift]) -> tuple[LiftTold, ...]:
    """Return lifts in words, in the order of the currencies."""
    several = len(order) > 1
    return tuple(_lift(language, code, lifts[code], several) for code in order if code in lifts)


def told_share(language: str, found: Interval, *, signed: bool = False) -> str:
    """Return a share and its bounds in words; a signed one its bounds alone. Empty without bounds."""
    if found.low is None or found.high is None:
        return ""
    value, low, high = (percent(language, one, signed=signed) for one in (found.value, found.low, found.high))
    return f"{low} – {high}" if signed else f"{value} ({low} – {high})"


def _lift(language: str, code: str, lift: Lift, several: bool) -> LiftTold:
    value = percent(language, lift.revenue.value, signed=True)
    said = f"{value} {code}" if several else value
    return LiftTold(code, lift, said, told_share(language, lift.revenue, signed=True))


def _chart(shop: Shop, language: str, found: PlacementNumbers) -> dict[str, Any]:
    """Return clicks and purchases by day as bars, and revenue of each currency as a line."""
    revenue = text(language, "decisions.numbers.revenue")
    codes = [code for code in dict.fromkeys(shop.settings.markets.values()) if code in found.revenue]

    def bars(name: str) -> dict[str, Any]:
        data = [getattr(one.spots, name) for one in found.days]
        return {"type": "bar", "name": text(language, f"decisions.numbers.{name}"), "data": data}

    return {
        "xAxis": {"type": "category", "data": day_names([one.day for one in found.days])},
        "yAxis": [
            {"type": "value", "minInterval": 1},
            {"type": "value", "name": " / ".join(codes), "splitLine": {"show": False}},
        ],
        "series": [
            bars("clicked"),
            bars("bought"),
            *(
                {"type": "line", "name": f"{revenue} {code}", "yAxisIndex": 1,
                 "data": [major(one.revenue.get(code, 0), code) for one in found.days]}
                for code in codes
            ),
        ],
    }  # fmt: skip


PLACEMENT_FIGURES = (
    Page(FIGURES, show=show_list),
    Page("/panel/placements/{placement:str}/figures", show=show_figures),
)
