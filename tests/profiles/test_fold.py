"""What the fold makes of shopping: a known answer for each rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from expedit.core import DAY, HOUR, MINUTE, to_pack
from expedit.events import EventItem, EventKind, IdentifierKind
from expedit.identity import Key
from expedit.profiles import Affinities, Intent, Profile
from expedit.profiles.affinity import EVENT_WEIGHTS, Tasting
from expedit.profiles.facts import Filed, fact_of
from expedit.profiles.fold import Fold
from expedit.profiles.read import profile_of
from expedit.profiles.state import encode_state
from expedit.profiles.window import MILESTONES, Window, is_milestone
from tests.profiles.histories import START, event, subject

DEVICE = subject("anonymous_id", "d")
HALF_LIFE = 14 * 24


class Story:
    """Events told one after another; `profile` is what they make."""

    def __init__(self) -> None:
        self.at = START
        self.fold = Fold(None, Tasting(HALF_LIFE))
        self.count = 0

    def tell(
        self,
        kind: EventKind,
        *items: EventItem,
        after: int = MINUTE,
        device: str = "",
        ids: Sequence[tuple[IdentifierKind, str]] = (DEVICE,),
        **more: Any,
    ) -> Story:
        self.at += after
        self.count += 1
        fact = fact_of(event(self.at, f"m{self.count}", ids, kind, items, **more))
        assert fact is not None
        self.fold.add(Filed(Key(self.at, f"m{self.count}"), "d", device, fact))
        return self

    @property
    def profile(self) -> Profile:
        return profile_of("p", "p", START, self.at, encode_state(self.fold.state()), to_pack({}), None)

    @property
    def cart(self) -> list[tuple[str, str | None, int]]:
        return [(line.product, line.variant, line.quantity) for line in self.profile.cart]

    @property
    def bought(self) -> list[tuple[str, int]]:
        return [(line.product, line.quantity) for line in self.profile.purchased]


def product(name: str, quantity: int = 1, variant: str | None = None, **more: Any) -> EventItem:
    return EventItem(name, variant, quantity, **more)


def test_the_cart_adds_removes_and_empties_by_purchase() -> None:
    story = Story().tell("add_to_cart", product("a", 2, "a-M", price=100)).tell("add_to_cart", product("b"))
    assert story.cart == [("a", "a-M", 2), ("b", None, 1)]
    story.tell("add_to_cart", product("a", 1, "a-M")).tell("add_to_cart", product("a", 1, "a-L"))
    assert story.cart == [("a", "a-M", 3), ("b", None, 1), ("a", "a-L", 1)]
    story.tell("remove_from_cart", product("a", 2, "a-M"))
    assert story.cart == [("a", "a-M", 1), ("b", None, 1), ("a", "a-L", 1)]
    story.tell("purchase", product("a", 1, "a-M"), product("b"), order_id="o1")
    assert story.cart == [("a", "a-L", 1)]
    story.tell("remove_from_cart", product("a"))
    assert story.cart == []
    assert story.tell("remove_from_cart", product("zzz")).cart == []


def test_a_cart_line_remembers_price_and_time() -> None:
    story = Story().tell("add_to_cart", product("a", price=100)).tell("add_to_cart", product("a"))
    (line,) = story.profile.cart
    assert (line.quantity, line.price, line.at) == (2, 100, story.at)


def test_a_shown_cart_replaces_the_cart_and_keeps_the_age_of_unchanged_lines() -> None:
    story = Story().tell("add_to_cart", product("a", 1, price=5)).tell("add_to_cart", product("b"))
    added = story.profile.cart[0].at
    story.tell("view_cart", product("a"), product("c", 2))
    assert [(line.product, line.quantity, line.price, line.at) for line in story.profile.cart] == [
        ("a", 1, 5, added),
        ("c", 2, None, story.at),
    ]
    assert story.tell("view_cart").cart == [("a", None, 1), ("c", None, 2)]


def test_an_unknown_visitors_cart_leaves_what_other_devices_put_in() -> None:
    story = (
        Story().tell("add_to_cart", product("a"), device="d1").tell("add_to_cart", product("b"), device="d2")
    )
    story.tell("view_cart", product("c"), device="d2")
    assert story.cart == [("a", None, 1), ("c", None, 1)]


def test_an_emptied_cart_is_empty_and_one_that_names_nothing_is_not() -> None:
    story = Story().tell("add_to_cart", product("a"), device="d1").tell("add_to_cart", product("b"))
    assert story.tell("view_cart", device="d1").cart == [("a", None, 1), ("b", None, 1)]
    assert story.tell("view_cart", device="d1", empty=True).cart == [("b", None, 1)]
    assert story.fold.carted == 2
    assert story.tell("view_cart", empty=True).cart == []
    assert story.fold.carted == 0


def test_what_somebody_put_in_while_signed_in_is_in_the_cart_of_their_device() -> None:
    known = [DEVICE, subject("user_id", "u")]
    phone = [subject("anonymous_id", "phone"), subject("user_id", "u")]
    story = Story().tell("add_to_cart", product("a"), ids=known).tell("add_to_cart", product("b"), ids=phone)
    assert story.tell("view_cart", product("a", 3), device=DEVICE[1]).cart == [
        ("b", None, 1),
        ("a", None, 3),
    ]
    assert story.tell("view_cart", device=DEVICE[1], empty=True).cart == [("b", None, 1)]


def test_an_order_that_page_and_server_report_is_bought_once() -> None:
    story = Story().tell("add_to_cart", product("a"))
    story.tell("purchase", product("a", 2), product("b"), order_id="o1")
    story.tell("add_to_cart", product("b")).tell("purchase", product("a", 2), product("b"), order_id="o1")
    assert story.bought == [("a", 2), ("b", 1)]
    assert story.cart == [], "both say that the cart was emptied"
    assert story.tell("purchase", product("a", 2), order_id="o2").bought == [("a", 2), ("b", 1), ("a", 2)]


def test_purchases_are_net_of_refunds_and_cancellations() -> None:
    story = Story().tell("purchase", product("a", 3), product("b", 1), order_id="o1")
    story.tell("purchase", product("a", 1), order_id="o2")
    assert story.bought == [("a", 3), ("b", 1), ("a", 1)]
    story.tell("refund", product("a", 2), order_id="o1")
    assert story.bought == [("a", 1), ("b", 1), ("a", 1)]
    story.tell("refund", product("a", 2), order_id="o1")
    assert story.bought == [("b", 1)]
    story.tell("purchase", product("c"), product("d"), order_id="o3").tell("cancel", order_id="o3")
    assert story.bought == [("b", 1)]
    story.tell("purchase", product("b", -1))
    assert story.bought == []
    assert story.tell("refund", product("b"), order_id="o1").bought == []


def test_recent_products_are_the_newest_first_once_by_kind() -> None:
    story = (
        Story()
        .tell("view_item", product("a"))
        .tell("view_item", product("b"))
        .tell("view_item", product("a"))
    )
    story.tell("add_to_wishlist", product("b"))
    assert [(one.product, one.kind) for one in story.profile.recent] == [
        ("b", "add_to_wishlist"), ("a", "view_item"), ("b", "view_item"),
    ]  # fmt: skip
    story.tell("remove_from_wishlist", product("b")).tell("view_item_list", product("z"))
    assert [one.product for one in story.profile.recent] == ["a", "b"]


def test_affinities_weigh_acts_and_halve_with_each_half_life() -> None:
    story = Story()
    story.at = 4000 * 14 * DAY  # the start of a half-life
    story.tell("view_item", product("a", category="Coats", brand="Ö"), after=0)
    assert story.profile.affinities == Affinities(category={"Coats": 1.0}, brand={"Ö": 1.0})
    story.tell("purchase", product("a", category="Coats", color="red", size="M", price_band="2"), after=0)
    assert story.profile.affinities.category == {"Coats": 1.0 + EVENT_WEIGHTS["purchase"]}
    assert story.profile.affinities.size == {"M": 8.0}
    story.tell("view_item", product("b", category="Boots"), after=14 * DAY)
    assert story.profile.affinities.category == {"Coats": 4.5, "Boots": 1.0}
    story.tell("page_view", after=7 * DAY)
    assert story.profile.affinities.category["Coats"] == pytest.approx(4.5 / 2**0.5, rel=1e-4)
    story.tell("page_view", after=2000 * DAY)
    assert story.profile.affinities == Affinities()


def test_a_session_ends_after_thirty_minutes() -> None:
    story = Story().tell("view_item", product("a")).tell("view_item", product("a"), after=30 * MINUTE - 1)
    story.tell("add_to_cart", product("b")).tell("search", query="tent")
    session = story.profile.session
    assert session is not None
    assert (session.events, session.products, session.query) == (4, ("a", "b"), "tent")
    story.tell("view_item", product("c"), after=30 * MINUTE)
    session = story.profile.session
    assert session is not None
    assert (session.events, session.products, session.started, session.query) == (1, ("c",), story.at, None)
    assert story.profile.events == 5


def test_intent_goes_from_browsing_to_buying_and_back() -> None:
    story = Story().tell("page_view")
    assert story.profile.intent == Intent("browsing", 0.9)
    for name in "abc":
        story.tell("view_item", product(name, category="Coats"))
    assert story.profile.intent == Intent("comparing", 0.9)
    story.tell("view_item", product("z", category="Boots"))
    assert story.profile.intent == Intent("comparing", 0.75)
    story.tell("add_to_cart", product("a"))
    assert story.profile.intent == Intent("deciding", 0.6)
    story.tell("begin_checkout")
    assert story.profile.intent == Intent("buying", 0.8)
    story.tell("add_payment_info")
    assert story.profile.intent == Intent("buying", 0.95)
    story.tell("purchase", product("a"), order_id="o")
    assert story.profile.intent.step == "comparing"


def test_ten_visits_last_week_are_not_one_a_year_ago() -> None:
    def returning(gap: int) -> Intent:
        story = Story()
        for _ in range(3):
            story.tell("view_item", product("a", category="Coats"), after=gap)
        return story.tell("add_to_cart", product("a")).profile.intent

    assert returning(DAY) == Intent("deciding", 0.8)
    assert returning(300 * DAY) == Intent("deciding", 0.6)


def test_lists_do_not_say_what_somebody_likes() -> None:
    story = Story().tell("view_item_list", *(product(name, category="Coats") for name in "abc"))
    assert story.profile.affinities == Affinities()
    assert story.profile.recent == ()


def filed(moments: list[int], names: list[str] | None = None) -> list[Filed]:
    fact = fact_of(event(0, "m", [DEVICE], "page_view"))
    assert fact is not None
    names = names or [f"m{n}" for n in range(len(moments))]
    return [Filed(Key(at, name), "d", "", fact) for at, name in zip(moments, names, strict=True)]


def test_the_window_is_whole_days_before_the_newest_event() -> None:
    window = Window(days=2, most=100)
    noon = START - START % DAY + 12 * HOUR
    facts = filed([noon - 2 * DAY - 12 * HOUR - 1, noon - 2 * DAY - 12 * HOUR, noon])
    assert window.cut(facts) == (facts[1:], False)


def test_a_full_window_starts_at_a_milestone_and_moves_seldom() -> None:
    window = Window(days=10_000, most=300)
    facts = filed([START + n for n in range(2000)])
    starts = []
    for count in range(301, 2001):
        kept, truncated = window.cut(facts[max(0, count - 301) : count])
        assert truncated
        assert len(kept) <= 300
        assert is_milestone(kept[0].key)
        starts.append(kept[0].key)
    assert len(set(starts)) < 3 * 1700 // MILESTONES


def test_a_full_window_without_a_milestone_holds_exactly_the_most() -> None:
    plain = [name for name in (f"m{n}" for n in range(100)) if not is_milestone(Key(0, name))][:30]
    facts = filed([START + n for n in range(30)], plain)
    assert Window(10, 20).cut(facts) == (facts[10:], True)
