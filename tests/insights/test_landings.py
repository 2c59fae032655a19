"""Landing pages measured: visits and clicks of both sides, and a lift whose numbers are known."""

from __future__ import annotations

import pytest

from expedit.core import DAY, HOUR, SECOND
from expedit.decisions import LoggedDecision, LoggedItem, decision_log
from expedit.events import seal
from expedit.identity import identify
from expedit.insights.answers import landing_answers
from expedit.insights.landings import SideVisits, ask_landings
from expedit.insights.panel_landings import show_landing_figures, told
from expedit.insights.placements import WHOLE_SHOP
from expedit.web import Frame, Viewer, Visit, render
from tests.decisions.boots import fill, live
from tests.decisions.landings import put_up

EVA = Viewer("u1", "Eva", "eva@example.com", "merchandiser")


def meet(shop, who, side, *, n=0):
    """Have a person meet the page on a side; return the decision."""
    at = shop.clock()
    subject = identify(shop.secret, "anonymous_id", who).subject_id if side else ""
    name = "landing:autumn-boots"
    shown = (LoggedItem("p2", "listed", "listed"),) if side != "generic" else ()
    found = LoggedDecision(
        f"{at:024x}{n:08x}", at, name, subject, name if side else "", side,
        market="SE", items=shown,
    )  # fmt: skip
    decision_log(shop).write(found)
    return found


@pytest.fixture
def measured(shop):
    fill(shop)
    put_up(shop)
    shop.clock.advance(2 * DAY)
    for n in range(6):
        meet(shop, f"page-{n}", "page", n=n)
        meet(shop, f"generic-{n}", "generic", n=100 + n)
    for n in range(2):
        meet(shop, f"page-{n}", "page", n=200 + n)
    meet(shop, "", "", n=300)
    shop.clock.advance(HOUR)
    return shop


def test_every_visit_is_counted_on_its_side(measured):
    found = ask_landings(measured, WHOLE_SHOP, 30).by_slug["autumn-boots"]
    assert found.compared == SideVisits(8, 0)
    assert found.generic == SideVisits(6, 0)
    assert found.shown == SideVisits(9, 0)
    lift = found.lifts["SEK"]
    assert (lift.personalized.people, lift.held_out.people) == (6, 6)
    assert (lift.personalized.crossovers, lift.revenue.known) == (0, False)


def test_a_click_counts_for_the_visit_that_it_names(measured):
    decision = meet(measured, "page-9", "page", n=900)
    measured.clock.advance(SECOND)
    live(measured, "click", "p2", anonymous="page-9", decision_id=decision.id)
    measured.clock.advance(SECOND)
    live(measured, "click", "p2", anonymous="page-9", decision_id=decision.id)
    measured.clock.advance(HOUR)
    seal(measured)
    found = ask_landings(measured, WHOLE_SHOP, 30).by_slug["autumn-boots"]
    assert found.compared == SideVisits(9, 1)
    assert told(measured, "en", found).clicked == "1"


@pytest.mark.parametrize("language", ["en", "sv", "nb"])
def test_the_panel_tells_it_in_every_language(measured, language):
    visit = Visit(viewer=EVA, language=language, at=measured.clock(), query={"page": "autumn-boots"})
    landing_answers(measured).ask(WHOLE_SHOP, 30)
    page = str(render(show_landing_figures(measured, visit), visit, Frame()))
    assert {"en": "The ordinary page", "sv": "Den vanliga sidan", "nb": "Den vanlige siden"}[language] in page
    listed = Visit(viewer=EVA, language=language, at=measured.clock(), partial=True)
    assert "autumn-boots" in str(render(show_landing_figures(measured, listed), listed, Frame()))
    other = Visit(viewer=EVA, language=language, at=measured.clock(), query={"page": "nobody"})
    assert show_landing_figures(measured, other).values["it"] is None
