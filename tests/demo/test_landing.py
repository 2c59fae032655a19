"""The demo's landing pages are in force, speak every language of the shop, and everybody sees them."""

from __future__ import annotations

from expedit.decisions import LANDING, THE_PAGE
from expedit.demo.landing import PAGES, pin_pages, put_up_pages
from expedit.experiments import pinned_arm
from expedit.merchandising import live_landings
from tests.merchandising.goods import goods


def test_both_pages_are_in_force_in_every_language(shop) -> None:
    goods(shop)
    put_up_pages(shop)
    found = live_landings(shop).current().by_slug
    assert set(found) == set(PAGES)
    assert all(set(one.page.words) == {"sv", "nb", "en"} for one in found.values())
    pin_pages(shop)
    assert {pinned_arm(shop, LANDING + slug) for slug in PAGES} == {THE_PAGE}
