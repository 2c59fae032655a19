"""What others are said to think of an item: as it was rated and counted, where the placement lets it."""

import pytest

from expedit.catalog import Rating, live_catalog, rating_of
from expedit.core import HOUR, evolve
from expedit.decisions.placements import LOCALES
from expedit.decisions.proving import COUNT_TEXTS, RATING_TEXTS, count_text, rating_text
from expedit.experiments import PERSONALIZED, pin
from expedit.proof import Count, Counts, live_proof
from expedit.storage import write_whole
from tests.decisions.boots import Client, fill, learn, live, product

RATED = {"value": "4.6", "best": 5, "count": 132, "text": "4,6 av 5 (132 omdömen)"}
BOUGHT = {"kind": "bought", "people": 14, "days": 7, "text": "14 har köpt de senaste 7 dagarna"}


@pytest.fixture
def stocked(sqlite_shop):
    shop = sqlite_shop
    shop.settings = evolve(shop.settings, explore_share=0.0)
    fill(shop, product(4, shop.clock(), attributes={"rating": "4.6", "rating_count": "132"}))
    learn(shop)
    pin(shop, PERSONALIZED)
    counted(shop, Count("p4", "SE", "bought", 14, 7), Count("p4", "SE", "viewed", 81, 7),
            Count("p6", "SE", "viewed", 20, 30), Count("p4", "NO", "bought", 6, 30))  # fmt: skip
    return shop


def counted(shop, *counts):
    write_whole(shop.home.proof_path, Counts(shop.clock(), counts))
    live_proof(shop).poll()


@pytest.fixture
def client(stocked):
    return Client(stocked)


def placed(shop, text):
    shop.home.placements_path.write_text(text)
    shop.clock.advance(2_000_000)


def told(decision):
    """Return what is said of others, by product."""
    return {
        item["id"]: {key: item[key] for key in ("rating", "proof") if key in item}
        for item in decision["items"]
        if "rating" in item or "proof" in item
    }


def test_a_decision_tells_what_was_rated_and_counted(client):
    (decision,) = client.decide("home-new", limit=None)
    assert told(decision) == {"p4": {"rating": RATED, "proof": BOUGHT}}
    item = next(item for item in decision["items"] if item["id"] == "p4")
    assert list(item)[-3:] == ["reason", "rating", "proof"]
    (norway,) = client.decide("home-new", market="NO", locale="nb")
    assert told(norway)["p4"]["proof"] == {
        "kind": "bought", "people": 6, "days": 30, "text": "6 har kjøpt de siste 30 dagene",
    }  # fmt: skip
    (explained,) = client.decide("home-new", who={"anonymousId": "dev-1"}, explain=True)
    assert told(explained) == told(decision)
    assert all("trace" in item for item in explained["items"])


def test_a_placement_says_what_may_be_said_and_what_first(client, stocked):
    placed(stocked, '[home-new]\nproof = ["viewed", "bought"]\n[home-trending]\nproof = []\n')
    (news,) = client.decide("home-new")
    assert told(news) == {
        "p4": {"proof": {"kind": "viewed", "people": 81, "days": 7,
                         "text": "81 har tittat på den de senaste 7 dagarna"}},
        "p6": {"proof": {"kind": "viewed", "people": 20, "days": 30,
                         "text": "20 har tittat på den de senaste 30 dagarna"}},
    }  # fmt: skip
    assert told(client.decide("home-trending")[0]) == {}


def test_nobody_is_hurried_at_the_checkout_nor_misled_by_a_mail(client, stocked):
    live(stocked, "view_item", "p4")
    (mail,) = client.decide("mail-for-you")
    assert told(mail) == {"p4": {"rating": RATED}}
    fill(stocked, product(10, stocked.clock(), attributes={"rating": "4.6", "rating_count": "132"}))
    counted(stocked, Count("p10", "SE", "bought", 50, 7))
    (checkout,) = client.decide("checkout-addons", cart=["p4"], cartValue="11000")
    assert told(checkout) == {"p10": {"rating": RATED}}


def test_a_listing_tells_ratings_and_counts_of_its_page(client):
    reply = client.ask("/v1/list", {"writeKey": "wk_test", "context": {"market": "SE", "locale": "en"}})
    assert told(reply.body) == {
        "p4": {
            "rating": {**RATED, "text": "4.6 out of 5 (132 ratings)"},
            "proof": {**BOUGHT, "text": "14 bought in the last 7 days"},
        },
    }  # fmt: skip


def test_what_is_told_follows_catalog_and_counts(client, stocked):
    fill(stocked, product(4, stocked.clock(), attributes={"rating": "4.7", "rating_count": "133"}))
    counted(stocked, Count("p4", "SE", "bought", 15, 7))
    after = told(client.decide("home-new")[0])["p4"]
    assert (after["rating"]["value"], after["rating"]["count"], after["proof"]["people"]) == ("4.7", 133, 15)
    stocked.clock.advance(HOUR)
    assert "proof" not in told(client.decide("home-new")[0])["p4"]  # the count has become old


@pytest.mark.parametrize(
    ("attributes", "rating"),
    [
        ({"rating": "4.6", "rating_count": "132"}, Rating("4.6", 5, 132)),
        ({"average_rating": "4.57", "rating_count": "3"}, Rating("4.5", 5, 3)),
        ({"rating": "4.96", "rating_count": "3"}, Rating("4.9", 5, 3)),  # not all gave five
        ({"rating": "5", "rating_count": "3"}, Rating("5.0", 5, 3)),
        ({"rating": "0.04", "rating_count": "3"}, None),
        ({"rating": "4,25", "review_count": "8"}, Rating("4.2", 5, 8)),
        ({"rating": "9.1 / 10", "rating_count": "8"}, Rating("9.1", 10, 8)),
        ({"rating": "88", "rating_best": "100", "reviews": "8"}, Rating("88.0", 100, 8)),
        ({"rating": "4.6"}, None),
        ({"rating": "4.6", "rating_count": "0"}, None),
        ({"rating": "4.6", "rating_count": "many"}, None),
        ({"rating": "5.1", "rating_count": "9"}, None),
        ({"rating": "0", "rating_count": "9"}, None),
        ({"rating": "PG-13", "rating_count": "9"}, None),
        ({"rating": "4.6", "rating_best": "high", "rating_count": "9"}, None),
        ({"rating_count": "9"}, None),
        ({}, None),
    ],
)
def test_a_rating_is_one_or_nothing(attributes, rating):
    assert rating_of(attributes) == rating


def test_ratings_come_in_by_a_feed(stocked):
    from expedit.catalog import import_catalog

    path = stocked.home.root / "feed.csv"
    path.write_text('id,title,price,rating,rating_count\nn1,New,100 SEK,"4,6",132\n')
    import_catalog(stocked, path)
    live_catalog(stocked).poll()
    snapshot = live_catalog(stocked).current()
    assert rating_of(snapshot.product(snapshot.index["n1"]).attributes) == Rating("4.6", 5, 132)


def test_words_in_every_language():
    one, many = Count("p", "SE", "bought", 14, 1), Count("p", "SE", "viewed", 1234, 7)
    assert [count_text(one, locale) for locale in ("en", "sv", "nb", "fi")] == [
        "14 bought in the last 24 hours", "14 har köpt det senaste dygnet", "14 har kjøpt det siste døgnet",
        "14 bought in the last 24 hours",
    ]  # fmt: skip
    assert count_text(many, "en") == "1,234 looked at this in the last 7 days"
    assert count_text(many, "sv") == "1\N{NO-BREAK SPACE}234 har tittat på den de senaste 7 dagarna"
    assert rating_text(Rating("4.0", 5, 1), "nb") == "4,0 av 5 (1 vurdering)"
    for texts in (RATING_TEXTS, *COUNT_TEXTS.values()):
        assert set(texts) == set(LOCALES)
